/** The figures of agents in Prometheus' text format: as one gives out its own, and the control node those of all. */
import type { Report } from './report.ts';
import type { Status } from './status.ts';
import type { FilesState } from './watch.ts';

/** What an agent knows of itself, and what the control node has heard of it. */
type Told = Pick<Status, keyof Status & keyof Report>;
type Kind = 'gauge' | 'counter';
type Figure = readonly [name: string, help: string, kind: Kind, of: (one: Told) => number | null];

const seconds = (ms: number | null): number | null => (ms === null ? null : ms / 1000);
const many = (all: Readonly<Record<string, unknown>>): number => Object.keys(all).length;

const figures: readonly Figure[] = [
  ['connected', 'Whether the agent is connected to the other one', 'gauge', (one) => (one.connected ? 1 : 0)],
  ['isolated', 'Whether the other master was cut off by hand', 'gauge', (one) => (one.isolated ? 1 : 0)],
  ['backlog_paths', 'Paths that the other side may not have yet', 'gauge', (one) => one.backlog],
  ['oldest_change_seconds', 'Age of the oldest unsent change', 'gauge', (one) => seconds(one.oldestMs)],
  ['scans', 'Trees and directories that are being scanned', 'gauge', (one) => one.scanning],
  ['unwatched_directories', 'Directories whose changes only a scan finds', 'gauge', (one) => one.unwatched],
  ['mailboxes', 'Mailboxes that are no Maildirs', 'gauge', (one) => one.mailboxes.count],
  ['mailboxes_failed', 'Those that doveadm could not bring to the same', 'gauge', (one) => one.mailboxes.failed],
  ['files', 'Files known', 'gauge', (one) => one.files],
  ['large_files', 'Large files on their way', 'gauge', (one) => one.large],
  ['rsync_runs_total', 'Runs of rsync for large files', 'counter', (one) => one.rsyncRuns],
  ['conflicts', 'Losers of conflicts that are kept', 'gauge', (one) => one.conflicts],
  ['held_accounts', 'Accounts that the brake holds', 'gauge', (one) => many(one.held)],
  ['paused_accounts', 'Accounts paused by hand', 'gauge', (one) => many(one.paused)],
  ['working_accounts', 'Accounts that an operation works on', 'gauge', (one) => many(one.working)],
  ['round_trip_seconds', 'Round trip to the other agent', 'gauge', (one) => seconds(one.roundTripMs)],
  ['clock_skew_seconds', "How far the other master's clock is ahead", 'gauge', (one) => seconds(one.skewMs)],
  ['sent_bytes_total', 'Sent to the other agent', 'counter', (one) => one.sentBytes],
  ['received_bytes_total', 'Received from the other agent', 'counter', (one) => one.receivedBytes],
];

function family(name: string, help: string, kind: Kind, lines: readonly string[]): string {
  return [`# HELP tandem_filesync_${name} ${help}`, `# TYPE tandem_filesync_${name} ${kind}`, ...lines, ''].join('\n');
}

/** An agent's own figures; what it does not know is left out. */
export function ownMetrics(status: Told): string {
  return figures
    .flatMap(([name, help, kind, of]) => {
      const value = of(status);
      return value === null ? [] : [family(name, help, kind, [`tandem_filesync_${name} ${value}`])];
    })
    .join('');
}

/** Those of all agents. `now`: ms since 1970; a state that is old is said to be so. */
export function filesMetrics(state: FilesState, now: number): string {
  const label = (id: string): string => `{master="${id.replaceAll(/["\\\n]/g, '_')}"}`;
  const line = (name: string, id: string, value: number | null): string =>
    `tandem_filesync_${name}${label(id)} ${value ?? 'NaN'}`;
  const up = state.masters.map(({ id, report }) => line('up', id, report === null ? 0 : 1));
  return [
    family('state_age_seconds', 'Age of the other figures', 'gauge', [
      `tandem_filesync_state_age_seconds ${(now - state.at) / 1000}`,
    ]),
    family('up', 'Whether the agent answers the control node', 'gauge', up),
    ...figures.map(([name, help, kind, of]) =>
      family(
        name,
        help,
        kind,
        state.masters.flatMap(({ id, report }) => (report === null ? [] : [line(name, id, of(report))])),
      ),
    ),
  ].join('');
}
