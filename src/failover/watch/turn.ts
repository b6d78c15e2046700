import { messageOf } from '../../errors.ts';
import type { Situation } from '../model.ts';
import { planTurn, type TurnPlan } from '../plan.ts';
import { downtimesOf, holdOf } from '../state/notes.ts';
import { nextOrder, type Order, orderId, standing, subjectOf } from '../verdict/orders.ts';
import { settle } from '../verdict/settle.ts';
import type { Statement, View } from '../verdict/verdict.ts';
import type { WatchDeps } from './deps.ts';
import { type KnownHeads, type Met, meet } from './meet.ts';

/**
 * One turn of a watcher: meet the other one, ask those who are needed, judge, and at most one order. It looks at the
 * state, never at an event; killed anywhere, the next turn finds again what this one left.
 */

export interface TurnResult {
  readonly at: number;
  readonly view: View;
  readonly met: readonly Met[];
  /** Vantages that were asked and did not answer, with the reason. */
  readonly silent: readonly { readonly id: string; readonly why: string }[];
  readonly plan: TurnPlan;
  readonly ordered: Order | undefined;
  /** The turn in one sentence. */
  readonly sentence: string;
}

/** What a watcher keeps in memory from turn to turn; losing it costs nothing but a line in the history. */
export interface Memory {
  readonly heads: KnownHeads;
  readonly said: Map<string, string>;
}

export function newMemory(): Memory {
  return { heads: new Map(), said: new Map() };
}

async function askVantages(deps: WatchDeps): Promise<{
  readonly statements: readonly Statement[];
  readonly silent: TurnResult['silent'];
}> {
  const answers = await Promise.all(
    deps.vantages.map(async (one) => ({ id: one.id, said: await one.see(deps.within(2 * deps.askMs)) })),
  );
  return {
    statements: answers.flatMap(({ said }) => (said.kind === 'answered' ? [said.value] : [])),
    silent: answers.flatMap(({ id, said }) => (said.kind === 'silent' ? [{ id, why: said.why }] : [])),
  };
}

/** Hold-down counts from when an order was heard of, where the other watcher's clock is ahead. */
function agedOrders(deps: WatchDeps): readonly Order[] {
  return deps.store.stored().map(({ order, heardAt }) => ({ ...order, at: Math.min(order.at, heardAt) }));
}

/** Everything that the decision looks at. */
export function situationOf(deps: WatchDeps, view: View): Situation {
  return {
    topology: deps.topology,
    view,
    orders: agedOrders(deps),
    standing: standing(deps.store.orders()),
    hold: holdOf(deps.store.notes()),
    maintenance: downtimesOf(deps.store.notes()),
    limits: deps.limits,
    now: deps.clock.now(),
  };
}

/** Looks around: the other watcher always, the rest only when a master is missed. */
export async function lookAround(
  deps: WatchDeps,
  memory: Memory,
  askAll: boolean,
): Promise<Pick<TurnResult, 'view' | 'met' | 'silent'>> {
  const met = await meet(deps, memory.heads);
  const sights = deps.book.sights(deps.clock.now());
  const missed = Object.values(sights).some((sight) => sight === 'gone');
  const others = missed || askAll ? await askVantages(deps) : { statements: [], silent: [] };
  const view: View = {
    observer: deps.self,
    // Seen again while the others were asked: then it is not gone.
    sights: deps.book.sights(deps.clock.now()),
    anchor: deps.anchor(),
    statements: [...met.flatMap(({ statement }) => (statement === undefined ? [] : [statement])), ...others.statements],
  };
  return { view, met, silent: others.silent };
}

/** Writes an order that knows all others. Durable when it resolves; nothing was done yet. */
export async function give(
  deps: WatchDeps,
  order: Pick<Order, 'kind' | 'from' | 'to' | 'by' | 'evidence' | 'account' | 'accounts'>,
): Promise<Order> {
  const at = deps.clock.now();
  const written = nextOrder(deps.store.orders(), { ...order, node: deps.self, at });
  await deps.store.add([written], at);
  const what = subjectOf(order);
  const sentence = `${deps.self} orders: ${order.kind} ${what} from ${order.from} to ${order.to} (${order.by}).`;
  await deps.store.tell({ at, kind: 'order', subject: orderId(written), sentence, evidence: [...order.evidence] });
  deps.log.warn(
    { order: orderId(written), kind: order.kind, from: order.from, to: order.to, by: order.by },
    'order given',
  );
  return written;
}

/** Contradicting orders are settled as soon as their writers hear each other, from both views. */
async function settleConflict(deps: WatchDeps, view: View, met: readonly Met[]): Promise<Order | undefined> {
  const stands = standing(deps.store.orders());
  if (stands.kind !== 'conflict' || !met.some(({ statement }) => statement !== undefined)) return undefined;
  const watchers = new Set(met.map(({ id }) => id));
  const heard = view.statements.filter(({ from }) => watchers.has(from));
  const servingHere = (master: string): number => (view.sights[master] === 'serving' ? 1 : 0);
  const count = (master: string): number =>
    servingHere(master) + heard.filter(({ sees }) => sees[master] === true).length;
  const winner = settle(stands.heads, count);
  if (winner === undefined) return undefined;
  const lost = stands.heads
    .filter((order) => order !== winner)
    .map((o) => `${orderId(o)} ${o.kind} ${o.from} to ${o.to} by ${o.by}`);
  const evidence = [`${orderId(winner)} by ${winner.by} stands against ${lost.join(' and ')}`];
  const { kind, from, to, account, accounts } = winner;
  return give(deps, { kind, from, to, account, accounts, by: winner.by, evidence });
}

/** Keeps each change of what is said of a master, with its evidence. */
async function remember(deps: WatchDeps, memory: Memory, plan: TurnPlan): Promise<void> {
  for (const one of plan.masters) {
    if (memory.said.get(one.master) === one.state) continue;
    memory.said.set(one.master, one.state);
    const evidence = [...one.vetoes.map(({ sentence }) => sentence), ...one.evidence];
    const entry = {
      at: deps.clock.now(),
      kind: 'verdict',
      subject: one.master,
      sentence: one.sentence,
      state: one.state,
      evidence,
    } as const;
    await deps.store.tell(entry);
    deps.log.info({ master: one.master, state: one.state, sentence: one.sentence }, 'verdict changed');
  }
}

async function carryOn(deps: WatchDeps, memory: Memory, plan: TurnPlan): Promise<Order | undefined> {
  if (plan.order === undefined) return undefined;
  const { from, to, evidence } = plan.order;
  const order = await give(deps, { kind: 'switch', from, to, by: 'verdict', evidence });
  // The other watcher hears of it at once; if it cannot be reached, at the next meeting.
  await meet(deps, memory.heads).catch((error: unknown) => {
    deps.log.warn({ reason: messageOf(error) }, 'order could not be passed on yet');
  });
  return order;
}

/** One turn. Throws CannotRecord when an order could not be made durable: then nothing was ordered. */
export async function takeTurn(deps: WatchDeps, memory: Memory): Promise<TurnResult> {
  const { view, met, silent } = await lookAround(deps, memory, false);
  const settled = await settleConflict(deps, view, met);
  const plan = planTurn(situationOf(deps, view));
  await remember(deps, memory, plan);
  const ordered = settled ?? (await carryOn(deps, memory, plan));
  const said = plan.masters.map(({ sentence }) => sentence).join(' ');
  const sentence =
    ordered === undefined ? said : `Ordered: ${ordered.kind} from ${ordered.from} to ${ordered.to}. ${said}`;
  return { at: deps.clock.now(), view, met, silent, plan, ordered, sentence };
}
