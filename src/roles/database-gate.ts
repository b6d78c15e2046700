/** What the role dbsync on this machine knows of a return: each direction runs, and how far it is behind. */
import { join } from 'node:path';
import { type DatabasesState, databasesState } from '../dbsync/state-file.ts';
import { Unreachable } from '../errors.ts';
import type { GateProvider } from '../failover/watch/gate.ts';

/** An older word is none, milliseconds: the role writes every few seconds. */
const freshMs = 60_000;

/** The worst lag of all directions, milliseconds. Throws when one of them is not replicating. */
export function databasesLag(state: DatabasesState | undefined, now: number): number {
  const hint = 'See: tandem db status';
  if (state === undefined) throw new Unreachable('tandem dbsync does not run on this machine', { hint });
  if (now - state.at > freshMs) throw new Unreachable('tandem dbsync has stopped on this machine', { hint });
  const bad = state.directions.find(({ kind, lagMs }) => (kind !== 'steady' && kind !== 'lagging') || lagMs === null);
  if (bad !== undefined) throw new Unreachable(`${bad.from} to ${bad.to}: ${bad.sentence}`, { hint });
  if (state.directions.length === 0) throw new Unreachable('no direction of replication is known', { hint });
  return Math.max(...state.directions.map(({ lagMs }) => lagMs ?? 0));
}

/** Reads the files that the role dbsync writes into the same state directory, one for each engine that is configured. */
export function databasesGate(stateDir: string, now: () => number): GateProvider {
  return {
    name: 'databases',
    async facts() {
      const folder = join(stateDir, 'dbsync');
      const both = [await databasesState.read(folder), await databasesState.read(join(folder, 'postgres'))];
      const known = both.filter((one) => one !== undefined);
      const lags = known.length === 0 ? [databasesLag(undefined, now())] : known.map((one) => databasesLag(one, now()));
      return { databaseLagMs: Math.max(...lags) };
    },
  };
}
