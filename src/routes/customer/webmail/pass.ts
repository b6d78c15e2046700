/**
 * What opens one mailbox in webmail: a cookie that browsers send below that mailbox's path alone, and that counts only
 * in the session that it was made for. It is made by the self-service after looking whose mailbox it is; a script in a
 * message, which runs on webmail's own port, can neither read it nor make one for another mailbox.
 */
import { createHmac, timingSafeEqual } from 'node:crypto';
import type { Request, Response } from 'express';

const cookieName = '__Secure-tandem-box';

/** Where a mailbox's webmail is, below the host: '/info%40bob.example/'. */
export function boxPath(address: string): string {
  return `/${encodeURIComponent(address)}/`;
}

/** The address and the rest of a path below it; undefined: no mailbox's path. */
export function readBoxPath(path: string): { readonly address: string; readonly rest: string } | undefined {
  const [, first = '', rest] = /^\/([^/]+)(\/.*)?$/.exec(path) ?? [];
  try {
    const address = decodeURIComponent(first).toLowerCase();
    if (!/^[^\s@/\\]{1,64}@[a-z0-9.-]{3,253}$/.test(address) || encodeURIComponent(address) !== first) return undefined;
    return { address, rest: rest ?? '' };
  } catch {
    // A percent sign that begins nothing.
    return undefined;
  }
}

function value(secret: string, request: Request, address: string): string {
  return createHmac('sha256', secret).update(`${request.sessionID}\n${address}`).digest('base64url');
}

/** Lets this session into a mailbox. */
export function givePass(secret: string, request: Request, response: Response, address: string): void {
  const options = { secure: true, httpOnly: true, sameSite: 'lax', path: boxPath(address) } as const;
  response.cookie(cookieName, value(secret, request, address), options);
}

/** Whether this session was let into the mailbox. */
export function hasPass(secret: string, request: Request, address: string): boolean {
  const expected = Buffer.from(value(secret, request, address));
  return cookies(request).some(([name, given]) => {
    const own = Buffer.from(given);
    return name === cookieName && own.length === expected.length && timingSafeEqual(own, expected);
  });
}

/** Roundcube's own cookies, and no other: PHP never gets the session of the self-service. */
export function roundcubeCookies(request: Request): string {
  return cookies(request)
    .filter(([name]) => name.startsWith('roundcube_'))
    .map(([name, given]) => `${name}=${given}`)
    .join('; ');
}

function cookies(request: Request): readonly (readonly [string, string])[] {
  return (request.get('cookie') ?? '').split(/;\s*/).map((pair) => {
    const at = pair.indexOf('=');
    return at < 0 ? ([pair, ''] as const) : ([pair.slice(0, at), pair.slice(at + 1)] as const);
  });
}
