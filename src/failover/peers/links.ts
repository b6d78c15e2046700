import { messageOf } from '../../errors.ts';
import type { Statement } from '../verdict/verdict.ts';
import { type Exchange, exchangeSchema, protocolVersion, seeAnswer } from './protocol.ts';
import type { PeerClient } from './tls.ts';

/** What a question came to. Silence is no statement. */
export type Answered<T> =
  | { readonly kind: 'answered'; readonly value: T }
  | { readonly kind: 'silent'; readonly why: string };

/** The other watcher. */
export interface PeerLink {
  readonly id: string;
  exchange(mine: Exchange, signal: AbortSignal): Promise<Answered<Exchange>>;
}

/** Somebody else who can be asked what they see: a witness, the other master, an outside service. */
export interface Vantage {
  readonly id: string;
  see(signal: AbortSignal): Promise<Answered<Statement>>;
}

/** Runs a question; whatever goes wrong is silence, with its reason. */
export async function asked<T>(question: () => Promise<T>): Promise<Answered<T>> {
  try {
    return { kind: 'answered', value: await question() };
  } catch (error) {
    return { kind: 'silent', why: messageOf(error) };
  }
}

/** The other watcher over mutual TLS. */
export function tlsLink(id: string, client: PeerClient): PeerLink {
  return {
    id,
    exchange: (mine, signal) =>
      asked(async () => {
        const said = exchangeSchema.parse(await client.post('/v1/exchange', mine, signal));
        if (said.from !== id) throw new Error(`${id} calls itself ${said.from}`);
        if (said.topology !== mine.topology) throw new Error(`${id} is configured with other places than this watcher`);
        return said;
      }),
  };
}

/** A witness over mutual TLS. */
export function witnessVantage(id: string, self: string, client: PeerClient): Vantage {
  return {
    id,
    see: (signal) =>
      asked(async () => {
        const said = seeAnswer.parse(await client.post('/v1/see', { version: protocolVersion, from: self }, signal));
        if (said.from !== id) throw new Error(`${id} calls itself ${said.from}`);
        return { from: id, sees: said.sees };
      }),
  };
}
