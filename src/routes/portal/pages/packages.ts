import { type Request, Router } from 'express';
import { z } from 'zod';
import type { Actor } from '../../../auth/actor.ts';
import { may } from '../../../auth/may.ts';
import { whm } from '../../../whm/call.ts';
import type { PortalParts } from '../deps.ts';
import { namesOf } from '../frame.ts';
import { knownBlocks, sendLive, waitFor } from '../live.ts';
import type { PortalPage } from '../page.ts';
import { count } from '../present/accounts.ts';
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
  features: z.array(z.looseObject({ id: z.string(), value: z.union([z.string(), z.number()]).transform(Number) })),
});

/** Packages with who uses them, and the feature lists that they name. */
export const packagesPage: PortalPage = {
  path: '/packages',
  title: 'Packages',
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
        accountsNow(parts.reads, actor),
      ]);
      const uses = new Map<string, number>();
      for (const row of accounts.rows) uses.set(row.plan, (uses.get(row.plan) ?? 0) + 1);
      const add = actionLink(parts, actor, 'package.add', '', reachOf(actor));
      await sendLive(parts, request, response, {
        heading: parts.say('packages.title'),
        ...(add === undefined ? {} : { primary: add }),
        blocks: [
          ...knownBlocks(parts, packages, namesOf(parts), (value) => [packageTable(parts, actor, value, uses)]),
          ...(actor.scope === 'all' ? [{ kind: 'heading', text: parts.say('packages.features') } as const] : []),
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
    return router;
  },
};

async function featuresOf(parts: PortalParts, request: Request) {
  const name = String(request.params['name']).slice(0, 100);
  const call = whm('get_featurelist_data', { featurelist: name });
  const known = await parts.remembered.ask({ call, shape: featuresShape }, waitFor(request));
  const { say } = parts;
  const draw = (value: z.output<typeof featuresShape>): readonly Block[] => [
    {
      kind: 'table',
      columns: [say('packages.feature'), say('packages.on')],
      empty: say('packages.feature.empty'),
      rows: value.features.map((one) => [
        { text: one.id, machine: true },
        one.value === 1 ? { text: `✓ ${say('yes')}` } : { text: `– ${say('no')}` },
      ]),
    },
  ];
  return {
    heading: name,
    trail: { label: say('packages.title'), href: '/packages' },
    blocks: knownBlocks(parts, known, namesOf(parts), draw),
  };
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

function packageTable(
  parts: PortalParts,
  actor: Actor,
  { pkg }: z.output<typeof packagesShape>,
  uses: ReadonlyMap<string, number>,
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
      ];
    }),
  };
}
