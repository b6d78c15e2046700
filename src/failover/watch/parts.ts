import type { Clock } from '../../clock.ts';
import type { WatchConfig } from '../../config-watch.ts';
import type { Lifecycle } from '../../lifecycle.ts';
import type { Logger } from '../../log.ts';
import type { Book } from '../checks/book.ts';
import type { AnyKind } from '../checks/kind.ts';
import type { Barrier } from '../commands/deps.ts';
import type { Waiting } from '../commands/place.ts';
import type { PlacementWish } from '../placement/model.ts';
import type { Publish, PublishOrder } from '../publish/model.ts';
import type { Carer } from './care.ts';
import type { Carrier } from './carry.ts';
import type { WatchDeps } from './deps.ts';
import type { Fencer } from './fence.ts';
import type { GateProvider } from './gate.ts';
import type { Memory, TurnResult } from './turn.ts';
import type { Warner } from './warner.ts';

/** What a watcher is put together from, and what its loops share. */

export interface WatcherOptions {
  readonly config: WatchConfig;
  readonly clock: Clock;
  /** Milliseconds from any start, never going back. */
  readonly elapsed: () => number;
  readonly random: () => number;
  readonly log: Logger;
  readonly lifecycle: Lifecycle;
  readonly publish: Publish | undefined;
  readonly gates: readonly GateProvider[];
  readonly barrier: Barrier | undefined;
  /** Tells the journal who is active, when there is one; a switch does not wait for it. */
  readonly announce: ((order: PublishOrder, signal: AbortSignal) => Promise<void>) | undefined;
  /** What belongs where, as the journal has it; undefined: only the other watcher tells. */
  readonly placement: ((signal: AbortSignal) => Promise<PlacementWish>) | undefined;
  /** Who tells people; undefined: nobody is warned from here. */
  readonly warner: Warner | undefined;
  /** Kinds of checks beyond those that are built in. */
  readonly kinds?: readonly AnyKind[];
}

/** A watcher that is open, running or not. */
export interface Parts {
  readonly options: WatcherOptions;
  readonly deps: WatchDeps;
  readonly book: Book;
  readonly memory: Memory;
  readonly carrier: Carrier;
  readonly fencer: Fencer;
  readonly carer: Carer;
  readonly now: { turn: TurnResult | undefined; running: boolean; waiting: Waiting };
}
