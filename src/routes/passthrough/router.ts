import { randomUUID } from 'node:crypto';
import type { ServerOptions } from 'node:http';
import express, { type Express, type NextFunction, type Request, type Response, Router } from 'express';
import type { Actor } from '../../auth/actor.ts';
import { AppError } from '../../errors.ts';
import { readBody } from './body.ts';
import type { PassthroughDeps } from './deps.ts';
import { accessDenied, envelope } from './envelope.ts';
import { lastOf, requestArgs } from './params.ts';
import { credentialsOf, type Target, targetOf } from './request.ts';
import { sentenceOf } from './run.ts';
import { serve } from './serve.ts';
import { type Throttle, throttleOf } from './throttle.ts';

/** For the HTTPS server that this stands behind: certificates travel in URLs, slow senders are cut off. */
export const passthroughServerOptions: ServerOptions = {
  maxHeaderSize: 65_536,
  headersTimeout: 20_000,
  requestTimeout: 60_000,
  insecureHTTPParser: false,
};

/** Compact JSON, keys in their order; nothing here may ever answer HTML (FOSSBilling issue 2388). */
function send(response: Response, status: number, body: unknown): void {
  if (response.headersSent) return;
  response.statusCode = status;
  response.setHeader('Content-Type', 'application/json');
  response.setHeader('Cache-Control', 'no-store');
  response.end(JSON.stringify(body));
}

/** The recorded answer to wrong credentials; the connection ends with it, as cpsrvd does it. */
function deny(response: Response): void {
  if (response.headersSent) return;
  response.writeHead(403, 'Forbidden Access denied', {
    Connection: 'close',
    'Content-Type': 'text/plain; charset="utf-8"',
  });
  response.end(accessDenied);
}

async function signIn(deps: PassthroughDeps, throttle: Throttle, request: Request): Promise<Actor | undefined> {
  const address = request.socket.remoteAddress ?? '';
  const credentials = credentialsOf(request.headers.authorization);
  if (credentials === undefined) return undefined;
  const { user } = credentials;
  const verdict = throttle.verdict(address, user, deps.now());
  if (verdict === 'shut') {
    deps.log.warn({ user, address }, 'too many wrong sign-ins, not looked at any more');
    return undefined;
  }
  const actor = await deps.signIn(credentials, address);
  if (actor !== undefined) {
    throttle.succeeded(address, user);
    return actor;
  }
  throttle.failed(address, user, deps.now());
  deps.log.warn({ user, address, scheme: credentials.scheme }, 'wrong sign-in at the passthrough');
  await deps.delay(verdict);
  return undefined;
}

function failure(fn: string, versioned: boolean, reason: string): unknown {
  return envelope(versioned ? 1 : 0, fn, { ok: false, reason });
}

async function call(
  deps: PassthroughDeps,
  target: Target,
  actor: Actor,
  request: Request,
  response: Response,
): Promise<void> {
  const { fn } = target;
  const body = await readBody(request, deps.bodyLimit ?? 2 * 1024 * 1024, deps.bodyMs ?? 30_000);
  if (body.kind !== 'text') {
    response.setHeader('Connection', 'close');
    const [status, reason] =
      body.kind === 'too-large'
        ? ([413, 'The request is too large.'] as const)
        : ([408, 'The request was not complete in time.'] as const);
    deps.log.warn({ fn, actor: actor.name, problem: body.kind }, 'passthrough request cut off');
    response.once('finish', () => request.destroy());
    send(response, status, failure(fn, true, reason));
    return;
  }
  const hungUp = new AbortController();
  response.once('close', () => hungUp.abort());
  const args = requestArgs(target.query, body.text, request.headers['content-type']);
  const key = request.headers['idempotency-key'] ?? lastOf(args, 'tandem.key');
  const caller = { actor, signal: hungUp.signal, ...(typeof key === 'string' ? { idempotencyKey: key } : {}) };
  send(response, 200, await serve(deps, fn, args, caller));
}

function onError(deps: PassthroughDeps) {
  return (error: unknown, request: Request, response: Response, _next: NextFunction): void => {
    const target = targetOf(request.url);
    const fn = target?.fn ?? '';
    const versioned = /(?:^|&)api\.version=[12](?:&|$)/.test(target?.query ?? '');
    if (error instanceof AppError) {
      send(response, 200, failure(fn, versioned, sentenceOf(error)));
      return;
    }
    const id = randomUUID();
    deps.log.error({ err: error, fn, id }, 'passthrough request failed');
    send(response, 500, failure(fn, versioned, `The control node could not process the request (${id}).`));
  };
}

/**
 * `/json-api/<function>`, GET and POST, also under `/cpsess##########/`. Credentials come first: until they are right
 * neither body nor function name is looked at. URLs are never logged, since they carry passwords and keys.
 */
export function passthroughRouter(deps: PassthroughDeps): Router {
  const throttle = throttleOf();
  const router = Router();
  router.use(async (request: Request, response: Response): Promise<void> => {
    const target = targetOf(request.originalUrl);
    if (target === undefined) return send(response, 404, { status: 0, statusmsg: 'Not found' });
    if (request.method !== 'GET' && request.method !== 'POST') {
      response.setHeader('Allow', 'GET, POST');
      return send(
        response,
        405,
        failure(target.fn, true, `The method ${request.method} is not served; use GET or POST.`),
      );
    }
    const actor = await signIn(deps, throttle, request);
    if (actor === undefined) return deny(response);
    await call(deps, target, actor, request, response);
  });
  router.use(onError(deps));
  return router;
}

/** The router as an application of its own, for the listeners on 2087 and 2083. */
export function passthroughApp(deps: PassthroughDeps): Express {
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.use(passthroughRouter(deps));
  return app;
}
