import { describe, expect, test } from 'vitest';
import { boundOf } from '../../../bench/fanout/bound.ts';
import { groupsOf, type LoggedCall } from '../../../bench/fanout/call-log.ts';
import { judge } from '../../../bench/fanout/judge.ts';
import { workOf } from '../../../bench/fanout/work.ts';
import { median, quantile } from '../../../bench/result.ts';

const work = [
  { account: 'a', n: 1, kind: 'mailbox' },
  { account: 'a', n: 2, kind: 'quota' },
  { account: 'b', n: 1, kind: 'record' },
] as const;

function change(account: string, kind: string, n: number, read: number, answered = read + 20): LoggedCall {
  return { path: '/x', body: `${account}${n}`, account, read, answered, ok: true, effect: { kind, n } };
}

function look(account: string): LoggedCall {
  return { path: '/look', body: account, account, read: 0, answered: 20, ok: true };
}

const right = [change('a', 'mailbox', 1, 0), change('b', 'record', 1, 5), change('a', 'quota', 2, 30)];

describe('the judge', () => {
  test.each([
    ['finds nothing in a run that is right', right, { orderViolations: 0, lost: 0, doubled: 0 }],
    ['sees a change that never came', right.slice(0, 2), { orderViolations: 0, lost: 1, doubled: 0 }],
    [
      'sees a change that came twice',
      [...right, change('b', 'record', 1, 90)],
      { orderViolations: 0, lost: 0, doubled: 1 },
    ],
    [
      'sees an account whose second change came first',
      [change('a', 'quota', 2, 0), change('a', 'mailbox', 1, 40), change('b', 'record', 1, 5)],
      { orderViolations: 1, lost: 0, doubled: 0 },
    ],
    [
      'sees two changes of one account under way at once',
      [change('a', 'mailbox', 1, 0), change('a', 'quota', 2, 10), change('b', 'record', 1, 5)],
      { orderViolations: 1, lost: 0, doubled: 0 },
    ],
  ])('%s', (_, log, expected) => {
    expect(judge(work, log)).toMatchObject(expected);
  });
});

test('a log is cut into legs: the looks of an account and then its change, whatever others do between', () => {
  const [first, second, third] = right;
  if (first === undefined || second === undefined || third === undefined) throw new Error('three');
  const groups = groupsOf([look('a'), look('b'), first, look('a'), second, third, look('c')]);
  expect(groups.map((group) => group.calls.map(([, body]) => body))).toEqual([
    ['a', 'a1'],
    ['b', 'b1'],
    ['a', 'a2'],
    ['c'],
  ]);
});

test('the work is half mailboxes, 30 % records, 20 % quotas, the same for a seed, and numbered within each account', () => {
  const items = workOf(7, 1000, 20);
  const of = (kind: string) => items.filter((item) => item.kind === kind).length;
  expect([of('mailbox'), of('record'), of('quota')]).toEqual([500, 300, 200]);
  expect(workOf(7, 1000, 20)).toEqual(items);
  expect(workOf(8, 1000, 20)).not.toEqual(items);
  const places = items.filter((item) => item.account === items[0]?.account).map((item) => item.n);
  expect(places).toEqual(places.map((_, index) => index + 1));
});

test('median and quantile of known lists', () => {
  expect([median([3, 1, 2]), median([4, 1, 2, 3])]).toEqual([2, 2.5]);
  expect([quantile([1, 2, 3, 4], 0.5), quantile([1, 2, 3, 4], 0.99)]).toEqual([2, 4]);
  expect(median([])).toBeNaN();
});

describe('what order leaves of the bare loop', () => {
  const ofLanes = (...lengths: readonly number[]) =>
    lengths.flatMap((length, lane) =>
      Array.from({ length }, (_, at) => ({ account: `a${lane}`, n: at + 1, kind: 'quota' as const })),
    );
  const calm = { inFlight: 2, killAt: [], closedLegs: 0 };

  test.each([
    // Four turns; the follower ends one later.
    ['lanes that fill both places', ofLanes(4, 4), calm, 4 / 5],
    ['one long lane, where the other place stands empty', ofLanes(8), calm, 4 / 9],
    ['lanes of which the longest is begun first', ofLanes(1, 1, 1, 3), calm, 3 / 4],
    // Killed in the second turn: one of two lanes is closed for three more, and the other goes on.
    ['a kill', ofLanes(4, 4), { ...calm, killAt: [0.1], closedLegs: 4 }, 4 / 9],
  ])('%s', (_, lanes, options, expected) => expect(boundOf(lanes, options)).toBeCloseTo(expected, 5));
});
