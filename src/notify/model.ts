/** What a warning is, who gets it, and what became of it. All times are milliseconds since 1970. */

/** `info`: for the record. `warning`: somebody must look today. `critical`: somebody must look now. */
export type Severity = 'info' | 'warning' | 'critical';

export const severities: readonly Severity[] = ['info', 'warning', 'critical'];

/** Bounds of an event, so that a text message always has room for its sentence and its command. */
export const bounds = { key: /^[a-z0-9][a-z0-9:._-]{0,119}$/, sentence: 160, command: 120, other: 500 } as const;

/** Something that is the case, as it was first seen. Whoever sees the same says it with the same key. */
export interface Event {
  /** Equal on all watchers that see the same: 'master-dead:m1:7'; small letters, digits and `:._-`. */
  readonly key: string;
  readonly severity: Severity;
  /** When it began; told as it is, also when the message goes out hours later. */
  readonly at: number;
  /** One line: 'M1 is dead: 3 of 3 see it so'. */
  readonly sentence: string;
  /** What it is concluded from. */
  readonly evidence?: string;
  /** What Tandem did about it. */
  readonly did?: string;
  /** What it will not do alone. */
  readonly willNot?: string;
  /** The one command to type. */
  readonly command?: string;
}

/** How a person or a program is reached. */
export type ChannelKind = 'sms' | 'email' | 'webhook';

/** Hours in which only what is critical is told, by a person's own clock. */
export interface QuietHours {
  /** Minutes after midnight; `from` later than `to` means over midnight. */
  readonly from: number;
  readonly to: number;
  /** IANA name: 'Europe/Berlin'. */
  readonly zone: string;
}

export interface Contact {
  readonly name: string;
  /** E.164: '+4915112345678'. */
  readonly sms?: string;
  readonly email?: string;
  readonly webhook?: { readonly url: string; readonly secret: string };
  /** What is less than this is not told. */
  readonly least: Severity;
  /** Told only of what nobody has acknowledged for so long: escalation. 0: at once. */
  readonly afterMs: number;
  readonly quiet?: QuietHours;
}

/** How often what nobody acknowledged is told again. */
export interface Repetition {
  readonly everyMs: number;
  /** Messages for one event to one contact and channel, the first one included. */
  readonly most: number;
}

/** An event with what is known of it now. */
export interface OpenEvent extends Event {
  /** When this node heard of it. */
  readonly heardAt: number;
  readonly acknowledged?: { readonly at: number; readonly by: string };
  /** Set once it is over; then it is told to those who were told that it began. */
  readonly over?: { readonly at: number; readonly sentence: string };
}

/** Which message this is: the n-th telling that it began, or that it is over. */
export type Telling = { readonly kind: 'begun'; readonly n: number } | { readonly kind: 'over' };

/** One message to one contact over one channel. */
export interface Delivery {
  /** Equal on all watchers for the same message: key, contact, channel and telling. */
  readonly id: string;
  readonly event: string;
  readonly contact: string;
  readonly channel: ChannelKind;
  readonly telling: Telling;
}

/** What became of a message. */
export interface DeliveryState {
  readonly state: 'delivered' | 'failed';
  readonly at: number;
  readonly tries: number;
  /** Who sent it: this node's id or its peer's. */
  readonly by: string;
  /** The gateway's own id of it, for its later reports. */
  readonly providerId?: string;
  /** What went wrong, without secrets. */
  readonly reason?: string;
  /** Not again before this. */
  readonly notBefore?: number;
}

/** `key|contact|channel|begun 2`. */
export function deliveryId(delivery: Omit<Delivery, 'id'>): string {
  const telling = delivery.telling.kind === 'over' ? 'over' : `begun ${delivery.telling.n}`;
  return [delivery.event, delivery.contact, delivery.channel, telling].join('|');
}
