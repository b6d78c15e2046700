import { describe, expect, it } from 'vitest';
import { filesMetrics } from '../../../src/filesync/figures.ts';
import type { Report } from '../../../src/filesync/report.ts';
import { shown } from '../../../src/filesync/shown.ts';
import type { FilesState } from '../../../src/filesync/watch.ts';
import { alarmsIn } from '../../../src/roles/filesync/alarms.ts';
import { linesBetween } from '../../../src/roles/filesync/lines.ts';
import { overview, partsOf } from '../../../src/roles/filesync/sheets.ts';
import { isOver } from '../../../src/roles/filesync/work.ts';
import { say } from '../portal/views.ts';

const fine: Report = {
  ...{
    side: 1,
    at: 0,
    connected: true,
    isolated: false,
    backlog: 0,
    oldestMs: 0,
    scanning: 0,
    unwatched: 0,
    large: 0,
    rsyncRuns: 0,
    files: 9,
  },
  ...{
    conflicts: 0,
    paused: {},
    held: {},
    off: [],
    working: {},
    roundTripMs: 10,
    skewMs: 0,
    sentBytes: 5,
    receivedBytes: 0,
  },
  ...{ mailboxes: { count: 0, waiting: 0, failed: 0, off: false }, sources: {}, rsync: '3.5.0', kept: [] },
};

function stateOf(change: Partial<Report> | null): FilesState {
  const report = change === null ? null : { ...fine, ...change };
  const one = { id: 'm1', name: 'M1', report, why: 'no answer', aheadMs: 0, sentPerSecond: null };
  return { at: 1000, masters: [one], history: [{ at: 1000, oldestMs: [0] }] };
}

describe('alarms', () => {
  it.each([
    ['nothing', {}, []],
    ['a held account', { held: { 'home/bob': 'many' } }, ['critical files:m1.held.home-bob']],
    ['a cut', { connected: false }, ['warning files:m1.cut']],
    ['cut by hand', { isolated: true, connected: false }, ['warning files:m1.isolated']],
    ['a minute behind', { oldestMs: 61_000 }, ['warning files:m1.behind']],
    ['clocks', { skewMs: -1500 }, ['warning files:m1.clock']],
    ['no answer', null, ['warning files:m1.away']],
  ] as const)('of %s', (_what, change, expected) => {
    expect(alarmsIn(stateOf(change)).map(({ key, severity }) => `${severity} ${key}`)).toEqual(expected);
  });
});

it('figures name what does not answer, and give no numbers of it', () => {
  expect(filesMetrics(stateOf({}), 3000)).toContain('tandem_filesync_sent_bytes_total{master="m1"} 5\n');
  const away = filesMetrics(stateOf(null), 3000);
  expect(away).toContain('tandem_filesync_up{master="m1"} 0\n');
  expect(away).toContain('tandem_filesync_state_age_seconds 2\n');
  expect(away).not.toContain('tandem_filesync_files{');
});

it('two texts are compared line by line', () => {
  expect(linesBetween('a\nb\nc\n', 'a\nx\nc\n', say)?.lines.map((one) => [one.state, one.before, one.after])).toEqual([
    ['removed', 'b', ''],
    ['added', '', 'x'],
  ]);
  expect(linesBetween('a\n', 'a\n', say)?.lines).toEqual([]);
});

it('what is kept has a time and a key', () => {
  expect(partsOf('conflicts/2026-11-28T10-20-30-x.1/home/bob/a b')).toEqual({
    at: '2026-11-28T10:20:30Z',
    key: 'home/bob/a b',
  });
  expect(shown('home/caf\xc3\xa9\n')).toBe('home/café\\x0a');
});

it('an operation is over when no leg has anything to do', () => {
  const legs = (...states: string[]) => ({ legs: states.map((state) => ({ state })) }) as never;
  expect([isOver(legs('done', 'skipped')), isOver(legs('done', 'held')), isOver(undefined)]).toEqual([
    true,
    false,
    true,
  ]);
});

it('a page of a state that nobody renews says so', () => {
  const old = overview(stateOf({}), { say, now: 10_000_000, done: '', master: '' });
  expect(JSON.stringify(old.blocks)).toContain('no worker asks any more');
  const done = overview(stateOf({}), { say, now: 1000, done: 'release', master: 'm1' });
  expect(done.notice).toContain('M1: The change goes through.');
  expect(overview(stateOf({}), { say, now: 1000, done: 'constructor', master: 'm1' }).notice).toBeUndefined();
});
