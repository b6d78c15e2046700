import { randomUUID } from 'node:crypto';
import type { IncomingMessage, RequestListener, ServerOptions, ServerResponse } from 'node:http';
import type { Actor } from '../../auth/actor.ts';
import { AppError, Invalid } from '../../errors.ts';
import type { Args } from '../../whm/call.ts';
import { readBody } from './body.ts';
import type { PassthroughDeps } from './deps.ts';
import { type HeldFile, isMultipart, readParts } from './multipart.ts';
import { checkArgs, formArgs, lastOf, requestArgs } from './params.ts';
import { type Side, type Target, targetOf } from './request.ts';
import { answerError, asksForVersion1, deny, failure, send, xmlName } from './respond.ts';
import { type Caller, sentenceOf } from './run.ts';
import { selfService } from './self-service.ts';
import { serve } from './serve.ts';
import { callerOf, login, logout } from './sign-in.ts';
import { type Throttle, throttleOf } from './throttle.ts';
import { takesFiles } from './upload.ts';

/** A file of some hundred megabytes may take so long, ms. */
const longestUploadMs = 15 * 60_000;

/** For the HTTPS server that this stands behind: certificates travel in URLs, slow senders are cut off. */
export const passthroughServerOptions: ServerOptions = {
  maxHeaderSize: 65_536,
  headersTimeout: 20_000,
  // How often the two are looked at; Node's own half a minute would more than double the first.
  connectionsCheckingInterval: 5000,
  // Of a file; other bodies have `bodyMs`, and who is not let in is not listened to any more.
  requestTimeout: longestUploadMs + 60_000,
  insecureHTTPParser: false,
};

/** A sign-in form is small; nobody is known yet who might send more. */
const loginLimit = 16 * 1024;

/** What a caller sent. */
interface Given {
  readonly args: Args;
  readonly files?: readonly HeldFile[] | undefined;
  drop?(): Promise<void>;
}

function bodyOf(deps: PassthroughDeps, target: Target, request: IncomingMessage, limit: number) {
  const silenceMs = deps.bodyMs ?? 30_000;
  if (!isMultipart(request.headers['content-type'])) return readBody(request, limit, silenceMs);
  const query = formArgs(target.query);
  const limits = {
    fieldBytes: limit,
    fileBytes: target.door === 'login' ? 0 : (deps.uploads.mostBytes ?? 512 * 1024 * 1024),
    silenceMs,
    allMs: longestUploadMs,
  };
  return readParts(request, deps.uploads.folder, limits, (fields) => takesFiles(target, [...query, ...fields]));
}

/** Everything that a caller sent; undefined: cut off, and answered. */
async function givenOf(
  deps: PassthroughDeps,
  target: Target,
  request: IncomingMessage,
  response: ServerResponse,
  limit: number,
): Promise<Given | undefined> {
  const body = await bodyOf(deps, target, request, limit);
  if (body.kind === 'text') {
    try {
      return { args: requestArgs(target.query, body.text, request.headers['content-type']) };
    } catch (error) {
      if (!(error instanceof Invalid)) throw error;
      const versioned = asksForVersion1(target.query) || asksForVersion1(body.text);
      send(response, 200, failure(target, versioned, error.message), xmlName(target));
      return undefined;
    }
  }
  if (body.kind === 'parts') return { ...body, args: [...formArgs(target.query), ...body.args] };
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

/** What came as files is gone when the caller hears the answer. */
function served(deps: PassthroughDeps, target: Target, given: Given, caller: Caller): Promise<unknown> {
  return given.drop === undefined
    ? serve(deps, target, given.args, caller)
    : servedFiles(deps, target, given.args, given.drop, caller);
}

async function servedFiles(
  deps: PassthroughDeps,
  target: Target,
  args: Args,
  drop: () => Promise<void>,
  caller: Caller,
): Promise<unknown> {
  try {
    checkArgs(args);
    return await serve(deps, target, args, caller);
  } finally {
    await drop();
  }
}

const hangUps = new WeakMap<ServerResponse, AbortSignal>();

/** Aborted when the caller goes before it was answered. */
function hangUp(response: ServerResponse): AbortSignal {
  const known = hangUps.get(response);
  if (known !== undefined) return known;
  const hungUp = new AbortController();
  if (response.destroyed) hungUp.abort();
  response.once('close', () => {
    if (!response.writableFinished) hungUp.abort();
  });
  hangUps.set(response, hungUp.signal);
  return hungUp.signal;
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
  const given = await givenOf(deps, target, request, response, deps.bodyLimit ?? 2 * 1024 * 1024);
  if (given === undefined) return;
  const { args, files } = given;
  const key = request.headers['idempotency-key'] ?? lastOf(args, 'tandem.key');
  const caller: Caller = {
    actor,
    side,
    signal: () => hangUp(response),
    host: () => hostOf(request),
    idempotencyKey: typeof key === 'string' ? key : undefined,
    files,
  };
  let body: unknown;
  try {
    body = await served(deps, target, given, caller);
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    body = failure(target, ['1', '2'].includes(lastOf(args, 'api.version') ?? ''), sentenceOf(error));
  }
  send(response, 200, body, xmlName(target));
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
    const given = await givenOf(deps, target, request, response, loginLimit);
    return given === undefined ? undefined : await login(deps, throttle, side, request, response, given.args);
  }
  if (target.door === 'logout') return await logout(deps, side, request, response);
  const actor = await callerOf(deps, throttle, side, request, target);
  if (actor === undefined) return deny(response, target);
  if (target.door === 'page') {
    // Pages are for browsers that came by a link; programs get JSON everywhere.
    if (side === 'cpanel' && request.headers.authorization === undefined)
      return await selfService(deps, actor, response);
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
  if (target === undefined) {
    response.setHeader('Connection', 'close');
    return send(response, 404, { status: 0, statusmsg: 'Not found' });
  }
  if (request.method !== 'GET' && request.method !== 'POST') {
    response.setHeader('Allow', 'GET, POST');
    response.setHeader('Connection', 'close');
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
