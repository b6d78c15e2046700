import type { Credentials } from './deps.ts';

/** Which listener: WHM's (2087) or cPanel's (2083). */
export type Side = 'whm' | 'cpanel';

/** What the path asks for. */
export interface Target {
  /** 'function': a WHM function. 'cpanel': API 1, 2 or 3 by parameters. 'execute': UAPI. 'login', 'logout': sessions. 'page': where a link leads. */
  readonly door: 'function' | 'cpanel' | 'execute' | 'login' | 'logout' | 'page';
  /** 'createacct', 'Name/space', 'Email::add_pop'; empty at the other doors. */
  readonly fn: string;
  readonly format: 'json' | 'xml';
  readonly query: string;
  /** '/cpsess##########' before the path, if there was one. */
  readonly securityToken?: string | undefined;
}

const prefix = /^\/cpsess\d{10}(?=\/)/;
const functionPath = /^\/(json|xml)-api\/([A-Za-z0-9_]+(?:\/[A-Za-z0-9_]+)*)\/?$/;
const executePath = /^\/execute\/([A-Za-z][A-Za-z0-9_]*)\/([A-Za-z][A-Za-z0-9_]*)\/?$/;

type Place = Pick<Target, 'door' | 'fn' | 'format'>;

const pagePlace: Place = { door: 'page', fn: '', format: 'json' };

function placeOf(path: string): Place | undefined {
  if (path === '/login' || path === '/login/') return { door: 'login', fn: '', format: 'json' };
  if (path === '/logout' || path === '/logout/') return { door: 'logout', fn: '', format: 'json' };
  const execute = executePath.exec(path);
  if (execute !== null) return { door: 'execute', fn: `${execute[1]}::${execute[2]}`, format: 'json' };
  const found = functionPath.exec(path);
  if (found === null) return undefined;
  const format = found[1] === 'xml' ? 'xml' : 'json';
  const fn = found[2] ?? '';
  return fn === 'cpanel' ? { door: 'cpanel', fn, format } : { door: 'function', fn, format };
}

/**
 * Reads the paths that cPanel serves, also under `/cpsess##########/`; undefined: nothing that is served here. No
 * decoding: a function name needs none, so an escaped one is no name.
 */
export function targetOf(url: string): Target | undefined {
  const at = url.indexOf('?');
  const whole = at === -1 ? url : url.slice(0, at);
  const securityToken = prefix.exec(whole)?.[0];
  const path = securityToken === undefined ? whole : whole.slice(securityToken.length);
  const place = securityToken !== undefined && path === '/' ? pagePlace : placeOf(path);
  if (place === undefined) return undefined;
  const query = at === -1 ? '' : url.slice(at + 1);
  // Written out: a property behind a spread one is set the slow way.
  return { door: place.door, fn: place.fn, format: place.format, query, securityToken };
}

/**
 * Reads `whm USER:TOKEN`, `WHM …`, `cpanel USER:TOKEN` and Basic, any case. Some clients break the old access hash
 * over lines or leave Basic unencoded (FOSSBilling); the latter is not served, it says no token.
 */
export function credentialsOf(header: string | undefined): Credentials | undefined {
  const found = /^(whm|cpanel|basic)[ \t]+(.+)$/i.exec(header ?? '');
  const scheme = found?.[1]?.toLowerCase();
  const rest = found?.[2]?.trim();
  if (rest === undefined || (scheme !== 'whm' && scheme !== 'cpanel' && scheme !== 'basic')) return undefined;
  return split(scheme, scheme === 'basic' ? Buffer.from(rest, 'base64').toString('utf8') : rest);
}

function split(scheme: Credentials['scheme'], text: string): Credentials | undefined {
  const at = text.indexOf(':');
  return credentials(scheme, text.slice(0, Math.max(at, 0)), at < 1 ? '' : text.slice(at + 1));
}

/** A user and a secret that may be believed in; undefined: no name, no secret, too long, or control characters. */
export function credentials(scheme: Credentials['scheme'], user: string, secret: string): Credentials | undefined {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: a line break here was the way into session files (CVE-2026-41940)
  const control = /[\x00-\x1f\x7f]/;
  if (user === '' || secret === '' || secret.length > 1024 || user.length > 128) return undefined;
  return control.test(user) || control.test(secret) ? undefined : { scheme, user, secret };
}

/** The value of one cookie; undefined when it is not there, or there twice with different values. */
export function cookieOf(header: string | undefined, name: string): string | undefined {
  const values = (header ?? '')
    .split(';')
    .map((part) => part.trim())
    .filter((part) => part.startsWith(`${name}=`))
    .map((part) => part.slice(name.length + 1));
  return new Set(values).size === 1 ? values[0] : undefined;
}
