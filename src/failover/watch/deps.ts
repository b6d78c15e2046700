import type { Clock } from '../../clock.ts';
import type { Logger } from '../../log.ts';
import type { Book } from '../checks/book.ts';
import type { PeerLink, Vantage } from '../peers/links.ts';
import type { SwitchLimits } from '../safety.ts';
import type { Store } from '../state/store.ts';
import type { Topology } from '../verdict/topology.ts';
import type { Warner } from './warner.ts';

/** What a watcher works with. Everything that touches the world is passed in, so that tests can be the world. */
export interface WatchDeps {
  /** The id of this watcher among the places. */
  readonly self: string;
  readonly topology: Topology;
  readonly store: Store;
  readonly book: Pick<Book, 'sights' | 'greenMs'>;
  /** Whether any outside anchor answered when it was last asked. */
  readonly anchor: () => boolean;
  readonly peers: readonly PeerLink[];
  readonly vantages: readonly Vantage[];
  readonly limits: SwitchLimits;
  /** How long anybody may take to answer. */
  readonly askMs: number;
  /** A signal that aborts after so many milliseconds of the clock. */
  readonly within: (ms: number) => AbortSignal;
  /** Who tells people; undefined: nobody is warned from here. */
  readonly warner?: Warner | undefined;
  readonly clock: Clock;
  readonly log: Logger;
}
