import { AppError, type AppErrorOptions } from '../../errors.ts';
import type { Contact, OpenEvent, Telling } from '../model.ts';

/** One message as a channel gets it. */
export interface Message {
  readonly id: string;
  readonly event: OpenEvent;
  readonly telling: Telling;
  readonly contact: Contact;
  /** Who sends it: the node's id. */
  readonly node: string;
}

/** What a gateway answered to a message that it took. */
export interface Taken {
  readonly providerId?: string;
}

/** A way to one kind of receiver. Each call is one try; repeating is the notifier's. */
export interface Channel {
  /** For logs and `tandem notify list`: 'sms by api.example.com'. */
  readonly name: string;
  /** Resolves once it was taken over for good. Throws NotSent. */
  send(message: Message, signal: AbortSignal): Promise<Taken>;
}

/** The gateway did not take it, or nobody knows. */
export class NotSent extends AppError {
  readonly code = 'notify.not-sent';
  readonly retry = 'later';
  /** The gateway's own wish, in milliseconds. */
  readonly afterMs: number | undefined;

  constructor(message: string, options: AppErrorOptions & { readonly afterMs?: number } = {}) {
    super(message, options);
    this.afterMs = options.afterMs;
  }
}

/** `Retry-After` of RFC 9110, section 10.2.3, in milliseconds, at most an hour. */
export function retryAfterMs(header: unknown, now: number): number | undefined {
  if (typeof header !== 'string') return undefined;
  const ms = /^\d{1,6}$/.test(header) ? Number(header) * 1000 : Date.parse(header) - now;
  return Number.isFinite(ms) ? Math.min(Math.max(ms, 0), 3_600_000) : undefined;
}
