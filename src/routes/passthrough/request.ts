import type { Credentials } from './deps.ts';

/** What the path asks for; undefined: nothing that is served here. */
export interface Target {
  /** 'createacct', or 'Name/space' for the few functions with one. */
  readonly fn: string;
  readonly query: string;
}

const jsonPath = /^(?:\/cpsess\d{10})?\/json-api\/([A-Za-z0-9_]+(?:\/[A-Za-z0-9_]+)*)\/?$/;

/** Reads `/json-api/<function>`, also under `/cpsess##########/`. No decoding: a function name needs none. */
export function targetOf(url: string): Target | undefined {
  const at = url.indexOf('?');
  const path = at === -1 ? url : url.slice(0, at);
  const fn = jsonPath.exec(path)?.[1];
  return fn === undefined ? undefined : { fn, query: at === -1 ? '' : url.slice(at + 1) };
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
  const user = text.slice(0, at);
  const secret = text.slice(at + 1);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: a line break here was the way into session files (CVE-2026-41940)
  if (at < 1 || secret === '' || secret.length > 1024 || user.length > 128 || /[\x00-\x1f\x7f]/.test(text))
    return undefined;
  return { scheme, user, secret };
}
