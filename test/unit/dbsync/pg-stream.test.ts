import { describe, expect, it } from 'vitest';
import {
  formatLsn,
  type Message,
  parseLsn,
  parseMessage,
  type Relation,
} from '../../../src/dbsync/postgres/pgoutput.ts';
import { standbyStatus } from '../../../src/dbsync/postgres/stream.ts';
import { Assembler } from '../../../src/dbsync/postgres/transactions.ts';

const relation: Relation = {
  ...{ id: 7, schema: 'public', table: 't', identity: 'd' },
  columns: [
    { name: 'id', isKey: true },
    { name: 'v', isKey: false },
  ],
};
const begin = (at: number, final: bigint): Message => ({ kind: 'begin', at, final });
const row: Message = { kind: 'insert', relation: 7, row: ['1', 'a'] };

function run(assembler: Assembler, messages: readonly Message[]) {
  return messages.flatMap((one) => assembler.take(one) ?? []);
}

describe('parseMessage', () => {
  it('reads values, nulls and values that were not sent', () => {
    const bytes = Buffer.concat([
      Buffer.from('U\0\0\0\x07N\0\x03t\0\0\0\x03', 'latin1'),
      Buffer.from('aü'),
      Buffer.from('nu', 'latin1'),
    ]);
    expect(parseMessage(bytes)).toEqual({ kind: 'update', relation: 7, old: undefined, row: ['aü', null, undefined] });
  });
  it('refuses bytes that would become other text', () => {
    const value = (bytes: readonly number[]) =>
      parseMessage(Buffer.from([...Buffer.from('I\0\0\0\x07N\0\x01t\0\0\0', 'latin1'), bytes.length, ...bytes]));
    expect(() => value([0x67, 0xfc])).toThrow(/no text in UTF-8/);
    expect(value([0xef, 0xbf, 0xbd])).toMatchObject({ row: ['\uFFFD'] });
  });
  it('refuses what it does not know', () => {
    expect(() => parseMessage(Buffer.from('I\0\0\0\x07N\0\x01x', 'latin1'))).toThrow(RangeError);
  });
});

describe('places in the log', () => {
  it.each(['0/0', '16/B374D848', 'FFFFFFFF/FFFFFFFF'])('%s is read and written', (text) =>
    expect(formatLsn(parseLsn(text))).toBe(text),
  );
  it('are told to the sender as received, flushed and applied', () => {
    const bytes = standbyStatus(5n, 946_684_800_001);
    expect([bytes.length, bytes.readBigUInt64BE(1), bytes.readBigUInt64BE(9), bytes.readBigUInt64BE(17)]).toEqual([
      34,
      5n,
      5n,
      5n,
    ]);
    expect(bytes.readBigInt64BE(25)).toBe(1000n);
  });
});

describe('Assembler', () => {
  it('gives large rows in parts of a few, so that no transaction fills the memory', () => {
    const large: Message = { kind: 'insert', relation: 7, row: ['1', 'a'.repeat(3_000_000)] };
    const found = run(new Assembler('echo', 0, 0n), [
      { kind: 'relation', relation },
      ...[begin(90, 9n), large, large, large, large, { kind: 'commit', end: 10n } as const],
    ]);
    expect(found.map((one) => 'changes' in one && [one.changes.length, one.first, one.end])).toEqual([
      [3, true, undefined],
      [1, false, 10n],
    ]);
  });
  it('gives a transaction at its commit, with what the other master had seen', () => {
    const found = run(new Assembler('echo', 50, 0n), [
      { kind: 'relation', relation },
      ...[begin(90, 9n), { kind: 'origin', name: 'echo' } as const, row, { kind: 'commit', end: 10n } as const],
      ...[begin(100, 11n), row, { kind: 'commit', end: 12n } as const],
    ]);
    expect(found).toEqual([{ emptyEnd: 10n }, expect.objectContaining({ at: 100, seen: 90, first: true, end: 12n })]);
  });
  it('leaves what was applied before, and still learns from its echoes', () => {
    const assembler = new Assembler('echo', 50, 12n);
    const found = run(assembler, [
      { kind: 'relation', relation },
      ...[begin(90, 9n), { kind: 'origin', name: 'echo' } as const, { kind: 'commit', end: 10n } as const],
      ...[begin(100, 11n), row, { kind: 'commit', end: 12n } as const],
    ]);
    expect(found).toEqual([{ emptyEnd: 10n }, { emptyEnd: 12n }]);
    expect(assembler.seen).toBe(90);
  });
  it('cuts a large transaction into parts, of which the last has the end', () => {
    const many = Array.from({ length: 2001 }, () => row);
    const found = run(new Assembler('echo', 0, 0n), [
      { kind: 'relation', relation },
      begin(1, 1n),
      ...many,
      { kind: 'commit', end: 2n },
    ]);
    expect(found.map((one) => ('changes' in one ? [one.changes.length, one.first, one.end] : []))).toEqual([
      [2000, true, undefined],
      [1, false, 2n],
    ]);
  });
  it("of Tandem's own tables only beats and definitions cross", () => {
    const own = (id: number, table: string): Message => ({
      kind: 'relation',
      relation: { ...relation, id, schema: 'tandemsync', table },
    });
    const found = run(new Assembler('echo', 0, 0n), [
      ...[own(1, 'local_mark'), own(2, 'heartbeat'), begin(1, 1n)],
      ...[1, 2].map((id): Message => ({ kind: 'insert', relation: id, row: ['m1', '2'] })),
      { kind: 'commit', end: 2n },
    ]);
    expect(found).toEqual([expect.objectContaining({ changes: [expect.objectContaining({ kind: 'insert' })] })]);
  });
});
