import type { Request, Response } from 'express';
import { z } from 'zod';
import type { Actor } from '../../auth/actor.ts';
import { Invalid, NotAllowed } from '../../errors.ts';
import type { ApiDeps } from './deps.ts';

/** What watchers ask and tell: the active master, and what a return must wait for. Only for tokens that may do all. */

const masterId = z.string().min(1).max(32);
const moveSchema = z.strictObject({
  pair: masterId,
  accounts: z.record(z.string().min(1).max(64), masterId).default({}),
  epoch: z.int().min(1),
  retreat: z.boolean().default(false),
});
const accountsSchema = z
  .string()
  .max(7000)
  .default('')
  .transform((text) => text.split(',').filter((one) => one !== ''));
const seqSchema = z.object({ seq: z.coerce.number().int().min(0), accounts: accountsSchema });
const onlySchema = z.object({ accounts: accountsSchema });

function parse<S extends z.ZodType>(schema: S, value: unknown): z.output<S> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const issues = parsed.error.issues.map(({ path, message }) => ({ path: path.join('.'), message }));
  throw new Invalid('The request has fields that are wrong.', issues);
}

type Handler = (actor: Actor, request: Request, response: Response) => Promise<void>;
type Route = readonly ['get' | 'post', string, Handler];

function forAll(handler: Handler): Handler {
  return async (actor, request, response) => {
    if (actor.scope !== 'all') throw new NotAllowed('This is for watchers.');
    await handler(actor, request, response);
  };
}

/** Empty where the role has no journal of its own. */
export function watcherRoutes({ active, certificatesEqual, placement }: ApiDeps): readonly Route[] {
  if (active === undefined) return [];
  return [
    [
      'post',
      '/active',
      forAll(async (actor, request, response) => {
        response.json(await active.move(parse(moveSchema, request.body), actor));
      }),
    ],
    [
      'get',
      '/active/open',
      forAll(async (_actor, request, response) => {
        const { seq, accounts } = parse(seqSchema, request.query);
        response.json({ open: await active.open(seq, accounts) });
      }),
    ],
    ...(placement === undefined
      ? []
      : [
          [
            'get',
            '/placement',
            forAll(async (_actor, _request, response) => void response.json(await placement())),
          ] as const,
        ]),
    [
      'get',
      '/masters/:id/waiting',
      forAll(async (_actor, request, response) => {
        const [waiting, equal] = await Promise.all([
          active.waiting(String(request.params['id'] ?? ''), parse(onlySchema, request.query).accounts),
          certificatesEqual?.() ?? 'unknown',
        ]);
        response.json({ ...waiting, certificatesEqual: equal });
      }),
    ],
  ];
}
