import { expect, it } from 'vitest';
import { filesMetrics } from '../../../src/filesync/figures.ts';
import { metricsOf } from '../../../src/filesync/metrics.ts';
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

/** Name without `_total` → value, of samples without or with a label. */
function samples(text: string): Readonly<Record<string, number>> {
  const rows = [...text.matchAll(/^tandem_filesync_(\w+?)(?:_total)?(?:\{[^}]*\})? (\S+)$/gm)];
  return Object.fromEntries(rows.map(([, name = '', value]) => [name, Number(value)]));
}

it('the control node gives out every figure that an agent gives out itself', () => {
  const state = { at: 1000, masters: [{ id: 'm1', name: 'M1', report: said, why: '', aheadMs: 0 }], history: [] };
  const own = samples(metricsOf(said));
  expect(samples(filesMetrics(state as unknown as Parameters<typeof filesMetrics>[0], 1000))).toMatchObject(own);
  expect(own).toMatchObject({
    ...{ backlog_paths: 4, oldest_change_seconds: 1.5, conflicts: 3, held_accounts: 1, clock_skew_seconds: -0.25 },
    ...{ unwatched_directories: 7, scans: 2, mailboxes: 5, mailboxes_failed: 1, sent_bytes: 10, received_bytes: 20 },
  });
});
