import { join } from 'node:path';
import type { Clock } from '../../clock.ts';
import { messageOf } from '../../errors.ts';
import type { Logger } from '../../log.ts';
import { type Applied, type ApplyDeps, type ApplyRequest, applyAll } from '../apply/apply.ts';
import type { Ledger } from '../apply/ledger.ts';
import type { Planner } from '../apply/planner.ts';
import type { Ready } from '../apply/ready.ts';
import type { SwitchLimits } from '../safety.ts';
import type { PublishOrder } from './model.ts';
import type { FreshZone, Publisher } from './publisher.ts';
import type { Source } from './pull.ts';
import { type Settled, type SettleOptions, settle } from './settle.ts';
import type { Looking } from './signatures.ts';
import type { Signing } from './signing.ts';

/** What every run does: write, note, publish. */

export interface PublishDeps {
  /** The zone directory. */
  readonly dir: string;
  /** Own files: ledger, memory, lock. */
  readonly stateDir: string;
  /** 'domain: account' lines. */
  readonly accountsFile: string;
  readonly planner: Planner;
  readonly publishers: readonly Publisher[];
  readonly limits: SwitchLimits;
  readonly clock: Clock;
  /** Monotonic milliseconds. */
  readonly ticks: () => number;
  readonly log: Logger;
  readonly patienceMs?: number;
  readonly pushes?: number;
  /** Masters whose own edits are taken; none: the directory is filled by somebody else. */
  readonly sources?: readonly Source[];
  readonly pullMs?: number;
  /** The master whose zones these are before any order. */
  readonly home: string;
  /** Name servers that others publish to, whose keys must be the same. */
  readonly others?: Looking['servers'] | undefined;
  /** Who tells DS records; undefined: nobody. */
  readonly resolver?: Looking['resolver'];
  /** Whether keys that masters made are given to the name servers. */
  readonly carriesKeys?: boolean;
  /** How often the guard looks. */
  readonly guardMs?: number;
  /** Ids of the masters: what a switch to another one would write is written ahead. undefined: nothing is. */
  readonly ahead?: readonly string[];
  readonly crash?: ApplyDeps['crash'];
}

export interface Opened {
  readonly deps: PublishDeps;
  readonly ledger: Ledger;
  readonly memoryFile: string;
  /** Zone → its file as it was last read or written here. */
  readonly seen: Map<string, string>;
  readonly ready: Ready | undefined;
  readonly signing: Signing;
  /** The order that counts. */
  readonly standing: () => Promise<PublishOrder | undefined>;
}

/** The active master of a zone's account. */
export function activeOf(order: PublishOrder, accounts: ReadonlyMap<string, string>): (zone: string) => string {
  const { pair, accounts: own } = order.active;
  return (zone) => own[accounts.get(zone) ?? ''] ?? pair;
}

/** Plans and, when it is real, writes the zones for an order. */
export function apply(
  { deps, ledger, ready, signing }: Opened,
  order: PublishOrder,
  accounts: ReadonlyMap<string, string>,
  rest: Pick<ApplyRequest, 'isReal' | 'brake' | 'only' | 'serials' | 'touched' | 'care'>,
  signal: AbortSignal,
): Promise<Applied> {
  const { obstacle } = signing;
  const request = { dir: deps.dir, instant: order.instant, activeOf: activeOf(order, accounts), obstacle, ...rest };
  const { planner, ticks, crash } = deps;
  return applyAll({ ledger, planner, ready, ticks, ...(crash === undefined ? {} : { crash }) }, request, signal);
}

/** What is to be published. */
export interface Settling {
  readonly changed: ReadonlySet<string>;
  readonly scope: 'addresses' | 'everything';
  /** Every zone of the directory. */
  readonly names: readonly string[];
}

/** All publishers at once; each is its own judge. */
export async function settleAll(
  { deps, signing }: Pick<Opened, 'deps' | 'signing'>,
  applied: Applied,
  { changed, scope, names }: Settling,
  signal: AbortSignal,
): Promise<readonly Settled[]> {
  const zones = applied.zones.map(
    ({ zone, serial, probe }): FreshZone => ({ zone, serial, probe, file: join(deps.dir, `${zone}.db`) }),
  );
  const { clock, ticks, patienceMs = 10_000, pushes = 3 } = deps;
  const refused: SettleOptions['refused'] = async (some, server) => {
    await signing.ensure(names, signal);
    return await signing.refused(some, server, signal);
  };
  const options = { signal, all: names.length, scope, changed, clock, ticks, patienceMs, pushes, refused } as const;
  return await Promise.all(
    deps.publishers.map(async (publisher) => {
      const trouble = await Promise.resolve(publisher.list?.(names, signal)).then(
        () => undefined,
        (error: unknown) => messageOf(error),
      );
      const settled = await settle(publisher, zones, options);
      if (trouble === undefined) return settled;
      deps.log.warn({ publisher: publisher.name, reason: trouble }, 'list of zones could not be loaded');
      return settled;
    }),
  );
}

/** What the guard need not look at. */
export function note({ seen }: Opened, applied: Applied): void {
  if (applied.kind !== 'written') return;
  for (const [zone, signature] of applied.signatures) seen.set(zone, signature);
}
