import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '../../clock.ts';
import { messageOf } from '../../errors.ts';
import type { Logger } from '../../log.ts';
import { type Applied, type ApplyDeps, applyAll, extentOf, type ZoneNow } from '../apply/apply.ts';
import { type Ledger, openLedger } from '../apply/ledger.ts';
import type { Planner } from '../apply/planner.ts';
import type { SwitchLimits } from '../safety.ts';
import { readAccounts } from './account-map.ts';
import { learned, vetoesFor } from './brake.ts';
import { takeLock } from './lock.ts';
import { type Memory, readMemory, writeMemory } from './memory.ts';
import type { BringOptions, Outcome, Prediction, Publish, PublishOrder, PublishState, ZonePointer } from './model.ts';
import type { FreshZone, Publisher } from './publisher.ts';
import { outcomeOf } from './say.ts';
import { type Settled, settle } from './settle.ts';

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
  readonly crash?: ApplyDeps['crash'];
}

export interface Opened {
  readonly deps: PublishDeps;
  readonly ledger: Ledger;
  readonly memoryFile: string;
}

/** The active master of a zone's account. */
export function activeOf(order: PublishOrder, accounts: ReadonlyMap<string, string>): (zone: string) => string {
  const { pair, accounts: own } = order.active;
  return (zone) => own[accounts.get(zone) ?? ''] ?? pair;
}

function pointers(zones: readonly ZoneNow[], accounts: ReadonlyMap<string, string>): readonly ZonePointer[] {
  return zones
    .filter(({ home, to }) => home !== to)
    .map(({ zone, home, to, away }) => ({ zone, account: accounts.get(zone), home, pointsAt: to, changes: away }));
}

function apply(
  { deps, ledger }: Opened,
  order: PublishOrder,
  accounts: ReadonlyMap<string, string>,
  rest: Pick<Parameters<typeof applyAll>[1], 'isReal' | 'brake' | 'only'>,
  signal: AbortSignal,
): Promise<Applied> {
  const request = { dir: deps.dir, instant: order.instant, activeOf: activeOf(order, accounts), ...rest };
  const { planner, ticks, crash } = deps;
  return applyAll({ ledger, planner, ticks, ...(crash === undefined ? {} : { crash }) }, request, signal);
}

/** All publishers at once; each is its own judge. */
async function settleAll(deps: PublishDeps, applied: Applied, signal: AbortSignal): Promise<readonly Settled[]> {
  const zones = applied.zones.map(
    ({ zone, serial, probe }): FreshZone => ({ zone, serial, probe, file: join(deps.dir, `${zone}.db`) }),
  );
  const changed = new Set(applied.zones.filter(({ isChanged }) => isChanged).map(({ zone }) => zone));
  const names = [...zones.map(({ zone }) => zone), ...applied.left.map(({ zone }) => zone)].sort();
  const { clock, ticks, patienceMs = 10_000, pushes = 3 } = deps;
  const options = { signal, all: names.length, scope: 'addresses', changed, clock, ticks, patienceMs, pushes } as const;
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

async function bring(
  opened: Opened,
  order: PublishOrder,
  signal: AbortSignal,
  options: BringOptions,
): Promise<Outcome> {
  const { deps, memoryFile } = opened;
  const [accounts, memory] = await Promise.all([readAccounts(deps.accountsFile), readMemory(memoryFile)]);
  const { only, confirmed = false } = options;
  const isBraked = !confirmed && only === undefined;
  const applied = await apply(
    opened,
    order,
    accounts,
    {
      isReal: true,
      brake: (extent) => (isBraked ? vetoesFor(memory, extent, deps.limits) : []),
      ...(only === undefined ? {} : { only }),
    },
    signal,
  );
  const settled = applied.kind === 'written' ? await settleAll(deps, applied, signal) : [];
  const outcome = outcomeOf(order, applied, settled, signal.aborted);
  const remembered: Memory = {
    ...memory,
    last: outcome,
    lastAt: deps.clock.now(),
    ...(applied.kind === 'written' && only === undefined
      ? {
          order: order,
          moved: pointers(applied.zones, accounts),
          left: applied.left,
          zones: applied.counts.zones,
          expected: learned(memory, extentOf(applied.zones, applied.counts.zones)),
        }
      : {}),
  };
  await writeMemory(memoryFile, remembered);
  return outcome;
}

async function predict(
  opened: Opened,
  order: PublishOrder,
  only: ReadonlySet<string> | undefined,
): Promise<Prediction> {
  const { deps, memoryFile } = opened;
  const begun = deps.ticks();
  const [accounts, memory] = await Promise.all([readAccounts(deps.accountsFile), readMemory(memoryFile)]);
  const applied = await apply(
    opened,
    order,
    accounts,
    {
      isReal: false,
      brake: (extent) => (only === undefined ? vetoesFor(memory, extent, deps.limits) : []),
      ...(only === undefined ? {} : { only }),
    },
    new AbortController().signal,
  );
  const extent = extentOf(applied.zones, applied.counts.zones);
  const known = [...extent.away.keys()].flatMap((master) => memory.expected[master]?.values ?? []);
  if (only === undefined && applied.vetoes.length === 0 && applied.kind === 'written') {
    await writeMemory(memoryFile, { ...memory, zones: extent.zones, expected: learned(memory, extent) });
  }
  const { counts, left, reports, vetoes } = applied;
  const expected = known.length === 0 ? undefined : known.reduce((sum, one) => sum + one, 0);
  return { counts, left, reports, vetoes, expected, seconds: (deps.ticks() - begun) / 1000 };
}

async function state({ memoryFile }: Opened): Promise<PublishState> {
  const { order, last, lastAt, moved, left, zones } = await readMemory(memoryFile);
  return { order, last, lastAt, moved: moved.map((one) => ({ account: undefined, ...one })), left, zones };
}

/** Opens the zones for work: one process at a time. Throws ZonesBusy, LedgerDamaged. */
export async function openPublish(deps: PublishDeps): Promise<Publish> {
  await mkdir(deps.stateDir, { recursive: true, mode: 0o700 });
  const unlock = await takeLock(join(deps.stateDir, 'lock'));
  try {
    const ledger = await openLedger(join(deps.stateDir, 'zones.ledger'));
    const opened: Opened = { deps, ledger, memoryFile: join(deps.stateDir, 'state.json') };
    // Runs follow each other: an order that comes during a run waits for it, and a caller aborts the older one first.
    let turn: Promise<unknown> = Promise.resolve();
    const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
      const mine = turn.then(work);
      turn = mine.catch(() => {});
      return mine;
    };
    return {
      bring: (order, signal, options = {}) => inTurn(() => bring(opened, order, signal, options)),
      predict: (order, options = {}) => inTurn(() => predict(opened, order, options.only)),
      state: () => state(opened),
      async guard() {
        throw new Error('not yet');
      },
      async close() {
        await turn;
        await Promise.all(deps.publishers.map((publisher) => publisher.close?.()));
        await deps.planner.close();
        await ledger.close();
        await unlock();
      },
    };
  } catch (error) {
    await unlock();
    throw error;
  }
}
