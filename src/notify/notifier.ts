/**
 * Tells people what is the case, once for each message however many watchers see it, again until somebody says "I have
 * it", and later with the true time when no way out was open. Level-based: it looks at what is the case and at what was
 * told, so it may be killed anywhere.
 */
import { z } from 'zod';
import type { Clock } from '../clock.ts';
import { Invalid, messageOf } from '../errors.ts';
import type { Logger } from '../log.ts';
import { type Loop, loop } from '../loop.ts';
import type { Channel, Message, Taken } from './channels/channel.ts';
import { NotSent } from './channels/channel.ts';
import {
  bounds,
  type ChannelKind,
  type Contact,
  type Delivery,
  type DeliveryState,
  type Event,
  type OpenEvent,
  type Repetition,
} from './model.ts';
import { type Outbox, openOutbox } from './outbox.ts';
import { type PeerView, plan } from './plan.ts';
import { takeWords, type Word } from './words.ts';

export interface NotifierOptions {
  readonly node: string;
  /** Folder for the outbox, this node's own. */
  readonly folder: string;
  readonly contacts: readonly Contact[];
  readonly repetition: Repetition;
  /** For each kind the ways to send, the first that takes a message wins. */
  readonly channels: Readonly<Record<ChannelKind, readonly Channel[]>>;
  /** The other watcher; undefined where this node is alone. */
  readonly peer?: () => PeerView;
  readonly signal: AbortSignal;
  readonly clock: Clock;
  readonly log: Logger;
}

export interface Notifier {
  /** Says that something is the case; saying it again changes nothing. Durable when it resolves. */
  raise(event: Event): Promise<void>;
  /** Says that it is no longer. */
  clear(key: string, at: number, sentence: string): Promise<void>;
  /** Somebody has it: no more repetitions, no escalation. False where nothing of that name is open. */
  acknowledge(key: string, by: string): Promise<boolean>;
  events(): readonly OpenEvent[];
  sent(): ReadonlyMap<string, DeliveryState>;
  /** For the other watcher: ids of what was delivered here, and who acknowledged what. */
  told(): Told;
  /** What the other watcher said of the same. */
  learn(told: Told): Promise<void>;
  readonly ended: Promise<void>;
}

const mostTold = 10_000;

/** What watchers tell each other. */
export const told = z.object({
  node: z.string().max(64),
  /** `open`: the teller still has this event open. */
  delivered: z.array(z.object({ id: z.string().max(400), at: z.number(), open: z.boolean() })).max(mostTold),
  acknowledged: z
    .array(z.object({ key: z.string().max(200), at: z.number(), by: z.string().max(100), open: z.boolean() }))
    .max(mostTold),
});
export type Told = z.output<typeof told>;

const pause = { firstMs: 5000, mostMs: 300_000 } as const;
const LOOK_MS = 2000;

/** Starts telling. Throws when the folder cannot be written. */
export async function startNotifier(options: NotifierOptions): Promise<Notifier> {
  const { clock, node, log } = options;
  const outbox = await openOutbox(options.folder, clock.now());
  const turns: Loop = loop({
    name: 'notify',
    everyMs: LOOK_MS,
    turn: (signal) => turn(options, outbox, signal),
    signal: options.signal,
    clock,
    log,
  });
  return {
    async raise(event) {
      if (await outbox.begin(bounded(event), clock.now())) turns.wake();
    },
    async clear(key, at, sentence) {
      if (await outbox.end(key, at, sentence)) turns.wake();
    },
    acknowledge: (key, by) => outbox.acknowledge(key, clock.now(), by),
    events: () => outbox.events(),
    sent: () => outbox.sent(),
    told: () => toldOf(node, outbox),
    learn: (other) => learn(outbox, other),
    ended: turns.ended.then(() => outbox.close()),
  };
}

/** One line each, cut to their bounds: what comes from a master is data. Throws Invalid for a key that is none. */
function bounded(event: Event): Event {
  if (!bounds.key.test(event.key)) throw new Invalid(`an event's key cannot be ${JSON.stringify(event.key)}`);
  const cut = (text: string, most: number): string => {
    const line = text.replace(/\p{Cc}+/gu, ' ').trim();
    return line.length > most ? `${line.slice(0, most - 1)}…` : line;
  };
  const { evidence, did, willNot, command } = event;
  return {
    ...event,
    sentence: cut(event.sentence, bounds.sentence),
    ...(evidence === undefined ? {} : { evidence: cut(evidence, bounds.other) }),
    ...(did === undefined ? {} : { did: cut(did, bounds.other) }),
    ...(willNot === undefined ? {} : { willNot: cut(willNot, bounds.other) }),
    ...(command === undefined ? {} : { command: cut(command, bounds.command) }),
  };
}

async function turn(options: NotifierOptions, outbox: Outbox, signal: AbortSignal): Promise<void> {
  await takeWords(options.folder, (word) => hear(outbox, word, options.clock.now()), options.log);
  const { deliveries } = plan({
    events: outbox.events(),
    contacts: options.contacts,
    sent: outbox.sent(),
    repetition: options.repetition,
    peer: options.peer?.(),
    now: options.clock.now(),
  });
  // Side by side: one gateway that hangs keeps nobody else waiting.
  await Promise.all(deliveries.map((delivery) => deliver(options, outbox, delivery, signal)));
}

async function deliver(
  { node, contacts, channels, clock, log }: NotifierOptions,
  outbox: Outbox,
  delivery: Delivery,
  signal: AbortSignal,
): Promise<void> {
  const event = outbox.events().find((one) => one.key === delivery.event);
  const contact = contacts.find((one) => one.name === delivery.contact);
  if (event === undefined || contact === undefined) return;
  const tries = (outbox.sent().get(delivery.id)?.tries ?? 0) + 1;
  const message: Message = { id: delivery.id, event, telling: delivery.telling, contact, node };
  try {
    const taken = await firstThatTakes(channels[delivery.channel], message, signal);
    await outbox.record(delivery.id, { state: 'delivered', at: clock.now(), tries, by: node, ...taken });
  } catch (error) {
    if (signal.aborted) return;
    const at = clock.now();
    const wish = error instanceof NotSent ? error.afterMs : undefined;
    const waitMs = Math.min(pause.mostMs, Math.max(wish ?? 0, pause.firstMs * 2 ** Math.min(tries - 1, 10)));
    const reason = messageOf(error);
    log.warn(
      { contact: contact.name, channel: delivery.channel, reason, tries },
      'warning not sent, tried again later',
    );
    await outbox.record(delivery.id, { state: 'failed', at, tries, by: node, reason, notBefore: at + waitMs });
  }
}

/** The gateways in their order. Throws what the last one said. */
async function firstThatTakes(ways: readonly Channel[], message: Message, signal: AbortSignal): Promise<Taken> {
  let last: unknown = new NotSent('no gateway is configured');
  for (const way of ways) {
    try {
      return await way.send(message, signal);
    } catch (error) {
      last = error;
    }
  }
  throw last;
}

function toldOf(node: string, outbox: Outbox): Told {
  const open = new Set(outbox.events().flatMap(({ key, over }) => (over === undefined ? [key] : [])));
  return {
    node,
    delivered: [...outbox.sent()]
      .filter(([, sent]) => sent.state === 'delivered')
      .map(([id, { at }]) => ({ id, at, open: open.has(eventOf(id)) }))
      .slice(-mostTold),
    acknowledged: outbox
      .events()
      .flatMap(({ key, acknowledged }) =>
        acknowledged === undefined ? [] : [{ key, ...acknowledged, open: open.has(key) }],
      ),
  };
}

function eventOf(deliveryId: string): string {
  return deliveryId.split('|')[0] ?? '';
}

/**
 * Only of events that are known here. What was delivered before this node saw the event counts when the other still has
 * it open, for then it is the same event, seen earlier there; else it was an earlier one of the same name.
 */
async function learn(outbox: Outbox, other: Told): Promise<void> {
  const known = new Map(outbox.events().map((one) => [one.key, one]));
  for (const { id, at, open } of other.delivered) {
    const event = known.get(eventOf(id));
    if (event === undefined || (at < event.at && !open) || outbox.sent().get(id)?.state === 'delivered') continue;
    await outbox.record(id, { state: 'delivered', at, tries: 0, by: other.node });
  }
  for (const { key, at, by, open } of other.acknowledged) {
    const event = known.get(key);
    if (event !== undefined && event.acknowledged === undefined && (at >= event.at || open))
      await outbox.acknowledge(key, at, by);
  }
}

/** What somebody has, and a message that its gateway lost on the way: that is owed again. */
async function hear(outbox: Outbox, word: Word, now: number): Promise<void> {
  if (word.kind === 'acknowledged') {
    await outbox.acknowledge(word.key, now, word.by);
    return;
  }
  for (const [id, state] of outbox.sent()) {
    if (state.providerId !== word.providerId || state.state !== 'delivered') continue;
    await outbox.record(id, { ...state, state: 'failed', at: now, reason: `the gateway says ${word.status}` });
  }
}
