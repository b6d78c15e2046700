import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Actor } from '../../auth/actor.ts';
import type { Args } from '../../whm/call.ts';
import type { Credentials, PassthroughDeps } from './deps.ts';
import { lastOf } from './params.ts';
import { cookieOf, credentials, credentialsOf, type Side, type Target } from './request.ts';
import { send } from './respond.ts';
import type { Throttle } from './throttle.ts';

const cookieName = { whm: 'whostmgrsession', cpanel: 'cpsession' } as const;

function addressOf(request: IncomingMessage): string {
  return request.socket.remoteAddress ?? '';
}

/** Accounts have no business on WHM's port; there they are nobody. */
function belongs(actor: Actor | undefined, side: Side): Actor | undefined {
  const isAccount = actor !== undefined && actor.scope !== 'all' && 'account' in actor.scope;
  return isAccount && side === 'whm' ? undefined : actor;
}

/** Looks at credentials, slows down wrong ones, and counts them per address and user. */
async function checked(
  deps: PassthroughDeps,
  throttle: Throttle,
  side: Side,
  given: Credentials,
  address: string,
): Promise<Actor | 'code wanted' | undefined> {
  const { user } = given;
  const verdict = throttle.verdict(address, user, deps.now());
  if (verdict === 'shut') {
    deps.log.warn({ user, address }, 'too many wrong sign-ins, not looked at any more');
    return undefined;
  }
  const found = await deps.signIn(given, address);
  if (found === 'code wanted') return found;
  const actor = belongs(found, side);
  if (actor !== undefined) {
    throttle.succeeded(address, user);
    return actor;
  }
  throttle.failed(address, user, deps.now());
  deps.log.warn({ user, address, scheme: given.scheme }, 'wrong sign-in at the passthrough');
  await deps.delay(verdict);
  return undefined;
}

/** A reseller with what the masters let it do now. While none of them tells, nothing is done in its name. */
function withPrivileges(
  { privileges }: PassthroughDeps,
  actor: Actor | undefined,
): Actor | undefined | Promise<Actor | undefined> {
  if (privileges === undefined || actor === undefined || actor.scope === 'all') return actor;
  const { scope } = actor;
  if (!('reseller' in scope)) return actor;
  return privileges.of(scope.reseller).then((own) => ({ ...actor, privileges: own ?? new Set<string>() }));
}

/** `X-CPANEL-OTP` carries the code of a second factor beside a person's password. */
function withCode(request: IncomingMessage, given: Credentials): Credentials {
  const code = request.headers['x-cpanel-otp'];
  return given.scheme === 'basic' && typeof code === 'string' ? { ...given, code: code.slice(0, 64) } : given;
}

/**
 * Who calls: by the Authorization header, else by cookie and security token together. A cookie alone is nobody, so that
 * another site's page cannot use it; a security token beside a header is ignored, as cpsrvd does it.
 */
export async function callerOf(
  deps: PassthroughDeps,
  throttle: Throttle,
  side: Side,
  request: IncomingMessage,
  target: Target,
): Promise<Actor | undefined> {
  const given = credentialsOf(request.headers.authorization);
  if (given !== undefined) {
    const found = await checked(deps, throttle, side, withCode(request, given), addressOf(request));
    return found === 'code wanted' ? undefined : await withPrivileges(deps, found);
  }
  const cookie = cookieOf(request.headers.cookie, cookieName[side]);
  if (request.headers.authorization !== undefined || cookie === undefined || target.securityToken === undefined)
    return undefined;
  const found = await deps.sessions.find(cookie, target.securityToken, addressOf(request));
  return await withPrivileges(deps, belongs(found, side));
}

function setCookie(response: ServerResponse, side: Side, value: string): void {
  response.setHeader('Set-Cookie', `${cookieName[side]}=${value}; HttpOnly; path=/; secure; SameSite=Lax`);
}

/** The page by which cPanel's clients know that a code is asked for (`tfa_login_form`): HTML also where JSON was. */
function codePage(response: ServerResponse, user: string): void {
  const shown = user.replace(/[^\w.@-]/g, '').slice(0, 64);
  response.statusCode = 200;
  response.setHeader('Content-Type', 'text/html; charset="utf-8"');
  response.setHeader('Cache-Control', 'no-store');
  response.setHeader('Content-Security-Policy', "default-src 'none'; form-action 'self'; frame-ancestors 'none'");
  response.end(`<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>Two-Factor Authentication</title></head>
<body><main><h1>Two-factor authentication</h1>
<form id="tfa_login_form" action="/login/" method="post">
<input type="hidden" name="user" value="${shown}">
<p><label>Password <input name="pass" type="password" autocomplete="current-password" required></label></p>
<p><label>Security code <input name="tfa_token" id="tfatoken" inputmode="numeric" autocomplete="one-time-code" required></label></p>
<p><button type="submit">Continue</button></p></form></main></body></html>
`);
}

function wrong(response: ServerResponse): void {
  response.statusCode = 401;
  response.setHeader('Content-Type', 'text/plain; charset="utf-8"');
  response.setHeader('Cache-Control', 'no-store');
  response.end('{"status":0,"message":"invalid_login"}');
}

/** Where a signed-in caller is sent: a path of ours and nothing that a browser could read as another site. */
function destination(args: Args): string {
  const asked = lastOf(args, 'goto_uri') ?? '/';
  return /^\/(?![/\\])[\w./?=&%~-]*$/.test(asked) ? asked : '/';
}

/** `/login`: user and password (or a token in its place), or a one-time link. `login_only=1` answers in JSON. */
export async function login(
  deps: PassthroughDeps,
  throttle: Throttle,
  side: Side,
  request: IncomingMessage,
  response: ServerResponse,
  args: Args,
): Promise<void> {
  const address = addressOf(request);
  const link = lastOf(args, 'session');
  const opened =
    link === undefined
      ? await opens(deps, throttle, side, request, args)
      : side === 'cpanel'
        ? await deps.sessions.redeem(link, address)
        : undefined;
  if (opened === undefined) return wrong(response);
  if (opened === 'code wanted') return codePage(response, lastOf(args, 'user') ?? '');
  setCookie(response, side, opened.cookie);
  const redirect = `${opened.securityToken}${destination(args)}`;
  if (lastOf(args, 'login_only') === '1')
    return send(response, 200, { status: 1, redirect, security_token: opened.securityToken });
  response.statusCode = 301;
  response.setHeader('Location', redirect);
  response.setHeader('Cache-Control', 'no-store');
  response.end();
}

async function opens(deps: PassthroughDeps, throttle: Throttle, side: Side, request: IncomingMessage, args: Args) {
  const form = credentials('basic', lastOf(args, 'user') ?? '', lastOf(args, 'pass') ?? '');
  const given = form ?? credentialsOf(request.headers.authorization);
  if (given === undefined) return undefined;
  const code = lastOf(args, 'tfa_token');
  const whole = code === undefined || code === '' ? given : { ...given, code: code.slice(0, 64) };
  const actor = await checked(deps, throttle, side, whole, addressOf(request));
  if (actor === undefined || actor === 'code wanted') return actor;
  const holder =
    actor.tokenId === undefined
      ? ({ kind: 'person', name: actor.name } as const)
      : ({ kind: 'token', id: actor.tokenId } as const);
  return await deps.sessions.open(holder, addressOf(request));
}

/** `/logout` ends the session that the cookie names, if there is one. */
export async function logout(
  deps: PassthroughDeps,
  side: Side,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const cookie = cookieOf(request.headers.cookie, cookieName[side]);
  if (cookie !== undefined) await deps.sessions.close(cookie);
  response.setHeader('Set-Cookie', `${cookieName[side]}=; HttpOnly; path=/; secure; Max-Age=0`);
  send(response, 200, { status: 1 });
}
