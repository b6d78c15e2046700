import { describe, expect, it } from 'vitest';
import type { DatabasesState } from '../../../src/dbsync/state-file.ts';
import { filesLag } from '../../../src/failover/vantage/files.ts';
import { gatherFacts } from '../../../src/failover/watch/gate.ts';
import { filesyncGate } from '../../../src/filesync/check.ts';
import type { Status } from '../../../src/filesync/status.ts';
import { databasesLag } from '../../../src/roles/database-gate.ts';

const now = 1_000_000_000;
const way = (from: string, to: string, kind: string, lagMs: number | null) => ({
  from,
  to,
  kind,
  lagMs,
  waiting: 0,
  sentence: `${kind}.`,
});
const state = (directions: DatabasesState['directions'], at = now): DatabasesState => ({
  at,
  directions,
  servers: [],
  errant: 0,
  warnings: [],
  history: [],
  conflicts: 0,
});

describe('what the databases say of a return', () => {
  it('the worst lag of both directions counts', () => {
    const both = [way('m1', 'm2', 'steady', 55), way('m2', 'm1', 'lagging', 31_000)];
    expect(databasesLag(state(both), now)).toBe(31_000);
  });

  it.each([
    ['nothing runs here', undefined],
    ['the role has stopped', state([way('m1', 'm2', 'steady', 5)], now - 61_000)],
    ['a direction is cut', state([way('m1', 'm2', 'steady', 5), way('m2', 'm1', 'cut', 9)])],
    ['a lag is not known', state([way('m1', 'm2', 'steady', null)])],
    ['there is no direction', state([])],
  ])('%s: nobody knows', (_what, given) => expect(() => databasesLag(given, now)).toThrow());
});

describe('what the agents say of a return', () => {
  const status = (over: Partial<Status>): Status => ({
    ...{
      side: 1,
      connected: true,
      isolated: false,
      backlog: 0,
      oldestMs: 0,
      scanning: 0,
      unwatched: 0,
      large: 0,
      rsyncRuns: 0,
      files: 1,
    },
    ...{
      off: [],
      working: {},
      conflicts: 0,
      paused: {},
      held: {},
      roundTripMs: 1,
      skewMs: 0,
      sentBytes: 0,
      receivedBytes: 0,
      mailboxes: { count: 0, waiting: 0, failed: 0, off: false },
      sources: {},
    },
    rsync: '3.2.7',
    ...over,
  });
  const said = (over: Partial<Status>): string => {
    const { open, lagMs, why } = filesyncGate(status(over));
    return `files ${open ? 'open' : 'closed'} ${lagMs} ${why}`;
  };

  it.each([
    ['all is there', {}, 0],
    ['some seconds behind', { oldestMs: 4000 }, 4000],
    ['far behind: the return’s own limit judges', { oldestMs: 90_000 }, 90_000],
  ])('%s', (_what, over, lag) => expect(filesLag('m1', said(over))).toBe(lag));

  it.each([
    ['the brake holds an account', { held: { bob: 'x' } }],
    ['they are not connected', { connected: false }],
    ['one is cut off', { isolated: true }],
    ['a tree is being scanned', { scanning: 1 }],
    ['directories are not watched', { unwatched: 3 }],
  ])('%s: nobody knows, however small the lag', (_what, over) => expect(() => filesLag('m1', said(over))).toThrow());
});

it('one who knows is enough, the worse of two counts, and who fails is named', async () => {
  const { facts, failed } = await gatherFacts(
    [
      { name: 'journal', facts: async () => ({ oldestLegMs: 5, certificatesEqual: true, databaseLagMs: 40 }) },
      { name: 'databases', facts: async () => ({ databaseLagMs: 90 }) },
      { name: 'file sync', facts: async () => Promise.reject(new Error('no ssh')) },
    ],
    'm1',
    AbortSignal.timeout(1000),
  );
  expect(facts).toMatchObject({ databaseLagMs: 90, certificatesEqual: true, fileLagMs: 'unknown', greenMs: 'unknown' });
  expect(failed.join()).toContain('file sync');
});
