import type { Observed } from '../checks/book.ts';
import type { Maintenance } from '../model.ts';
import type { Placement } from '../placement/model.ts';
import type { Outcome, PublishOrder } from '../publish/model.ts';
import { downtimesOf, holdOf } from '../state/notes.ts';
import type { HistoryEntry } from '../state/store.ts';
import { accountsIn, orderId, standing } from '../verdict/orders.ts';
import { placesOfKind, weaknesses } from '../verdict/topology.ts';
import { type Carrier, whereNow } from './carry.ts';
import type { WatchDeps } from './deps.ts';
import type { FenceState } from './fence.ts';
import type { TurnResult } from './turn.ts';

/** A watcher's whole state as one document: for the command line, the portal and scripts. */

export interface CheckStatus {
  readonly id: string;
  readonly master: string | undefined;
  readonly vital: boolean;
  readonly result: string;
  readonly hard: string;
  readonly type: string;
  readonly text: string;
  readonly ms: number;
  readonly since: string;
  readonly recent: readonly string[];
  /** How long each of them took, milliseconds. */
  readonly recentMs: readonly number[];
  readonly flapping: boolean;
  readonly acknowledged: boolean;
}

export interface WatchStatus {
  readonly node: string;
  readonly at: string;
  /** False: no watcher runs here, and this is what its files say. */
  readonly running: boolean;
  readonly light: 'redundant' | 'degraded' | 'failed-over' | 'unknown';
  readonly sentence: string;
  readonly turnAt: string | undefined;
  readonly masters: readonly {
    readonly id: string;
    readonly site: string;
    readonly sight: string;
    readonly state: string;
    readonly sentence: string;
    readonly evidence: readonly string[];
    readonly fence: FenceState | undefined;
  }[];
  readonly active: { readonly pair: string; readonly accounts: Readonly<Record<string, string>> } | undefined;
  readonly conflict: readonly string[];
  readonly epoch: number;
  readonly orders: readonly {
    readonly id: string;
    readonly kind: string;
    readonly from: string;
    readonly to: string;
    readonly account: string | undefined;
    /** All accounts that it moves by themselves. */
    readonly accounts: readonly string[];
    readonly at: string;
    readonly by: string;
    readonly evidence: readonly string[];
  }[];
  /** What belongs where, and which accounts are not there yet. */
  readonly placement: {
    readonly homes: number;
    readonly unprotected: number;
    readonly waiting: readonly string[];
    readonly why: string | undefined;
  };
  readonly hold: { readonly by: string; readonly reason: string } | undefined;
  readonly downtime: readonly (Maintenance & { readonly id: string; readonly by: string })[];
  readonly others: readonly {
    readonly id: string;
    readonly answers: boolean;
    readonly why?: string;
    readonly aheadMs?: number;
  }[];
  readonly checks: readonly CheckStatus[];
  readonly publish:
    | {
        readonly wanted: PublishOrder | undefined;
        readonly last: { readonly order: string; readonly at: string; readonly outcome: Outcome } | undefined;
      }
    | undefined;
  readonly warnings: readonly string[];
  readonly history: readonly HistoryEntry[];
}

const iso = (ms: number): string => new Date(ms).toISOString();

function checkStatus(one: Observed): CheckStatus {
  const { state, instance } = one;
  return {
    id: instance.id,
    master: instance.master,
    vital: instance.vital,
    result: one.ranAt === undefined ? 'pending' : state.result,
    hard: one.ranAt === undefined ? 'pending' : state.hard,
    type: state.type,
    text: one.text,
    ms: Math.round(one.ms),
    since: iso(state.since),
    recent: one.recent,
    recentMs: one.recentMs,
    flapping: state.flapping,
    acknowledged: state.acknowledged,
  };
}

export interface StatusParts {
  readonly deps: WatchDeps;
  readonly running: boolean;
  readonly turn: TurnResult | undefined;
  readonly checks: readonly Observed[];
  readonly carrier: Carrier;
  readonly publishes: boolean;
  readonly fence: (master: string) => FenceState | undefined;
  readonly history: readonly HistoryEntry[];
  /** Accounts that are not where they belong. */
  readonly waiting: { readonly waiting: readonly string[]; readonly why: string | undefined };
}

function counted({ homes, unprotected }: Placement): Pick<WatchStatus['placement'], 'homes' | 'unprotected'> {
  return { homes: Object.keys(homes).length, unprotected: unprotected.length };
}

const skewMs = 5000;

function warningsOf({ deps, turn, publishes }: StatusParts): readonly string[] {
  const { damaged } = deps.store;
  const skewed = (turn?.met ?? []).filter(({ aheadMs }) => aheadMs !== undefined && Math.abs(aheadMs) > skewMs);
  return [
    ...weaknesses(deps.topology),
    ...(publishes
      ? []
      : ['No name servers are configured here: orders are kept and passed on, but no zone is changed.']),
    ...(damaged > 0
      ? [`${damaged} lines of the order log are damaged; what the other watcher knows was taken from there.`]
      : []),
    ...skewed.map(({ id, aheadMs = 0 }) => `The clock of ${id} differs by ${Math.round(Math.abs(aheadMs) / 1000)} s.`),
  ];
}

function mastersOf({ deps, turn, fence }: StatusParts): WatchStatus['masters'] {
  const sights = deps.book.sights(deps.clock.now());
  return placesOfKind(deps.topology, 'master').map(({ id, site }) => {
    const found = turn?.plan.masters.find((one) => one.master === id);
    return {
      id,
      site,
      sight: sights[id] ?? 'suspect',
      state: found?.state ?? 'unknown',
      sentence: found?.sentence ?? `Nothing is known of ${id} yet.`,
      evidence: found?.evidence ?? [],
      fence: fence(id),
    };
  });
}

function othersOf({ turn }: StatusParts): WatchStatus['others'] {
  if (turn === undefined) return [];
  return [
    ...turn.met.map(({ id, why, aheadMs }) => ({
      id,
      answers: why === undefined,
      ...(why === undefined ? {} : { why }),
      ...(aheadMs === undefined ? {} : { aheadMs }),
    })),
    ...turn.silent.map(({ id, why }) => ({ id, answers: false, why })),
  ];
}

export function statusOf(parts: StatusParts): WatchStatus {
  const { deps, turn, carrier } = parts;
  const first = placesOfKind(deps.topology, 'master')[0]?.id ?? '';
  const orders = deps.store.orders();
  const stands = standing(orders);
  const last = carrier.last();
  return {
    node: deps.self,
    at: iso(deps.clock.now()),
    running: parts.running,
    light: turn?.plan.light ?? 'unknown',
    sentence: turn?.sentence ?? 'Nothing has been looked at yet.',
    turnAt: turn === undefined ? undefined : iso(turn.at),
    masters: mastersOf(parts),
    active: stands.kind === 'agreed' ? whereNow(deps.store, stands, first) : undefined,
    conflict: stands.kind === 'conflict' ? stands.heads.map(orderId) : [],
    epoch: stands.epoch,
    orders: [...orders].slice(-20).map((order) => ({
      ...order,
      id: orderId(order),
      account: order.account,
      accounts: accountsIn(order),
      at: iso(order.at),
    })),
    placement: { ...counted(deps.store.placement()), ...parts.waiting },
    hold: holdOf(deps.store.notes()),
    downtime: downtimesOf(deps.store.notes()).filter(({ until }) => until > deps.clock.now()),
    others: othersOf(parts),
    checks: parts.checks.map(checkStatus),
    publish: parts.publishes
      ? {
          wanted: carrier.wanted(),
          last: last === undefined ? undefined : { order: last.order, outcome: last.outcome, at: iso(last.at) },
        }
      : undefined,
    warnings: warningsOf(parts),
    history: parts.history,
  };
}
