import { describe, expect, it } from 'vitest';
import type { Report } from '../../../src/filesync/report.ts';
import { behindOf } from '../../../src/roles/customers/behind.ts';
import { drillOf, movesOf } from '../../../src/roles/customers/moves.ts';

describe('when an account was moved', () => {
  const order = (to: string, at: string, account?: string) => ({
    to,
    at,
    ...(account === undefined ? {} : { account }),
  });
  const watched = (orders: readonly ReturnType<typeof order>[]) => ({ orders, history: [] });
  const may = '2026-05-01T10:00:00.000Z';
  const june = '2026-06-01T10:00:00.000Z';
  it.each([
    ['nothing is on record', [], {}],
    ['the pair was switched', [order('m2', may)], { lastSwitch: may, since: may }],
    ['and back: it is not there since then', [order('m2', may), order('m1', june)], { lastSwitch: june }],
    ['another account is no concern', [order('m2', may), order('m1', june, 'eve')], { lastSwitch: may, since: may }],
    ['its own is', [order('m1', may), order('m2', june, 'bob')], { lastSwitch: june, since: june }],
  ] as const)('%s', (_what, orders, wanted) => {
    expect(movesOf([watched(orders)], 'bob', 'm2')).toEqual(wanted);
    expect(movesOf([watched([]), watched(orders.toReversed())], 'bob', 'm2')).toEqual(wanted);
  });
});

describe('when a drill was last played', () => {
  const note = (at: number, state?: string) => ({ at, kind: 'command', subject: 'drill', ...(state ? { state } : {}) });
  const seen = (...history: ReturnType<typeof note>[]) => ({ orders: [], history });
  it('the newest real one counts, by any watcher’s word; a dry one moved nothing', () => {
    expect(drillOf([seen(note(1, 'done')), seen(note(5, 'failed'), note(9, 'dry'), note(7))])).toEqual({
      lastDrill: new Date(5).toISOString(),
      drillWentWell: false,
    });
    expect(drillOf([seen(note(9, 'dry'))])).toEqual({});
  });
});

describe('how far a copy is behind', () => {
  // Of a report only this is read.
  const report = (oldestMs: number) => ({ oldestMs }) as Report;
  const one = (id: string, ms: number | null) => ({
    ...{ id, name: id, why: '', aheadMs: 0, sentPerSecond: 0 },
    report: ms === null ? null : report(ms),
  });
  const files = (m1: number | null) => ({ at: 1000, masters: [one('m1', m1), one('m2', 60_000)], history: [] });
  const way = (from: string, lagMs: number | null) => ({
    from,
    to: 'x',
    kind: 'steady',
    lagMs,
    waiting: 0,
    sentence: '',
  });
  const databases = (...directions: ReturnType<typeof way>[]) => ({
    ...{ at: 1000, directions, servers: [], errant: 0, warnings: [], history: [], conflicts: 0 },
  });
  it.each([
    ['nobody looked', undefined, undefined, {}],
    ['the active one’s own word counts', files(4500), undefined, { filesBehind: 4.5 }],
    ['it is silent', files(null), undefined, {}],
    [
      'the slowest way away from it',
      undefined,
      databases(way('m1', 200), way('m1', 900), way('m2', 5000)),
      { databasesBehind: 0.9 },
    ],
    ['one way is not known', undefined, databases(way('m1', 200), way('m1', null)), {}],
  ] as const)('%s', (_what, filesNow, databasesNow, wanted) => {
    expect(behindOf(filesNow, databasesNow, 'm1', 2000)).toEqual(wanted);
    // What was seen minutes ago says nothing of now.
    expect(behindOf(filesNow, databasesNow, 'm1', 200_000)).toEqual({});
  });
});
