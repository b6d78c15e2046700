import type { Care } from '../apply/ttl-care.ts';
import type { Veto } from '../safety.ts';
import type { Report } from '../zone/model.ts';
import type { KeyName } from './keys-shown.ts';

/**
 * From an order to answered DNS. What a watcher's verdict (or a person) decided comes in as an order; `bring` makes every
 * zone and every name server match it. It looks at what is there, never at what happened before: after a kill anywhere
 * the same call finishes, with an older order it undoes, and with the same order again it changes nothing.
 */

/** Which master is active: for the whole pair, and for the accounts that are elsewhere. */
export interface ActiveMasters {
  readonly pair: string;
  /** Account → master. Only those that differ from the pair's. */
  readonly accounts: Readonly<Record<string, string>>;
}

/** What the zones must say, and the moment from which both watchers compute the same serials. */
export interface PublishOrder {
  readonly epoch: number;
  /** The watcher that gave it. */
  readonly node: string;
  /** Ids of the orders that it builds on ('epoch.node'). */
  readonly parents: readonly string[];
  /** When it was given, milliseconds since 1970. */
  readonly instant: number;
  readonly active: ActiveMasters;
}

/** One part of a run and how long it took. `name` is stable: 'read', 'journal', 'write', 'load NAME', 'ask NAME'. */
export interface Step {
  readonly name: string;
  readonly seconds: number;
}

/** A zone to which nothing was done, and why. `line` is 0 where it is no line's fault. */
export interface LeftZone {
  readonly zone: string;
  readonly line: number;
  readonly reason: string;
}

/** A name server that does not answer as ordered after all pushes. */
export interface Straggler {
  /** Its name in the configuration. */
  readonly server: string;
  readonly zones: number;
  /** The first few zones. */
  readonly examples: readonly string[];
  /** What it answered instead, one sentence about the first zone. */
  readonly sentence: string;
}

export interface Counts {
  /** Zones in the directory. */
  readonly zones: number;
  readonly changed: number;
  readonly same: number;
  readonly left: number;
  /** Addresses and TTLs that were written. */
  readonly values: number;
}

export type OutcomeKind =
  /** Every listed name server answers as ordered. */
  | 'done'
  /** The zones are written, but some name server does not answer so. */
  | 'stragglers'
  /** The change brake: nothing was changed; a person who says so goes on (`bring` with `confirmed`). */
  | 'asks'
  /** Could not be carried through (full disk, broken directory); every file is whole, and the next call goes on. */
  | 'failed'
  /** The signal came, or a newer order; every file is whole. */
  | 'stopped';

export interface Outcome {
  readonly kind: OutcomeKind;
  /** 'epoch.node'. */
  readonly order: string;
  readonly counts: Counts;
  readonly left: readonly LeftZone[];
  readonly stragglers: readonly Straggler[];
  readonly steps: readonly Step[];
  /** What stands against it, when it asks. */
  readonly vetoes: readonly Veto[];
  /** For people: what was done and what was not. */
  readonly sentence: string;
}

/** What an order would do, and whether the change brake would stop it. Nothing is changed by asking. */
export interface Prediction {
  readonly counts: Counts;
  readonly left: readonly LeftZone[];
  /** Things that a person should know, by zone; the first thousand. */
  readonly reports: readonly { readonly zone: string; readonly report: Report }[];
  /** How many values the last look at the same move found; undefined the first time. */
  readonly expected: number | undefined;
  readonly vetoes: readonly Veto[];
  readonly seconds: number;
}

/** One zone: whose account, whose text, where it points. */
export interface ZonePointer {
  readonly zone: string;
  readonly account: string | undefined;
  /** The master whose addresses its text has by right. */
  readonly home: string;
  /** The master that it points at now. */
  readonly pointsAt: string;
  /** Values that a return would put back. */
  readonly changes: number;
}

export interface PublishState {
  /** The order that the zones were last brought to; undefined before the first. */
  readonly order: PublishOrder | undefined;
  /** How the last run ended; undefined before the first. */
  readonly last: Outcome | undefined;
  /** When the last run ended, milliseconds since 1970. */
  readonly lastAt: number | undefined;
  /** Zones whose text differs from their home's, or whose account has an own active master. */
  readonly moved: readonly ZonePointer[];
  readonly left: readonly LeftZone[];
  readonly zones: number;
}

/** TTLs lowered or raised. */
export interface CareWish {
  readonly care: Care;
  /** Each by its name without the closing dot; undefined: all. */
  readonly only: ReadonlySet<string> | undefined;
  /** When it was said, milliseconds: both watchers write the same serials. */
  readonly at: number;
}

export interface BringOptions {
  /** A person has seen the brake's numbers and goes on. */
  readonly confirmed?: boolean;
  /** Only these zones (drills); each by its name without the closing dot. */
  readonly only?: ReadonlySet<string>;
}

/** What the watch role and the commands work with. One process at a time works on one zone directory. */
export interface Publish {
  /** Makes every zone match the order. Never throws for a zone's or a name server's sake. */
  bring(order: PublishOrder, signal: AbortSignal, options?: BringOptions): Promise<Outcome>;
  predict(order: PublishOrder, options?: Pick<BringOptions, 'only'>): Promise<Prediction>;
  /** TTL care on all or chosen zones; no address changes. */
  care(wish: CareWish, signal: AbortSignal): Promise<Outcome>;
  state(): Promise<PublishState>;
  /**
   * Keeps the zones at the last order: what appears, changes, or is written by a master itself is brought to it within
   * seconds. Ends when the signal aborts.
   */
  guard(signal: AbortSignal): Promise<void>;
  /** Zones that a switch would leave alone, and why, as last looked at: broken, signed in the file, signed with unequal keys. */
  obstacles(): readonly Pick<LeftZone, 'zone' | 'reason'>[];
  /** Zones with a key of a master that a name server does not show, as last looked at: what is signed with it is refused. */
  lackingKeys(): readonly Pick<LeftZone, 'zone' | 'reason'>[];
  /**
   * Why a DS record of these keys must not be shown yet: a name server has them not. Asked now; what is lacking is given
   * first where keys are carried. undefined: every name server shows them.
   */
  whyKeysLack(zone: string, keys: readonly KeyName[], signal: AbortSignal): Promise<string | undefined>;
  /** Starts the threads that a switch should not have to wait for. */
  warm(): Promise<void>;
  /** Writes ahead at once what a switch would write; `guard` does so by itself, a little at a time. For how many zones. */
  ahead(signal: AbortSignal): Promise<number>;
  close(): Promise<void>;
}
