import { expect, it } from 'vitest';
import { ownMetrics } from '../../../src/filesync/figures.ts';
import { report } from '../../../src/filesync/report.ts';

const said = report.parse({
  side: 1,
  at: 1000,
  connected: true,
  isolated: false,
  backlog: 4,
  oldestMs: 1500,
  scanning: 2,
  unwatched: 7,
  large: 1,
  files: 90,
  conflicts: 3,
  paused: { 'home/eve': 'by ana' },
  held: { 'home/bob': '99 of 100 files' },
  working: {},
  mailboxes: { count: 5, waiting: 2, failed: 1, off: false },
  roundTripMs: 40,
  skewMs: -250,
  sentBytes: 10,
  receivedBytes: 20,
  sources: {},
  rsync: '3.5.0',
  kept: [],
});

it('says what an agent knows of itself, and leaves out what it does not', () => {
  const lines = ownMetrics({ ...said, skewMs: null }).split('\n');
  expect(lines).toEqual(
    expect.arrayContaining([
      ...['tandem_filesync_backlog_paths 4', 'tandem_filesync_oldest_change_seconds 1.5', 'tandem_filesync_scans 2'],
      ...['tandem_filesync_unwatched_directories 7', 'tandem_filesync_mailboxes_failed 1'],
      ...['tandem_filesync_held_accounts 1', '# TYPE tandem_filesync_sent_bytes_total counter'],
    ]),
  );
  expect(lines.join()).not.toContain('clock_skew_seconds');
  expect(ownMetrics(said)).toContain('tandem_filesync_clock_skew_seconds -0.25\n');
});
