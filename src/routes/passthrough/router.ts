import { randomUUID } from 'node:crypto';
import type { IncomingMessage, RequestListener, ServerOptions, ServerResponse } from 'node:http';
import type { Actor } from '../../auth/actor.ts';
import type { Args } from '../../whm/call.ts';
import { accountPage } from './account-page.ts';
import { readBody } from './body.ts';
import type { PassthroughDeps } from './deps.ts';
import { lastOf, requestArgs } from './params.ts';
import { type Side, type Target, targetOf } from './request.ts';
import { answerError, deny, failure, send, xmlName } from './respond.ts';
import { sentenceOf } from './run.ts';
import { serve } from './serve.ts';
import { callerOf, login, logout } from './sign-in.ts';
import { type Throttle, throttleOf } from './throttle.ts';

/** For the HTTPS server that this stands behind: certificates travel in URLs, slow senders are cut off. */
export const passthroughServerOptions: ServerOptions = {
  maxHeaderSize: 65_536,
  headersTimeout: 20_000,
  requestTimeout: 60_000,
  insecureHTTPParser: false,
};

/** A sign-in form is small; nobody is known yet who might send more. */
const loginLimit = 16 * 1024;

/** Everything that a caller sent; undefined: cut off, and answered. */
async function argsOf(
  deps: PassthroughDeps,
  target: Target,
  request: IncomingMessage,
  response: ServerResponse,
  limit: number,
): Promise<Args | undefined> {
  const body = await readBody(request, limit, deps.bodyMs ?? 30_000);
  if (body.kind === 'text') return requestArgs(target.query, body.text, request.headers['content-type']);
  response.setHeader('Connection', 'close');
  const [status, reason] =
    body.kind === 'too-large'
      ? ([413, 'The request is too large.'] as const)
      : ([408, 'The request was not complete in time.'] as const);
  deps.log.warn(
    { fn: target.fn, address: request.socket.remoteAddress, problem: body.kind },
    'passthrough request cut off',
  );
  response.once('finish', () => request.destroy());
  send(response, status, failure(target, true, reason), xmlName(target));
  return undefined;
}

/** The name by which the caller reached us, without port; undefined when it is no name. */
function hostOf(request: IncomingMessage): string | undefined {
  return /^([a-z0-9.-]{1,253}|\[[0-9a-f:]{2,45}\])(?::\d{1,5})?$/i.exec(request.headers.host ?? '')?.[1];
}

async function call(
  deps: PassthroughDeps,
  side: Side,
  target: Target,
  actor: Actor,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const args = await argsOf(deps, target, request, response, deps.bodyLimit ?? 2 * 1024 * 1024);
  if (args === undefined) return;
  const hungUp = new AbortController();
  response.once('close', () => hungUp.abort());
  const key = request.headers['idempotency-key'] ?? lastOf(args, 'tandem.key');
  const host = hostOf(request);
  const caller = {
    actor,
    side,
    signal: hungUp.signal,
    ...(typeof key === 'string' ? { idempotencyKey: key } : {}),
    ...(host === undefined ? {} : { host }),
  };
  send(response, 200, await serve(deps, target, args, caller), xmlName(target));
}

async function atDoor(
  deps: PassthroughDeps,
  throttle: Throttle,
  side: Side,
  target: Target,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  if (target.door === 'login') {
    const args = await argsOf(deps, target, request, response, loginLimit);
    return args === undefined ? undefined : await login(deps, throttle, side, request, response, args);
  }
  if (target.door === 'logout') return await logout(deps, side, request, response);
  const actor = await callerOf(deps, throttle, side, request, target);
  if (actor === undefined) return deny(response, target);
  if (target.door === 'page') {
    // Pages are for browsers that came by a link; programs get JSON everywhere.
    if (side === 'cpanel' && request.headers.authorization === undefined)
      return await accountPage(deps, actor, response);
    return send(response, 404, { status: 0, statusmsg: 'Not found' });
  }
  await call(deps, side, target, actor, request, response);
}

async function handle(
  deps: PassthroughDeps,
  throttle: Throttle,
  side: Side,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const target = targetOf(request.url ?? '');
  if (target === undefined) return send(response, 404, { status: 0, statusmsg: 'Not found' });
  if (request.method !== 'GET' && request.method !== 'POST') {
    response.setHeader('Allow', 'GET, POST');
    const reason = `The method ${request.method} is not served; use GET or POST.`;
    return send(response, 405, failure(target, true, reason), xmlName(target));
  }
  await atDoor(deps, throttle, side, target, request, response);
}

/**
 * Every path that cPanel serves, GET and POST, for the listeners on 2087 (`whm`) and 2083 (`cpanel`). Credentials come
 * first: until they are right neither body nor function name is looked at. URLs are never logged, since they carry
 * passwords and keys. No framework: of its chain nothing would be used, and it costs as much as the rest of a read.
 */
export function passthroughApp(deps: PassthroughDeps, side: Side = 'whm'): RequestListener {
  const throttle = deps.throttle ?? throttleOf();
  return (request, response) => {
    handle(deps, throttle, side, request, response).catch((error: unknown) =>
      answerError(deps, error, randomUUID())(request, response, targetOf(request.url ?? ''), sentenceOf),
    );
  };
}
