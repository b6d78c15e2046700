/** Who is calling: tokens, Basic, and the cookie sessions of /login. */

import { privileges } from './acls.ts';
import type { Engine } from './engine.ts';
import type { Caller } from './handler.ts';
import { hulkConfigOf, isLockedOut, noteFailure } from './hulk.ts';
import type { Args } from './params.ts';
import { judgeFactor } from './second-factor.ts';
import { accounts, resellers, type Session, sessions, settings, tokens } from './tables.ts';
import { cookieMayCome } from './tweak-settings.ts';

export type Side = 'whm' | 'cpanel';

/** What sign-in looks at. */
export interface Signed {
  readonly authorization: string | undefined;
  readonly cookie: string | undefined;
  /** '/cpsess1234567890' when the path began with it. */
  readonly sessionPath: string | undefined;
  readonly address: string;
}

/** Fifteen idle minutes end a session. */
const SESSION_MS = 15 * 60_000;
export const COOKIE: Readonly<Record<Side, string>> = { whm: 'whostmgrsession', cpanel: 'cpsession' };

/** What /login was given. */
export interface Attempt {
  readonly user: string;
  readonly password: string;
  /** The code of the second factor; '' when none was sent. */
  readonly code: string;
  readonly address: string;
}

export interface Auth {
  /** undefined: denied. */
  identify(side: Side, signed: Signed): Caller | undefined;
  /** A new session for a user whose password, and code where one is needed, are right. */
  login(side: Side, attempt: Attempt): Session | 'denied' | 'code wanted';
  /** Opens the one-time URL of create_user_session; undefined: used, unknown or too old. */
  redeem(token: string, key: string, address: string): Session | undefined;
  /** Ends the session of this cookie. */
  logout(side: Side, cookie: string | undefined): void;
}

const ALL: ReadonlySet<string> = new Set(privileges);

/** The value of one cookie in a Cookie header. */
function cookieValue(header: string | undefined, name: string): string | undefined {
  for (const part of (header ?? '').split(';')) {
    const at = part.indexOf('=');
    if (at > 0 && part.slice(0, at).trim() === name) return part.slice(at + 1).trim();
  }
  return undefined;
}

/** Splits at the first colon. */
function pair(text: string): readonly [string, string] {
  const at = text.indexOf(':');
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)];
}

/** The rights of a user on one side; `bounds` are a token's own privileges, empty for none. */
function callerOf(
  engine: Engine,
  side: Side,
  user: string,
  bounds: readonly string[],
  address: string,
): Caller | undefined {
  const bounded = (acls: ReadonlySet<string>): ReadonlySet<string> =>
    bounds.length === 0 ? acls : new Set(bounds.filter((acl) => acls.has('all') || acls.has(acl)));
  if (side === 'cpanel') {
    return engine.state.of(accounts).has(user) ? { kind: 'account', user, acls: new Set(), address } : undefined;
  }
  if (user === 'root') return { kind: 'root', user, acls: bounded(ALL), address };
  const reseller = engine.state.of(resellers).get(user);
  if (reseller === undefined || engine.state.of(accounts).get(user)?.suspended === true) return undefined;
  return { kind: 'reseller', user, acls: bounded(new Set(reseller.acls)), address };
}

function passwordIsRight({ state }: Engine, side: Side, user: string, password: string): boolean {
  if (user === 'root') return password === state.of(settings).get('server')?.rootPassword;
  const account = state.of(accounts).get(user);
  if (account === undefined || account.suspended || account.password !== password) return false;
  return side === 'cpanel' || state.of(resellers).has(user);
}

function byToken(engine: Engine, side: Side, user: string, secret: string, address: string): Caller | undefined {
  const { state, host } = engine;
  const found = state
    .of(tokens)
    .by(user)
    .find((t) => t.token === secret && t.service === side);
  if (found === undefined) return undefined;
  if (found.expiresAt !== null && found.expiresAt * 1000 <= host.now()) return undefined;
  const { whitelistIps } = found;
  if (whitelistIps.length > 0 && !whitelistIps.includes(address)) return undefined;
  return callerOf(engine, side, user, found.acls, address);
}

/** The user that an Authorization header names, whether it is right or not. */
function userIn(header: string): string {
  const [scheme = '', credentials = ''] = header.split(/\s+(.*)/su);
  const text = scheme.toLowerCase() === 'basic' ? Buffer.from(credentials, 'base64').toString('utf8') : credentials;
  return pair(text.trim())[0];
}

function byHeader(engine: Engine, side: Side, header: string, address: string): Caller | undefined {
  const [scheme = '', credentials = ''] = header.split(/\s+(.*)/su);
  const kind = scheme.toLowerCase();
  if (kind === 'basic') {
    const [user, password] = pair(Buffer.from(credentials, 'base64').toString('utf8'));
    return passwordIsRight(engine, side, user, password) ? callerOf(engine, side, user, [], address) : undefined;
  }
  if (kind !== side) return undefined;
  const [user, secret] = pair(credentials.trim());
  return byToken(engine, side, user, secret, address);
}

/** Sign-in over one engine's state. */
export function createAuth(engine: Engine): Auth {
  const { state, host } = engine;
  const lastUsed = new Map<string, number>();

  function isLive(session: Session): boolean {
    return host.now() - Math.max(session.lastUsed, lastUsed.get(session.cookie) ?? 0) < SESSION_MS;
  }

  function byCookie(side: Side, signed: Signed): Caller | undefined {
    const cookie = cookieValue(signed.cookie, COOKIE[side]);
    const session = cookie === undefined ? undefined : state.of(sessions).get(cookie);
    if (session === undefined || session.pending !== null || session.token !== signed.sessionPath) return undefined;
    if ((session.service === 'whostmgrd') !== (side === 'whm') || !isLive(session)) return undefined;
    if (!cookieMayCome(state, session.address, signed.address)) return undefined;
    lastUsed.set(session.cookie, host.now());
    return callerOf(engine, side, session.user, [], signed.address);
  }

  function failed(user: string, address: string): void {
    if (hulkConfigOf(state).enabled) engine.change(() => noteFailure(state, host, user, address));
  }

  function byAuthorization(side: Side, header: string, address: string): Caller | undefined {
    const user = userIn(header);
    if (isLockedOut(state, host, user, address)) return undefined;
    const caller = byHeader(engine, side, header, address);
    if (caller === undefined) failed(user, address);
    return caller;
  }

  function judge(side: Side, { user, password, code, address }: Attempt): 'enough' | 'denied' | 'code wanted' {
    if (isLockedOut(state, host, user, address)) return 'denied';
    const isRight = passwordIsRight(engine, side, user, password) && !(side === 'cpanel' && user === 'root');
    const factor = isRight ? judgeFactor(state, host, user, code) : 'wrong';
    if (factor === 'enough') return 'enough';
    if (factor === 'ask') return 'code wanted';
    failed(user, address);
    return 'denied';
  }

  return {
    identify(side, signed) {
      if (signed.authorization !== undefined) return byAuthorization(side, signed.authorization, signed.address);
      return signed.sessionPath === undefined ? undefined : byCookie(side, signed);
    },
    login(side, attempt) {
      const verdict = judge(side, attempt);
      if (verdict !== 'enough') return verdict;
      const { user, address } = attempt;
      const session: Session = { ...newSession(engine, user, side === 'whm' ? 'whostmgrd' : 'cpaneld'), address };
      engine.change(() => state.of(sessions).set(session.cookie, session));
      return session;
    },
    redeem(token, key, address) {
      const found = state
        .of(sessions)
        .values()
        .find((s) => s.token === token && s.pending === key);
      if (found === undefined || !isLive(found)) return undefined;
      const opened: Session = { ...found, pending: null, address, lastUsed: host.now() };
      engine.change(() => state.of(sessions).set(opened.cookie, opened));
      return opened;
    },
    logout(side, cookie) {
      const value = cookieValue(cookie, COOKIE[side]);
      if (value !== undefined) engine.change(() => state.of(sessions).delete(value));
    },
  };
}

/** A session not yet stored: cookie and security token are made here. */
export function newSession(engine: Pick<Engine, 'host'>, user: string, service: Session['service']): Session {
  const { host } = engine;
  const digits = Array.from({ length: 10 }, () => Math.floor(host.random() * 10)).join('');
  return {
    cookie: `${user}%3a${host.randomText(16)}%2c${host.randomText(32).toLowerCase()}`,
    token: `/cpsess${digits}`,
    user,
    service,
    lastUsed: host.now(),
    pending: null,
    address: null,
  };
}

/** The value of an argument; the last one counts. */
export function argument(args: Args, name: string): string | undefined {
  return args.findLast(([key]) => key === name)?.[1];
}
