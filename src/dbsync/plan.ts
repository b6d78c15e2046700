/** What one turn of the watch does about what it sees. Pure. */
import { answered, type PairState, type Seen } from './verdict/plan.ts';

export type Deed =
  /** Replication that nobody paused on purpose, such as after a restart of the server. */
  { readonly kind: 'start'; readonly master: string };

export interface Watched {
  readonly servers: readonly [Seen, Seen];
  readonly state: PairState;
}

/** The deeds; none while a server is away, since then nothing is sure. */
export function planTurn(watched: Watched): readonly Deed[] {
  return watched.state.directions.flatMap((one): Deed[] => {
    const to = watched.servers.find((seen) => seen.id === one.to);
    if (to === undefined || !answered(to)) return [];
    const isOurs = to.mark === 'paired' && !to.held;
    return one.verdict.kind === 'paused' && isOurs ? [{ kind: 'start', master: one.to }] : [];
  });
}

/** What people are told of: a stable code, and a sentence. */
export interface Warning {
  readonly code: string;
  readonly sentence: string;
}
