import express, { type NextFunction, type Request, type Response, Router } from 'express';
import { z } from 'zod';
import type { Subject } from '../../actions/define.ts';
import type { Actor } from '../../auth/actor.ts';
import { Invalid, NotAllowed, NotFound } from '../../errors.ts';
import type { OperationFilter, OperationView } from '../../operations/model.ts';
import { bounded } from '../bounds.ts';
import { bearer } from './bearer.ts';
import type { ApiDeps } from './deps.ts';
import { errorHandler } from './errors.ts';
import { documentOf, openApi } from './openapi.ts';
import { mayDo, withinFor } from './reach.ts';
import { watcherRoutes } from './watchers.ts';

const longestWait = 60;

const filterSchema = z.strictObject({
  state: z.enum(['accepted', 'following', 'undecided', 'done', 'refused', 'withdrawn', 'open', 'held']).optional(),
  account: z.string().max(64).optional(),
  action: z.string().max(64).optional(),
  before: z.string().max(64).optional(),
  limit: z.coerce.number().int().min(1).max(500).optional(),
});
const waitSchema = z.object({ wait: z.coerce.number().min(0).max(longestWait).default(0) });
const acceptSchema = z.strictObject({
  action: z.string().max(64),
  params: z.record(z.string(), z.unknown()).default({}),
  queue: z.boolean().optional(),
});
const choiceSchema = z.strictObject({ master: z.string().max(64), choice: z.enum(['retry', 'adopt', 'skip', 'undo']) });
const keySchema = z.string().min(1).max(200).optional();

function parse<S extends z.ZodType>(schema: S, value: unknown): z.output<S> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const issues = parsed.error.issues.map(({ path, message }) => ({ path: path.join('.'), message }));
  throw new Invalid('The request has fields that are wrong.', issues);
}

/** exactOptionalPropertyTypes: an absent filter is left out, not undefined. */
function filterOf(query: unknown): OperationFilter {
  const entries = Object.entries(parse(filterSchema, query)).filter(([, value]) => value !== undefined);
  // Only undefined values were taken out of an object that the schema has checked.
  return Object.fromEntries(entries) as OperationFilter;
}

function idOf(request: Request): string {
  return String(request.params['id'] ?? '');
}

/** Parses, allows, accepts; the answer is 202 until the lead has decided. */
async function accept(deps: ApiDeps, actor: Actor, request: Request, response: Response): Promise<void> {
  const { action, queue, ...asked } = parse(acceptSchema, request.body);
  const params = bounded(actor, action, asked.params);
  const { wait } = parse(waitSchema, request.query);
  const idempotencyKey = parse(keySchema, request.get('idempotency-key'));
  await mayDo(deps, actor, action, params);
  const key = idempotencyKey === undefined ? {} : { idempotencyKey };
  const accepted = await deps.operations.accept({
    action,
    params,
    actor,
    door: 'api',
    ...key,
    ...(queue === undefined ? {} : { queue }),
  });
  const { id } = accepted;
  const view = wait > 0 ? await waited(deps, id, wait, response) : await deps.operations.wait(id, 'final', 0);
  response
    .status(view.state === 'accepted' ? 202 : 200)
    .location(`/api/v1/operations/${id}`)
    .json({ ...view, ...accepted });
}

async function waited(deps: ApiDeps, id: string, seconds: number, response: Response): Promise<OperationView> {
  const hungUp = new AbortController();
  response.once('close', () => hungUp.abort());
  return await deps.operations.wait(id, 'decided', seconds * 1000, hungUp.signal);
}

/** What the actor may not see does not exist for it. */
async function visible(deps: ApiDeps, actor: Actor, id: string): Promise<OperationView> {
  const view = await deps.operations.get(id, await withinFor(deps, actor));
  if (view === undefined) throw new NotFound(`There is no operation ${id.slice(0, 64)}.`);
  return view;
}

/** Deciding about an operation takes the right to do it. */
async function mayDecide(
  deps: ApiDeps,
  actor: Actor,
  view: { readonly action: string; readonly subject: Subject },
): Promise<void> {
  if (actor.scope !== 'all' || !deps.may(actor, view.action, view.subject, () => undefined)) {
    throw new NotAllowed('Deciding about operations is not within your rights.');
  }
}

type Handler = (actor: Actor, request: Request, response: Response) => Promise<void>;

function routes(deps: ApiDeps): readonly (readonly ['get' | 'post', string, Handler])[] {
  const { operations, reads } = deps;
  return [
    ['get', '/status', async (_actor, _request, response) => void response.json(await reads.status())],
    [
      'post',
      '/masters/:id/resume',
      async (actor, request, response) => {
        await operations.resume(idOf(request), actor);
        response.json(await reads.status());
      },
    ],
    ['get', '/accounts', async (actor, _request, response) => void response.json(await reads.accounts(actor))],
    [
      'get',
      '/actions',
      async (_actor, _request, response) => void response.json({ actions: deps.catalogue.all.map(documentOf) }),
    ],
    [
      'get',
      '/operations',
      async (actor, request, response) => {
        const within = await withinFor(deps, actor);
        response.json({ operations: await operations.list({ ...filterOf(request.query), within }) });
      },
    ],
    ['post', '/operations', (actor, request, response) => accept(deps, actor, request, response)],
    [
      'get',
      '/operations/:id',
      async (actor, request, response) => {
        const { wait } = parse(waitSchema, request.query);
        const view = await visible(deps, actor, idOf(request));
        response.json(wait > 0 ? await waited(deps, view.id, wait, response) : view);
      },
    ],
    [
      'post',
      '/operations/:id/choices',
      async (actor, request, response) => {
        const { master, choice } = parse(choiceSchema, request.body);
        const view = await visible(deps, actor, idOf(request));
        await mayDecide(deps, actor, view);
        response.json(await operations.choose(view.id, master, choice, actor));
      },
    ],
    [
      'post',
      '/operations/:id/withdraw',
      async (actor, request, response) => {
        const view = await visible(deps, actor, idOf(request));
        await mayDecide(deps, actor, view);
        response.json(await operations.withdraw(view.id, actor));
      },
    ],
  ];
}

/** `/api/v1/…` with bearer tokens. The description of the API needs no token. */
export function apiRouter(deps: ApiDeps): Router {
  const router = Router();
  const document = openApi(deps.catalogue.all, deps.version);
  router.get('/api/v1/openapi.json', (_request, response) => void response.json(document));
  const signIn = bearer(deps);
  const body = express.json({ limit: '256kb', strict: true });
  const actors = new WeakMap<Request, Actor>();
  // The body is read only after the token was found right.
  const guard = async (request: Request, _response: Response, next: NextFunction): Promise<void> => {
    actors.set(request, await signIn(request));
    next();
  };
  for (const [method, path, handler] of [...routes(deps), ...watcherRoutes(deps)]) {
    router[method](`/api/v1${path}`, guard, body, async (request: Request, response: Response): Promise<void> => {
      const actor = actors.get(request);
      if (actor === undefined) throw new NotAllowed('Sign in first.');
      await handler(actor, request, response);
    });
  }
  router.use('/api', () => {
    throw new NotFound('There is nothing at this address.');
  });
  router.use(errorHandler(deps.log));
  return router;
}
