import { type Exchange, exchangeVersion, fingerprintOf } from '../peers/protocol.ts';
import { placementId } from '../placement/model.ts';
import { headsOf, orderId, subjectOf } from '../verdict/orders.ts';
import { placesOfKind } from '../verdict/topology.ts';
import type { Sight, Statement } from '../verdict/verdict.ts';
import type { WatchDeps } from './deps.ts';

/** Exchanging orders, notes and sights with the other watcher: the same message both ways. */

/** What a watcher may swear to: serving is yes, gone is no, and of anything between it says nothing. */
export function seesOf(sights: Readonly<Record<string, Sight>>): Record<string, boolean> {
  return Object.fromEntries(
    Object.entries(sights).flatMap(([id, sight]) => (sight === 'suspect' ? [] : [[id, sight === 'serving']])),
  );
}

function headIds(deps: WatchDeps): readonly string[] {
  return headsOf(deps.store.orders()).map(orderId).sort();
}

function sameHeads(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && [...a].sort().every((id, at) => id === [...b].sort()[at]);
}

/** What a watcher remembers that another one has, so that nothing is sent for nothing. */
export interface Known {
  readonly heads: readonly string[];
  /** Of what belongs where. */
  readonly placement: string;
}

/** This watcher's side. Orders and what belongs where go along unless the other side is known to have the same. */
function message(deps: WatchDeps, theirs: Known | undefined): Exchange {
  const heads = headIds(deps);
  const known = theirs !== undefined && sameHeads(heads, theirs.heads);
  const placed = deps.store.placement();
  const placement = placementId(placed);
  return {
    version: exchangeVersion,
    from: deps.self,
    topology: fingerprintOf(deps.topology),
    heads: [...heads],
    orders: known
      ? []
      : deps.store.orders().map((order) => ({
          ...order,
          parents: [...order.parents],
          evidence: [...order.evidence],
          accounts: order.accounts === undefined ? undefined : [...order.accounts],
        })),
    notes: [...deps.store.notes()],
    placement,
    ...(theirs?.placement === placement ? {} : { placed }),
    sees: seesOf(deps.book.sights(deps.clock.now())),
    anchor: deps.anchor(),
    ...(deps.warner === undefined ? {} : { told: deps.warner.told() }),
    now: deps.clock.now(),
  };
}

/** Takes in what the other side sent; durable when it resolves. An order about places that nobody knows is refused whole. */
async function takeIn(deps: WatchDeps, theirs: Exchange): Promise<void> {
  const masters = new Set(placesOfKind(deps.topology, 'master').map(({ id }) => id));
  const foreign = theirs.orders.find(({ from, to }) => !masters.has(from) || !masters.has(to));
  if (foreign !== undefined)
    throw new RangeError(`order ${orderId(foreign)} is about ${foreign.from} and ${foreign.to}`);
  const fresh = await deps.store.add(theirs.orders, deps.clock.now());
  for (const order of fresh) {
    const sentence = `${order.node} ordered: ${order.kind} ${subjectOf(order)} from ${order.from} to ${order.to}.`;
    await deps.store.tell({
      at: deps.clock.now(),
      kind: 'order',
      subject: orderId(order),
      sentence,
      evidence: [...order.evidence],
    });
  }
  await deps.store.addNotes(theirs.notes);
  if (theirs.placed !== undefined) await deps.store.setPlacement(theirs.placed);
  if (theirs.told !== undefined) await deps.warner?.learn(theirs.told);
}

/** Answers the other watcher. Throws RangeError when it is configured otherwise. */
export async function answerExchange(deps: WatchDeps, theirs: Exchange): Promise<Exchange> {
  if (theirs.topology !== fingerprintOf(deps.topology)) {
    throw new RangeError('the two watchers are configured with different places');
  }
  await takeIn(deps, theirs);
  return message(deps, theirs);
}

/** What the meeting came to, for each other watcher. */
export interface Met {
  readonly id: string;
  /** Undefined when it did not answer. */
  readonly statement: Statement | undefined;
  /** Why it did not. */
  readonly why: string | undefined;
  /** How far its clock is ahead, milliseconds; the way there and back counts in. */
  readonly aheadMs: number | undefined;
}

/** What the others had when they were met last. */
export type KnownHeads = Map<string, Known>;

async function meetOne(deps: WatchDeps, link: WatchDeps['peers'][number], known: KnownHeads): Promise<Met> {
  const signal = deps.within(deps.askMs);
  const said = await link.exchange(message(deps, known.get(link.id)), signal);
  if (said.kind === 'silent') {
    known.delete(link.id);
    return { id: link.id, statement: undefined, why: said.why, aheadMs: undefined };
  }
  const { value } = said;
  await takeIn(deps, value);
  known.set(link.id, value);
  return {
    id: link.id,
    statement: { from: link.id, sees: value.sees },
    why: undefined,
    aheadMs: value.now - deps.clock.now(),
  };
}

/** Exchanges with every other watcher at once. */
export function meet(deps: WatchDeps, known: KnownHeads): Promise<readonly Met[]> {
  return Promise.all(deps.peers.map((link) => meetOne(deps, link, known)));
}
