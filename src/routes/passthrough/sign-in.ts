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
): Promise<Actor | undefined> {
  const { user } = given;
  const verdict = throttle.verdict(address, user, deps.now());
  if (verdict === 'shut') {
    deps.log.warn({ user, address }, 'too many wrong sign-ins, not looked at any more');
    return undefined;
  }
  const actor = belongs(await deps.signIn(given, address), side);
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
async function withPrivileges(deps: PassthroughDeps, actor: Actor | undefined): Promise<Actor | undefined> {
  if (deps.privileges === undefined || actor === undefined || actor.scope === 'all') return actor;
  if (!('reseller' in actor.scope)) return actor;
  return { ...actor, privileges: (await deps.privileges.of(actor.scope.reseller)) ?? new Set<string>() };
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
  if (given !== undefined)
    return await withPrivileges(deps, await checked(deps, throttle, side, given, addressOf(request)));
  const cookie = cookieOf(request.headers.cookie, cookieName[side]);
  if (request.headers.authorization !== undefined || cookie === undefined || target.securityToken === undefined)
    return undefined;
  const found = await deps.sessions.find(cookie, target.securityToken, addressOf(request));
  return await withPrivileges(deps, belongs(found, side));
}

function setCookie(response: ServerResponse, side: Side, value: string): void {
  response.setHeader('Set-Cookie', `${cookieName[side]}=${value}; HttpOnly; path=/; secure; SameSite=Lax`);
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
  const actor = await checked(deps, throttle, side, given, addressOf(request));
  if (actor === undefined) return undefined;
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
