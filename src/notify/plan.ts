/** What is to be sent now. Pure: time, what was sent and what the other watcher does come as arguments. */
import {
  type ChannelKind,
  type Contact,
  type Delivery,
  type DeliveryState,
  deliveryId,
  type OpenEvent,
  type Repetition,
  severities,
  type Telling,
} from './model.ts';
import { isQuiet } from './quiet.ts';

/** The other watcher, as far as it matters for who speaks. */
export interface PeerView {
  /** Milliseconds that this node leaves the other the first word: 0 for the first watcher, more for the second. */
  readonly graceMs: number;
  /** Since when it does not answer; undefined: it answers. With nobody to wait for, nothing waits. */
  readonly silentSince: number | undefined;
}

export interface Plan {
  readonly deliveries: readonly Delivery[];
  /** When something may become due by the clock alone; undefined: never. */
  readonly next: number | undefined;
}

export interface Situation {
  readonly events: readonly OpenEvent[];
  readonly contacts: readonly Contact[];
  readonly sent: ReadonlyMap<string, DeliveryState>;
  readonly repetition: Repetition;
  readonly peer: PeerView | undefined;
  readonly now: number;
}

interface Due {
  readonly at: number;
  readonly delivery: Delivery;
}

/** Every message whose time has come and that nobody has sent, oldest event first. */
export function plan(situation: Situation): Plan {
  const due = situation.events.flatMap((event) =>
    situation.contacts.flatMap((contact) =>
      channelsOf(contact).flatMap((channel) => dueOf(situation, event, contact, channel)),
    ),
  );
  const now = due.filter((one) => one.at <= situation.now);
  const later = due.filter((one) => one.at > situation.now).map((one) => one.at);
  return {
    deliveries: now.sort((a, b) => a.at - b.at).map((one) => one.delivery),
    next: later.length === 0 ? undefined : Math.min(...later),
  };
}

function channelsOf(contact: Contact): readonly ChannelKind[] {
  return (['sms', 'email', 'webhook'] as const).filter((kind) => contact[kind] !== undefined);
}

/** The one message of this event that this contact is owed next over this channel, with its time. */
function dueOf(situation: Situation, event: OpenEvent, contact: Contact, channel: ChannelKind): readonly Due[] {
  if (severities.indexOf(event.severity) < severities.indexOf(contact.least)) return [];
  const of = (telling: Telling): Delivery => {
    const delivery = { event: event.key, contact: contact.name, channel, telling };
    return { id: deliveryId(delivery), ...delivery };
  };
  const told = toldTimes(situation, of);
  if (event.over !== undefined) {
    // Who was never to be told that it began is not told that it is over; who could not be told gets it all at once.
    return situation.sent.has(of({ kind: 'begun', n: 1 }).id) ? overDue(situation, event, of({ kind: 'over' })) : [];
  }
  if (event.acknowledged !== undefined) return [];
  const n = told.length + 1;
  if (n > mostOf(situation, channel)) return [];
  const from =
    told.at(-1) === undefined ? event.heardAt + contact.afterMs : (told.at(-1) ?? 0) + situation.repetition.everyMs;
  const at = awake(situation, contact, event, withGrace(situation, from));
  return [timed(situation, at, of({ kind: 'begun', n }))];
}

/** A program needs no reminder. */
function mostOf({ repetition }: Situation, channel: ChannelKind): number {
  return channel === 'webhook' ? 1 : repetition.most;
}

/** When each telling so far was delivered, by whomever. */
function toldTimes({ sent, repetition }: Situation, of: (telling: Telling) => Delivery): readonly number[] {
  const times: number[] = [];
  for (let n = 1; n <= repetition.most; n += 1) {
    const found = sent.get(of({ kind: 'begun', n }).id);
    if (found?.state !== 'delivered') break;
    times.push(found.at);
  }
  return times;
}

function overDue(situation: Situation, event: OpenEvent, delivery: Delivery): readonly Due[] {
  if (event.over === undefined || situation.sent.get(delivery.id)?.state === 'delivered') return [];
  return [timed(situation, withGrace(situation, event.over.at), delivery)];
}

/** After a failure not before its pause has passed. */
function timed({ sent }: Situation, at: number, delivery: Delivery): Due {
  return { at: Math.max(at, sent.get(delivery.id)?.notBefore ?? 0), delivery };
}

/** The second watcher speaks when the first had its chance, or as soon as the first is silent. */
function withGrace({ peer }: Situation, at: number): number {
  if (peer === undefined || peer.graceMs === 0) return at;
  const patient = at + peer.graceMs;
  return peer.silentSince === undefined ? patient : Math.min(patient, Math.max(at, peer.silentSince));
}

const QUARTER_HOUR_MS = 900_000;

/** In quiet hours what is not critical waits for their end, found in steps of a quarter of an hour. */
function awake({ now }: Situation, contact: Contact, event: OpenEvent, at: number): number {
  const { quiet } = contact;
  if (quiet === undefined || event.severity === 'critical') return at;
  let time = Math.max(at, now);
  if (!isQuiet(quiet, time)) return at;
  const steps = 96;
  for (let n = 0; n < steps && isQuiet(quiet, time); n += 1) {
    time = (Math.floor(time / QUARTER_HOUR_MS) + 1) * QUARTER_HOUR_MS;
  }
  return time;
}
