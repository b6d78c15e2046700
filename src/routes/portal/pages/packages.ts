import { type Request, Router } from 'express';
import { z } from 'zod';
import type { Actor } from '../../../auth/actor.ts';
import { may } from '../../../auth/may.ts';
import { has } from '../../../auth/roles.ts';
import { Invalid, NotAllowed } from '../../../errors.ts';
import { whm } from '../../../whm/call.ts';
import type { PortalParts } from '../deps.ts';
import { bodyOf, fieldsFor, problemOf, submitted } from '../forms.ts';
import { namesOf } from '../frame.ts';
import { graceOf } from '../grace.ts';
import { knownBlocks, sendLive, waitFor } from '../live.ts';
import type { PortalPage } from '../page.ts';
import { count } from '../present/accounts.ts';
import { placementText } from '../present/placement.ts';
import type { Block, Cell, Link } from '../sheet.ts';
import { accountsNow } from '../soon.ts';
import { actorIn, staffOnly } from '../who.ts';

const text = z
  .union([z.string(), z.number()])
  .nullish()
  .transform((value) => String(value ?? ''));
const packagesShape = z.object({
  pkg: z.array(
    z.looseObject({
      name: z.string(),
      QUOTA: text,
      BWLIMIT: text,
      MAXPOP: text,
      MAXSQL: text,
      MAXADDON: text,
      FEATURELIST: text,
    }),
  ),
});
const listsShape = z.object({ featurelists: z.array(z.string()) });
const featuresShape = z.object({
  features: z.array(
    z.looseObject({
      id: z.string(),
      name: z.string().optional(),
      value: z.union([z.string(), z.number()]).transform(Number),
    }),
  ),
});

/** Packages with who uses them, and the feature lists that they name. */
export const packagesPage: PortalPage = {
  path: '/packages',
  title: 'packages.title',
  order: 40,
  needs: 'signed-in',
  routes: (parts) => {
    const router = Router();
    router.get('/packages', async (request, response) => {
      const actor = actorIn(request);
      const ask = parts.remembered.ask;
      const [packages, lists, accounts] = await Promise.all([
        ask({ call: whm('listpkgs'), shape: packagesShape }, waitFor(request)),
        ask({ call: whm('get_featurelists'), shape: listsShape }, waitFor(request)),
        accountsNow(parts, actor),
      ]);
      const uses = new Map<string, number>();
      for (const row of accounts.rows) uses.set(row.plan, (uses.get(row.plan) ?? 0) + 1);
      const belongs = await belongsOf(parts, actor, packages.value?.pkg ?? []);
      const addList = actionFor(parts, actor, 'feature-list.add');
      const add = actionLink(parts, actor, 'package.add', '', reachOf(actor));
      await sendLive(parts, request, response, {
        heading: parts.say('packages.title'),
        ...(add === undefined ? {} : { primary: add }),
        blocks: [
          ...knownBlocks(parts, packages, namesOf(parts), (value) => [
            packageTable(parts, actor, value, uses, belongs),
          ]),
          ...(actor.scope === 'all' ? [{ kind: 'heading', text: parts.say('packages.features') } as const] : []),
          ...(addList === undefined
            ? []
            : [{ kind: 'links', links: [{ label: addList.title, href: `/actions/${addList.id}` }] } as const]),
          ...(actor.scope === 'all'
            ? knownBlocks(parts, lists, namesOf(parts), (value) => [
                {
                  kind: 'links',
                  links: value.featurelists.map((name) => ({
                    label: name,
                    href: `/packages/features/${encodeURIComponent(name)}`,
                  })),
                },
              ])
            : []),
        ],
      });
    });
    router.get('/packages/features/:name', async (request, response) => {
      staffOnly(actorIn(request));
      await sendLive(parts, request, response, await featuresOf(parts, request));
    });
    router.post('/packages/features/:name', (request, response) =>
      submitted(
        response,
        () => saveFeatures(parts, request),
        async (error) =>
          sendLive(parts, request, response, {
            ...(await featuresOf(parts, request)),
            problem: problemOf(error, []),
          }),
      ),
    );
    return router;
  },
};

async function featuresOf(parts: PortalParts, request: Request) {
  const name = String(request.params['name']).slice(0, 100);
  const call = whm('get_featurelist_data', { featurelist: name });
  const known = await parts.remembered.ask({ call, shape: featuresShape }, waitFor(request));
  const { say } = parts;
  const edit = actionFor(parts, actorIn(request), 'feature-list.edit');
  const remove = actionFor(parts, actorIn(request), 'feature-list.delete');
  const draw = ({ features }: z.output<typeof featuresShape>): readonly Block[] => [
    { kind: 'text', text: say('packages.feature.meaning'), tone: 'meta' },
    edit === undefined
      ? {
          kind: 'table',
          columns: [say('packages.feature'), say('packages.on')],
          empty: say('packages.feature.empty'),
          rows: features.map((one) => [
            { text: one.name ?? one.id, meta: one.id },
            one.value === 1 ? { text: `✓ ${say('yes')}` } : { text: `– ${say('no')}` },
          ]),
        }
      : {
          kind: 'form',
          action: `/packages/features/${encodeURIComponent(name)}`,
          fields: fieldsFor(
            parts,
            features.map((one) => ({
              name: `feature:${one.id}`,
              label: one.name ?? one.id,
              input: 'checkbox',
              required: true,
            })),
            Object.fromEntries(features.map((one) => [`feature:${one.id}`, one.value === 1 ? 'on' : ''])),
          ),
          // What was shown, so that what another has changed meanwhile is not set back.
          hidden: { shown: features.map((one) => `${one.id}=${one.value}`).join(' ') },
          button: edit.title,
        },
    ...(remove === undefined || name === 'default' || name === 'disabled'
      ? []
      : [
          {
            kind: 'links',
            links: [{ label: remove.title, href: `/actions/${remove.id}?${new URLSearchParams({ name }).toString()}` }],
          } as const,
        ]),
  ];
  return {
    heading: name,
    trail: { label: say('packages.title'), href: '/packages' },
    blocks: knownBlocks(parts, known, namesOf(parts), draw),
  };
}

/** Only what the person has changed, compared with what was shown to them. */
async function saveFeatures(parts: PortalParts, request: Request): Promise<string> {
  const actor = actorIn(request);
  staffOnly(actor);
  const edit = actionFor(parts, actor, 'feature-list.edit');
  if (edit === undefined) throw new NotAllowed(parts.say('packages.feature.not-allowed'));
  const body = bodyOf(request);
  const shown = (body['shown'] ?? '').split(' ').filter((pair) => /^[\w.-]+=[01]$/.test(pair));
  const changed = shown.flatMap((pair): [string, boolean][] => {
    const [id = '', value] = pair.split('=');
    const on = body[`feature:${id}`] !== undefined;
    return on === (value === '1') ? [] : [[id, on]];
  });
  if (changed.length === 0) throw new Invalid(parts.say('packages.feature.unchanged'));
  const ids = (on: boolean) => changed.filter(([, is]) => is === on).map(([id]) => id);
  const params = {
    name: String(request.params['name']).slice(0, 100),
    ...(ids(true).length === 0 ? {} : { on: ids(true).join(',') }),
    ...(ids(false).length === 0 ? {} : { off: ids(false).join(',') }),
  };
  const view = await parts.operations.accept({
    action: edit.id,
    params,
    actor,
    door: 'portal',
    ...(await graceOf(parts, actor)),
  });
  return `/operations/${view.id}`;
}

function actionFor(parts: PortalParts, actor: Actor, id: string) {
  const action = parts.catalogue.actionOf(id);
  return action !== undefined && may(actor, action, { kind: 'server' }) ? action : undefined;
}

function reachOf(actor: Actor): string {
  return actor.scope !== 'all' && 'reseller' in actor.scope ? `${actor.scope.reseller}_` : '';
}

function actionLink(parts: PortalParts, actor: Actor, id: string, name: string, asked = name): Link | undefined {
  const action = parts.catalogue.actionOf(id);
  if (action === undefined || !may(actor, action, { kind: 'package', name: asked })) return undefined;
  const query = name === '' ? '' : `?${new URLSearchParams({ name }).toString()}`;
  return { label: action.title, href: `/actions/${id}${query}` };
}

/** Where accounts of each package belong; undefined for whoever has no say in it. */
async function belongsOf(
  parts: PortalParts,
  actor: Actor,
  pkg: readonly { readonly name: string }[],
): Promise<ReadonlyMap<string, string> | undefined> {
  const { placement } = parts;
  if (placement === undefined || !has(actor.role, 'switchover')) return undefined;
  const all = await placement.ofPackages(pkg.map(({ name }) => name));
  return new Map([...all].map(([name, placed]) => [name, placementText(parts, placed)]));
}

function packageTable(
  parts: PortalParts,
  actor: Actor,
  { pkg }: z.output<typeof packagesShape>,
  uses: ReadonlyMap<string, number>,
  belongs: ReadonlyMap<string, string> | undefined,
): Block {
  const { say } = parts;
  const limit = (value: string): Cell => ({ text: value === '' ? '–' : value, number: true });
  const shown = pkg.filter((one) => actor.scope === 'all' || one.name.startsWith(reachOf(actor)));
  return {
    kind: 'table',
    columns: [
      say('account.package'),
      ...[say('packages.accounts'), say('packages.disk'), say('packages.traffic'), say('packages.mailboxes')],
      ...[say('packages.databases'), say('packages.features'), say('account.change')],
      ...(belongs === undefined ? [] : [say('placement.change')]),
    ],
    empty: say('packages.empty'),
    rows: shown.map((one) => {
      const used = uses.get(one.name) ?? 0;
      const edit = actionLink(parts, actor, 'package.edit', one.name);
      return [
        { text: one.name, machine: true },
        { text: count(used), number: true, href: `/accounts?${new URLSearchParams({ plan: one.name }).toString()}` },
        limit(one.QUOTA),
        limit(one.BWLIMIT),
        limit(one.MAXPOP),
        limit(one.MAXSQL),
        { text: one.FEATURELIST },
        edit === undefined ? { text: '–' } : { text: edit.label, href: edit.href },
        ...(belongs === undefined
          ? []
          : [{ text: belongs.get(one.name) ?? '–', href: `/placement/packages/${encodeURIComponent(one.name)}` }]),
      ];
    }),
  };
}
