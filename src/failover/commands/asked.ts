import type { Command, CommandResult } from '../control/schema.ts';
import { accountsIn, type Order, orderId } from '../verdict/orders.ts';
import type { CommandDeps } from './deps.ts';
import { carriedOut } from './move.ts';

/** An order that stands, but for which the zones were not changed: the change brake asks a person first. */

type Given = Extract<Command, { command: 'prepare' | 'switch' | 'return' }>;

async function asks({ carrier, publish }: CommandDeps, id: string): Promise<boolean> {
  const last = carrier.last();
  // Where no watcher runs its files tell how the last run ended.
  const outcome = last?.order === id ? last.outcome : (await publish?.state())?.last;
  return outcome?.kind === 'asks' && outcome.order === id;
}

/** Whether a person means this order, by the words that the warning names. */
function isMeant(order: Order, given: Given): boolean {
  const accounts = accountsIn(order);
  if (given.account === undefined ? accounts.length > 0 : !accounts.includes(given.account)) return false;
  if (given.command === 'return') return order.kind === 'return' && order.to === given.to;
  if (given.command === 'prepare' && given.goal === 'return')
    return order.kind === 'return' && order.to === (given.to ?? given.from);
  return order.kind === 'switch' && order.from === given.from && (given.to ?? order.to) === order.to;
}

/** The order that waits for a person, if it is the one that is meant. */
export async function askedOrder(deps: CommandDeps, given: Given): Promise<Order | undefined> {
  const wanted = deps.carrier.wanted();
  const id = wanted === undefined ? '' : `${wanted.epoch}.${wanted.node}`;
  const order = deps.watch.store.orders().find((one) => orderId(one) === id);
  if (order === undefined || !isMeant(order, given)) return undefined;
  return (await asks(deps, id)) ? order : undefined;
}

const otherWatcher =
  'The other watcher hears of it and goes on by itself where it counts the same zones and values; else it asks there, with its own numbers.';

/** Goes on with it: no new order, since nothing but the numbers stood against this one. */
export async function confirmAsked(deps: CommandDeps, order: Order, by: string): Promise<CommandResult> {
  const { watch, carrier } = deps;
  const id = orderId(order);
  carrier.confirm(id, by);
  const sentence = `${by} has seen the numbers of the change brake and goes on with order ${id}.`;
  await watch.store.tell({ at: watch.clock.now(), kind: 'command', subject: id, sentence, evidence: [] });
  const done = await carriedOut(deps, order);
  return { ...done, lines: [...done.lines, otherWatcher] };
}
