import type { DatabasesState } from '../../dbsync/state-file.ts';
import type { FilesState } from '../../filesync/watch.ts';
import type { Copies } from '../../routes/customer/deps.ts';

/** What was seen longer ago says nothing of now, milliseconds. */
const oldMs = 90_000;

/**
 * How far the copies are behind the account's active master, in seconds: what the file agents and the database watch
 * of this node saw last. What nobody looked at lately is left out. Pure.
 */
export function behindOf(
  files: FilesState | undefined,
  databases: DatabasesState | undefined,
  active: string,
  now: number,
): Pick<Copies, 'filesBehind' | 'databasesBehind'> {
  const filesBehind = files === undefined || now - files.at > oldMs ? undefined : ofFiles(files, active);
  const databasesBehind =
    databases === undefined || now - databases.at > oldMs ? undefined : ofDatabases(databases, active);
  return {
    ...(filesBehind === undefined ? {} : { filesBehind }),
    ...(databasesBehind === undefined ? {} : { databasesBehind }),
  };
}

/** The age of the oldest change that has not left the active master. */
function ofFiles(files: FilesState, active: string): number | undefined {
  const report = files.masters.find(({ id }) => id === active)?.report;
  return report == null ? undefined : report.oldestMs / 1000;
}

/** The slowest way away from the active master; undefined while one of them is not known. */
function ofDatabases({ directions }: DatabasesState, active: string): number | undefined {
  const lags = directions.filter(({ from }) => from === active).map(({ lagMs }) => lagMs);
  if (lags.length === 0 || lags.includes(null)) return undefined;
  return Math.max(...lags.map((lag) => lag ?? 0)) / 1000;
}
