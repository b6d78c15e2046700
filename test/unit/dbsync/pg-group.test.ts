import { expect, it } from 'vitest';
import { groupSize } from '../../../src/dbsync/postgres/follow.ts';
import type { Change, Part } from '../../../src/dbsync/postgres/transactions.ts';

const relation = { id: 1, schema: 'public', table: 't', identity: 'd', columns: [] };
const insert: Change = { kind: 'insert', relation, row: [] };
const truncate: Change = { kind: 'truncate', tables: [relation], restart: false };
const define: Change = { kind: 'define', definition: { role: 'bob', path: '', tag: '', n: 0, query: '', objects: '' } };

function part(at: number, changes: readonly Change[] = [insert], over: Partial<Part> = {}): Part {
  return { at, final: BigInt(at), seen: 0, changes, first: true, end: BigInt(at + 1), bytes: 1, ...over };
}

const many = (count: number, stepMicro = 1000): Part[] => Array.from({ length: count }, (_, n) => part(n * stepMicro));
const after = (count: number, one: Part): Part[] => [...many(count), one, ...many(60)];

it.each<readonly [string, readonly Part[], number]>([
  ['nothing waits', [], 1],
  ['few wait: each by itself, so that lag is as small as it can be', many(49), 1],
  ['many wait: as one, up to a hundred changes', many(300), 100],
  ['changes count, not transactions', Array.from({ length: 60 }, (_, n) => part(n, [insert, insert, insert])), 33],
  ['of one second only', many(300, 100_000), 11],
  [
    'a large one goes by itself',
    [
      part(
        0,
        Array.from({ length: 101 }, () => insert),
      ),
      ...many(60),
    ],
    1,
  ],
  ['what locks a table goes by itself', after(5, part(9, [truncate])), 5],
  ['what defines goes by itself', after(5, part(9, [define])), 5],
  ['a part of a larger one goes by itself', after(5, part(9, [insert], { end: undefined })), 5],
])('%s', (_what, parts, size) => {
  expect(groupSize(parts)).toBe(size);
});
