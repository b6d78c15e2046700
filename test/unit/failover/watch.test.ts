import { describe, expect, it } from 'vitest';
import type { WatchConfig } from '../../../src/config-watch.ts';
import { Invalid } from '../../../src/errors.ts';
import { openBook } from '../../../src/failover/checks/book.ts';
import { declareChecks, targetsOf } from '../../../src/failover/checks/declare.ts';
import { checkKinds } from '../../../src/failover/checks/kinds/index.ts';
import { holdOf, mergeNotes, type Note, withNote } from '../../../src/failover/state/notes.ts';
import type { Order } from '../../../src/failover/verdict/orders.ts';
import { settle } from '../../../src/failover/verdict/settle.ts';
import { gatherFacts } from '../../../src/failover/watch/gate.ts';

const timing = { everyMs: 3000, retryMs: 500, timeoutMs: 1500, attempts: 3, jitter: 0, turnMs: 1000, askMs: 2000 };
const places = [
  { id: 'm1', kind: 'master', site: 'A', address: '192.0.2.1' },
  { id: 'm2', kind: 'master', site: 'B', address: '192.0.2.2' },
];
/** Only what the declaration reads. */
const config = (checks: readonly Record<string, unknown>[]): WatchConfig =>
  ({ timing, places, checks: checks.map((one) => ({ vital: false, parents: [], ...one })) }) as unknown as WatchConfig;
const web = { id: 'web', kind: 'tcp', port: 443, vital: true };

function issues(checks: readonly Record<string, unknown>[]): readonly string[] {
  try {
    declareChecks(config(checks), checkKinds);
    return [];
  } catch (error) {
    if (error instanceof Invalid) return error.issues.map(({ path, message }) => `${path}: ${message}`);
    throw error;
  }
}

describe('declared checks', () => {
  it('run against every master, and name what others look at', () => {
    const declared = declareChecks(config([web, { id: 'gw', kind: 'ping', host: '192.0.2.254' }]), checkKinds);
    expect(declared.map(({ id }) => id)).toEqual(['m1/web', 'm2/web', 'gw']);
    expect(targetsOf(declared)).toEqual({
      m1: [{ host: '192.0.2.1', port: 443 }],
      m2: [{ host: '192.0.2.2', port: 443 }],
    });
  });

  it.each([
    ['an unknown kind', [{ ...web, kind: 'gopher' }], 'watch.checks.web.kind: is not a kind'],
    ['a missing parameter', [{ id: 'web', kind: 'tcp', vital: true }], 'watch.checks.web.port: '],
    ['a parameter that is not known', [{ ...web, prot: 1 }], 'watch.checks.web: '],
    ['a master that is none', [web, { ...web, id: 'x', masters: ['m9'] }], 'names m9'],
    ['a parent that is none', [{ ...web, parents: ['gw'] }], 'names gw'],
    [
      'a circle of parents',
      [
        { ...web, parents: ['b'] },
        { id: 'b', kind: 'ping', parents: ['web'] },
      ],
      'leads back',
    ],
    ['nothing vital', [{ ...web, vital: false }], 'no vital check looks at m1'],
    ['the same id twice', [web, web], 'stands there twice'],
  ])('refuse %s', (_, checks, text) => {
    expect(issues(checks).join('\n')).toContain(text);
  });

  it('know nothing before they ran, and swear to nothing when they are old or blind', () => {
    const book = openBook(
      declareChecks(
        config([
          { ...web, parents: ['gw'] },
          { id: 'gw', kind: 'ping', host: 'x' },
        ]),
        checkKinds,
      ),
      0,
    );
    const around = { now: 1000, chance: 0, parentIsBad: false, planned: false };
    const found = { text: '', ms: 1 };
    expect(book.sights(0)).toEqual({ m1: 'suspect', m2: 'suspect' });
    book.take('m1/web', { ...found, result: 'ok' }, around);
    expect(book.sights(1000)['m1']).toBe('serving');
    expect(book.sights(60_000)['m1']).toBe('suspect');
    book.take('m1/web', { ...found, result: 'critical' }, { ...around, parentIsBad: true });
    expect(book.sights(1000)['m1']).toBe('suspect');
    for (let n = 0; n < 3; n += 1) book.take('m2/web', { ...found, result: 'critical' }, around);
    expect(book.sights(1000)['m2']).toBe('gone');
    expect([book.greenMs('m2', 2000), book.greenMs('m1', 2000)]).toEqual([0, 2000]);
  });
});

const hold = { kind: 'hold', by: 'ann', reason: 'move', at: 1 } as const;

describe('what people say', () => {
  it('is merged without a clock, the same in either order, and a hold is never lost', () => {
    const first = withNote([], 's3', 'hold', hold);
    const released = withNote(first, 's3', 'hold', null);
    const again = withNote(first, 's4', 'hold', { ...hold, by: 'bob' });
    for (const [a, b] of [
      [released, again],
      [again, released],
    ] as const) {
      expect(holdOf(mergeNotes(a, b))).toEqual({ by: 'bob', reason: 'move' });
    }
    expect(holdOf(mergeNotes(released, first))).toBeUndefined();
    const other: Note = { key: 'hold', version: 2, node: 's9', value: { ...hold, by: 'eve' } };
    expect(mergeNotes(again, [other])).toEqual(mergeNotes([other], again));
  });
});

const order = (node: string, epoch: number, to: string, by = 'verdict'): Order => ({
  ...{ node, epoch, to, by, parents: [], kind: 'switch', from: 'm1', at: 0, evidence: [] },
});

describe('a contradiction', () => {
  it.each([
    ['the target that more see serving', [order('s3', 9, 'm1'), order('s4', 1, 'm2')], { m2: 1 }, 's4'],
    ['then the newer', [order('s3', 1, 'm1', 'ann'), order('s4', 2, 'm2')], {}, 's4'],
    ['then a person’s', [order('s3', 1, 'm1'), order('s4', 1, 'm2', 'ann')], {}, 's4'],
    ['then the first name', [order('s4', 1, 'm2'), order('s3', 1, 'm1')], {}, 's3'],
  ] as const)('is settled by %s', (_, heads, seen, winner) => {
    const count = (master: string): number => (seen as Record<string, number>)[master] ?? 0;
    expect(settle(heads, count)?.node).toBe(winner);
    expect(settle([...heads].reverse(), count)?.node).toBe(winner);
  });
});

it('the gate takes the worse of what is told, and what nobody tells stays unknown', async () => {
  const signal = new AbortController().signal;
  const told = (name: string, facts: object) => ({ name, facts: async () => facts });
  const { facts, failed } = await gatherFacts(
    [
      told('a', { greenMs: 50, fileLagMs: 1, certificatesEqual: true }),
      told('b', { greenMs: 10, fileLagMs: 9, certificatesEqual: false }),
      { name: 'c', facts: () => Promise.reject(new Error('down')) },
    ],
    'm1',
    signal,
  );
  expect(facts).toMatchObject({
    greenMs: 10,
    fileLagMs: 9,
    certificatesEqual: false,
    holds: 'unknown',
    databaseLagMs: 'unknown',
  });
  expect(failed).toEqual(['c: Error: down']);
});
