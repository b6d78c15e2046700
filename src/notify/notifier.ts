/**
 * Tells people what is the case, once for each message however many watchers see it, again until somebody says "I have
 * it", and later with the true time when no way out was open. Level-based: it looks at what is the case and at what was
 * told, so it may be killed anywhere.
 */
import { readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
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
  /** What became of a message at its gateway. */
  report(providerId: string, lost: boolean, status: string): Promise<void>;
  readonly ended: Promise<void>;
}

/** What watchers tell each other. */
export const told = z.object({
  node: z.string().max(64),
  delivered: z.array(z.object({ id: z.string().max(400), at: z.number() })).max(10_000),
  acknowledged: z.array(z.object({ key: z.string().max(200), at: z.number(), by: z.string().max(100) })).max(10_000),
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
    report: (providerId, lost, status) => report(outbox, providerId, lost, status, clock.now()),
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
  await readAcknowledgements(options.folder, outbox, options.clock.now(), options.log);
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
  return {
    node,
    delivered: [...outbox.sent()].filter(([, s]) => s.state === 'delivered').map(([id, s]) => ({ id, at: s.at })),
    acknowledged: outbox
      .events()
      .flatMap((one) => (one.acknowledged === undefined ? [] : [{ key: one.key, ...one.acknowledged }])),
  };
}

/** Only of events that are known here: what came before this node heard of the event does not count for it. */
async function learn(outbox: Outbox, other: Told): Promise<void> {
  const known = new Map(outbox.events().map((one) => [one.key, one]));
  for (const { id, at } of other.delivered) {
    const event = known.get(id.split('|')[0] ?? '');
    if (event === undefined || at < event.at || outbox.sent().get(id)?.state === 'delivered') continue;
    await outbox.record(id, { state: 'delivered', at, tries: 0, by: other.node });
  }
  for (const { key, at, by } of other.acknowledged) {
    const event = known.get(key);
    if (event !== undefined && event.acknowledged === undefined && at >= event.at)
      await outbox.acknowledge(key, at, by);
  }
}

/** A message that its gateway lost on the way is owed again. */
async function report(outbox: Outbox, providerId: string, lost: boolean, status: string, now: number): Promise<void> {
  if (!lost) return;
  for (const [id, state] of outbox.sent()) {
    if (state.providerId !== providerId || state.state !== 'delivered') continue;
    await outbox.record(id, { ...state, state: 'failed', at: now, reason: `the gateway says ${status}` });
  }
}

const acknowledgement = z.object({ key: z.string().max(200), by: z.string().max(100) });

/** Where `tandem notify ack` leaves its word: another process, so a file that appears whole. */
export const ACK_FOLDER = 'acknowledged';

async function readAcknowledgements(folder: string, outbox: Outbox, now: number, log: Logger): Promise<void> {
  const place = join(folder, ACK_FOLDER);
  const names = await readdir(place).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
  for (const name of names.filter((one) => one.endsWith('.json'))) {
    const parsed = acknowledgement.safeParse(jsonOf(await readFile(join(place, name), 'utf8')));
    if (!parsed.success) log.warn({ file: name }, 'an acknowledgement cannot be read and is dropped');
    else if (parsed.data.key !== '*') await outbox.acknowledge(parsed.data.key, now, parsed.data.by);
    else
      for (const one of outbox.events().filter((e) => e.over === undefined && e.acknowledged === undefined))
        await outbox.acknowledge(one.key, now, parsed.data.by);
    await rm(join(place, name));
  }
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // The caller says that it cannot be read.
  }
}
