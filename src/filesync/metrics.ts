import type { Status } from './status.ts';

/** The agent's figures as Prometheus reads them. */
export function metricsOf(status: Status): string {
  const all: readonly (readonly [string, string, 'gauge' | 'counter', number | null])[] = [
    ['connected', 'Whether the other agent is connected.', 'gauge', status.connected ? 1 : 0],
    ['isolated', 'Whether the other master was cut off by hand.', 'gauge', status.isolated ? 1 : 0],
    ['backlog_paths', 'Paths that the other side may not have yet.', 'gauge', status.backlog],
    ['oldest_change_seconds', 'Age of the oldest such change.', 'gauge', status.oldestMs / 1000],
    ['scans', 'Trees and directories that are being scanned.', 'gauge', status.scanning],
    ['unwatched_directories', 'Directories whose changes only a scan finds.', 'gauge', status.unwatched],
    ['mailboxes', 'Mailboxes that are no Maildirs.', 'gauge', status.mailboxes.count],
    ['mailboxes_failed', 'Those that doveadm could not bring to the same.', 'gauge', status.mailboxes.failed],
    ['files', 'Files known.', 'gauge', status.files],
    ['large_files', 'Large files on their way.', 'gauge', status.large],
    ['rsync_runs', 'Runs of rsync for large files.', 'counter', status.rsyncRuns],
    ['conflicts', 'Losers of conflicts that are kept.', 'gauge', status.conflicts],
    ['held_accounts', 'Accounts that the brake holds.', 'gauge', Object.keys(status.held).length],
    ['paused_accounts', 'Accounts that are paused.', 'gauge', Object.keys(status.paused).length],
    [
      'round_trip_seconds',
      'Round trip to the other agent.',
      'gauge',
      status.roundTripMs === null ? null : status.roundTripMs / 1000,
    ],
    [
      'clock_skew_seconds',
      "How far the other master's clock is ahead.",
      'gauge',
      status.skewMs === null ? null : status.skewMs / 1000,
    ],
    ['sent_bytes', 'Bytes sent to the other agent.', 'counter', status.sentBytes],
    ['received_bytes', 'Bytes received from it.', 'counter', status.receivedBytes],
  ];
  return all
    .filter(([, , , value]) => value !== null)
    .map(([name, about, kind, value]) => {
      const full = `tandem_filesync_${name}`;
      return `# HELP ${full} ${about}\n# TYPE ${full} ${kind}\n${full} ${value}\n`;
    })
    .join('');
}
