import type { Clock } from '../../clock.ts';
import type { Logger } from '../../log.ts';
import { oneByOne } from '../../one-by-one.ts';
import type { ActiveMasters, Outcome, Publish, PublishOrder } from '../publish/model.ts';
import type { Store } from '../state/store.ts';
import { activeOf, headsOf, orderId, standing } from '../verdict/orders.ts';
import { openBrakeWords } from './brake-words.ts';

/** Carrying out what the orders say: level-based, so that a kill anywhere, or a late start, ends in the same zones. */

/** Where everything is by what the orders say; accounts that no switch moves stay at home. */
export function whereNow(
  store: Pick<Store, 'placement'>,
  stands: Parameters<typeof activeOf>[0],
  first: string,
): ActiveMasters {
  return activeOf(stands, first, store.placement().unprotected);
}

/** What the zones must say now; undefined while orders contradict each other, and before the first one. */
export function publishOrder(store: Pick<Store, 'orders' | 'placement'>, first: string): PublishOrder | undefined {
  const orders = store.orders();
  const stands = standing(orders);
  const heads = headsOf(orders);
  // Two watchers that ordered the same apart have two heads; both take the same one, for the same serials.
  const head = [...heads].sort((a, b) => (a.node < b.node ? -1 : 1))[0];
  if (stands.kind === 'conflict' || head === undefined) return undefined;
  const { epoch, node, parents, at } = head;
  return { epoch, node, parents, instant: at, active: whereNow(store, stands, first) };
}

export interface CarrierDeps {
  readonly publish: Publish | undefined;
  readonly store: Store;
  /** The master that is active when nothing was ever ordered. */
  readonly first: string;
  readonly clock: Clock;
  readonly log: Logger;
}

export interface Carrier {
  /** One step: brings the zones to the orders unless they are there. Answers what it did. */
  step(signal: AbortSignal): Promise<Outcome | undefined>;
  /** Whether an order is to be carried out now. */
  isDue(): boolean;
  /** Stops a step that works on an order that is no longer the newest. */
  reconsider(): void;
  /**
   * A person has seen the change brake's numbers and goes on with this order. The other watchers hear of it: each goes
   * on too where it counts the same.
   */
  confirm(order: string, by: string): void;
  last(): { readonly order: string; readonly outcome: Outcome; readonly at: number } | undefined;
  /** The order that should stand in the zones. */
  wanted(): PublishOrder | undefined;
}

/** How long to leave an order alone after it did not end well. */
const againMs: Readonly<Record<Outcome['kind'], number>> = {
  done: Number.POSITIVE_INFINITY,
  stragglers: 5000,
  asks: Number.POSITIVE_INFINITY,
  failed: 5000,
  stopped: 0,
};

function idOf(order: PublishOrder): string {
  return `${order.epoch}.${order.node} ${JSON.stringify(order.active)}`;
}

export function openCarrier(deps: CarrierDeps): Carrier {
  const { publish, store, clock } = deps;
  let last: (ReturnType<Carrier['last']> & { key: string }) | undefined;
  const words = openBrakeWords({ store, clock });
  const asked = (id: string): Outcome | undefined =>
    last?.order === id && last.outcome.kind === 'asks' ? last.outcome : undefined;
  let running: { readonly key: string; readonly stop: AbortController } | undefined;
  const run = oneByOne();
  const wanted = (): PublishOrder | undefined => publishOrder(store, deps.first);

  function isDue(order: PublishOrder, id: string): boolean {
    if (last === undefined || last.key !== idOf(order)) return true;
    if (last.outcome.kind === 'asks') return words.goesOn(id, asked(id));
    return clock.now() - last.at >= againMs[last.outcome.kind];
  }

  async function note(id: string, outcome: Outcome): Promise<void> {
    const evidence = [
      ...outcome.steps.map(({ name, seconds }) => `${name}: ${seconds.toFixed(2)} s`),
      ...outcome.stragglers.map(({ server, sentence }) => `${server}: ${sentence}`),
      ...outcome.vetoes.map(({ sentence }) => sentence),
    ];
    deps.log.info({ order: id, outcome: outcome.kind, sentence: outcome.sentence }, 'zones brought');
    await store.tell({ at: clock.now(), kind: 'publish', subject: id, sentence: outcome.sentence, evidence });
  }

  async function stepNow(outer: AbortSignal): Promise<Outcome | undefined> {
    const order = wanted();
    if (publish === undefined || order === undefined) return undefined;
    const id = `${order.epoch}.${order.node}`;
    if (!isDue(order, id)) return undefined;
    const stop = new AbortController();
    running = { key: idOf(order), stop };
    try {
      const signal = AbortSignal.any([outer, stop.signal]);
      // Before the run where the numbers are known: the other watcher need not wait for its end.
      const before = asked(id);
      if (before !== undefined) await words.share(id, before);
      const outcome = await publish.bring(order, signal, { confirmed: words.goesOn(id, before) });
      last = { key: idOf(order), order: id, outcome, at: clock.now() };
      await note(id, outcome);
      if (outcome.kind === 'done' || outcome.kind === 'stragglers') await words.share(id, outcome);
      return outcome;
    } finally {
      running = undefined;
    }
  }

  return {
    step(signal) {
      return run(() => stepNow(signal));
    },
    isDue() {
      const order = wanted();
      return publish !== undefined && order !== undefined && isDue(order, `${order.epoch}.${order.node}`);
    },
    reconsider() {
      const order = wanted();
      if (running !== undefined && order !== undefined && idOf(order) !== running.key) running.stop.abort();
    },
    confirm: words.confirm,
    last: () => last,
    wanted,
  };
}

/** 'epoch.node' of the newest order, for people. */
export function newestOrder(store: Pick<Store, 'orders'>): string | undefined {
  const head = headsOf(store.orders())[0];
  return head === undefined ? undefined : orderId(head);
}
