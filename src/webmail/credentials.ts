/** What signs in to mail: the words of SASL PLAIN (RFC 4616), and the tokens that stand for one request. */
import { randomBytes } from 'node:crypto';

/** A mailbox, and the account whose active master it is read on. */
export interface Box {
  readonly account: string;
  readonly mailbox: string;
}

export interface Plain {
  /** Whose mail it is. */
  readonly acts: string;
  /** Who signs in. */
  readonly user: string;
  readonly password: string;
}

/** One response of SASL PLAIN, base64. */
export function plainOf({ acts, user, password }: Plain): string {
  return Buffer.from(`${acts}\0${user}\0${password}`, 'utf8').toString('base64');
}

/** undefined: no such response. An empty first part means the user itself. */
export function readPlain(text: string): Plain | undefined {
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(text)) return undefined;
  const [acts, user, password, ...more] = Buffer.from(text, 'base64').toString('utf8').split('\0');
  if (acts === undefined || user === undefined || password === undefined || more.length > 0) return undefined;
  return { acts: acts === '' ? user : acts, user, password };
}

/** Tokens for mail, each good for one mailbox until it is given back. Kept in memory: they outlive no request. */
export interface MailTokens {
  give(box: Box): { readonly token: string; back(): void };
  /** undefined: unknown, given back, or for another mailbox. */
  boxOf(mailbox: string, token: string): Box | undefined;
}

/** Opens an empty list. */
export function openMailTokens(): MailTokens {
  const given = new Map<string, Box>();
  return {
    give(box) {
      const token = randomBytes(32).toString('base64url');
      given.set(token, box);
      return { token, back: () => void given.delete(token) };
    },
    boxOf(mailbox, token) {
      const box = given.get(token);
      return box?.mailbox === mailbox ? box : undefined;
    },
  };
}
