import type { CommandResult } from '../control/schema.ts';
import type { PublishOrder } from '../publish/model.ts';
import { type Closed, closedGates, type GateKey } from '../return-gate.ts';
import { accountsIn, nextOrder, type Order, orderId, standing, subjectOf } from '../verdict/orders.ts';
import { placesOfKind } from '../verdict/topology.ts';
import { whereNow } from '../watch/carry.ts';
import { gateNames, gatherFacts } from '../watch/gate.ts';
import { meet } from '../watch/meet.ts';
import { give } from '../watch/turn.ts';
import { type CommandDeps, result } from './deps.ts';

/** Moving names: the gate, the barrier, the order. One way for a person's order and for accounts that go where they belong. */

export type Move = Pick<Order, 'kind' | 'from' | 'to' | 'account' | 'accounts'>;

const gateMs = 10_000;
const barrierMs = 120_000;

export function masterIds({ watch }: CommandDeps): readonly string[] {
  return placesOfKind(watch.topology, 'master').map(({ id }) => id);
}

export function firstOf(deps: CommandDeps): string {
  return masterIds(deps)[0] ?? '';
}

/** Where things are now: for the pair, or for one account. */
export function activeNow(deps: CommandDeps, account: string | undefined): string | undefined {
  const stands = standing(deps.watch.store.orders());
  if (stands.kind === 'conflict') return undefined;
  const { pair, accounts } = whereNow(deps.watch.store, stands, firstOf(deps));
  return account === undefined ? pair : (accounts[account] ?? pair);
}

/** What the zones would be told if this were ordered. */
export function wouldPublish(deps: CommandDeps, move: Move): PublishOrder | undefined {
  const { watch } = deps;
  const at = watch.clock.now();
  const order = nextOrder(watch.store.orders(), { ...move, node: watch.self, at, by: 'prepare', evidence: [] });
  const stands = standing([...watch.store.orders(), order]);
  if (stands.kind === 'conflict') return undefined;
  const { epoch, node, parents } = order;
  return { epoch, node, parents, instant: at, active: whereNow(watch.store, stands, firstOf(deps)) };
}

export interface Gates {
  readonly closed: readonly Closed[];
  /** What those who should know said instead. */
  readonly failed: readonly string[];
}

export async function closedFor(deps: CommandDeps, move: Move, override: readonly GateKey[]): Promise<Gates> {
  const { facts, failed } = await gatherFacts(deps.gates, move.to, AbortSignal.timeout(gateMs), accountsIn(move));
  return { closed: closedGates(facts, deps.returnLimits, new Set(override)), failed };
}

export function gateLines({ closed, failed }: Gates): readonly string[] {
  return [...closed.map(({ key, sentence }) => `${gateNames[key]}: ${sentence}`), ...(closed.length > 0 ? failed : [])];
}

/** New work is led by the target, and older work is over, or it is taken back and the order is not given. */
export async function passBarrier({ barrier, ...deps }: CommandDeps, move: Move): Promise<void> {
  const target = wouldPublish({ ...deps, barrier }, move);
  const stands = standing(deps.watch.store.orders());
  if (barrier === undefined || target === undefined || stands.kind === 'conflict') return;
  try {
    await barrier.raise(target.active, target.epoch, AbortSignal.timeout(barrierMs), accountsIn(move));
  } catch (error) {
    const before = whereNow(deps.watch.store, stands, firstOf({ ...deps, barrier }));
    await barrier.lower(before, target.epoch, AbortSignal.timeout(gateMs));
    throw error;
  }
}

/** Gives the order, passes it on, and carries it out as far as it goes at once. */
export async function carry(
  deps: CommandDeps,
  move: Move,
  by: string,
  confirmed: boolean,
  evidence: readonly string[],
): Promise<CommandResult> {
  const order = await give(deps.watch, { ...move, by, evidence });
  if (confirmed) deps.carrier.confirm(orderId(order), by);
  await meet(deps.watch, deps.memory.heads);
  return carriedOut(deps, order);
}

/** Carries out the order that stands, as far as it goes at once, and says what came of it. */
export async function carriedOut(deps: CommandDeps, order: Order): Promise<CommandResult> {
  const lines = await deps.carryOut();
  const outcome = deps.carrier.last();
  const open = outcome !== undefined && outcome.order === orderId(order) && outcome.outcome.kind !== 'done';
  const what = accountsIn(order).length > 0 ? subjectOf(order) : `Everything that was active on ${order.from}`;
  const sentence = `${what} is ordered to ${order.to} (order ${orderId(order)}).`;
  return result(open ? 'waiting' : 'done', sentence, lines, {
    order: orderId(order),
    outcome: outcome?.outcome ?? null,
  });
}
