import { Router } from 'express';
import type { Actor } from '../../auth/actor.ts';
import { may, type OwnerOf } from '../../auth/may.ts';
import { type Thing, thingOf } from '../../drift/things.ts';
import type { AccountRow, OperationView, Within } from '../../operations/model.ts';
import type { PortalParts } from './deps.ts';
import { mayOpen, readerOf, sendPage } from './frame.ts';
import { accountFilter, accountItem, count, matchingAccounts } from './present/accounts.ts';
import { operationRow } from './present/operation.ts';
import { ownersFor, sees, withinFor } from './sees.ts';
import { accountsNow } from './soon.ts';
import { actorIn } from './who.ts';

const most = 25;
/** Of all accounts: a reseller sees its own of them. */
const mostRead = 1000;
const removes = /\.(delete|remove(-\w+)?|terminate)$/;

/** One box for accounts and what is in them, packages, operations, actions and pages. */
export function searchRoutes(parts: PortalParts): Router {
  const router = Router();
  router.get('/search', async (request, response) => {
    const { q } = accountFilter(request.query);
    const found = await search(parts, actorIn(request), q);
    if (found.straightTo !== '') return response.redirect(303, found.straightTo);
    return sendPage(parts, request, response, 'search', { title: parts.say('menu.search') }, found);
  });
  return router;
}

const nothing = {
  straightTo: '',
  rows: [],
  more: '',
  things: [],
  packages: [],
  pages: [],
  operations: [],
  actions: [],
} as const;

async function search(
  parts: PortalParts,
  actor: Actor,
  q: string,
): Promise<Record<string, unknown> & { readonly straightTo: string }> {
  if (q === '') return { ...nothing, q };
  const reader = readerOf(parts);
  const [ownerOf, within] = await Promise.all([ownersFor(parts, actor), withinFor(parts, actor)]);
  const [list, operation, recent, things] = await Promise.all([
    accountsNow(parts, actor),
    parts.operations.get(q.toUpperCase(), within),
    parts.operations.list({ account: q, limit: 10, within }),
    thingsFor(parts, { actor, ownerOf, within }, q),
  ]);
  const rows = matchingAccounts(list.rows, accountFilter({ q }));
  const actions = parts.catalogue.actions.filter((action) => may(actor, action, anyAccount) && isLike(action, q));
  return {
    q,
    straightTo: straightTo(rows, operation?.id, isNew(recent, q), q),
    rows: rows.slice(0, most).map((row) => accountItem(row, reader)),
    more: rows.length > most ? count(rows.length - most) : '',
    things: things.map((thing) => thingItem(parts, thing)),
    packages: [...new Set(list.rows.map(({ plan }) => plan))].filter((name) => name.toLowerCase().includes(q)).sort(),
    pages: pagesFor(parts, actor, q),
    operations: recent.map((view) => operationRow(view, reader)),
    actions: actions.slice(0, most).map(({ id, title }) => ({ id, title })),
  };
}

interface Asker {
  readonly actor: Actor;
  readonly ownerOf: OwnerOf;
  readonly within: Within | undefined;
}

/** The last comparison's names, and what was made since. */
async function thingsFor(parts: PortalParts, { actor, ownerOf, within }: Asker, q: string): Promise<readonly Thing[]> {
  if (parts.findThings === undefined || q.length < 2) return [];
  const [kept, recent] = await Promise.all([
    parts.findThings(q, mostRead),
    parts.operations.list({ limit: 100, within }),
  ]);
  const made = recent.flatMap(({ action, state, subject, params }) => {
    if (subject.kind !== 'account' || !['done', 'following'].includes(state) || removes.test(action)) return [];
    const thing = thingOf(action, subject.account, params);
    return thing?.name.includes(q) === true ? [thing] : [];
  });
  const all = new Map([...made, ...kept].map((thing) => [`${thing.account} ${thing.kind} ${thing.name}`, thing]));
  return [...all.values()].filter(({ account }) => sees(actor, { kind: 'account', account }, ownerOf)).slice(0, most);
}

function thingItem(parts: PortalParts, { account, kind, name }: Thing) {
  const section =
    kind === 'domain' ? 'domains' : kind.startsWith('database') ? 'databases' : kind === 'ftp' ? 'ftp' : 'mail';
  return {
    name,
    account,
    kind: parts.say(`search.kind.${kind}` as Parameters<PortalParts['say']>[0]),
    href: `/accounts/${encodeURIComponent(account)}#${section}`,
  };
}

function pagesFor(
  parts: PortalParts,
  actor: Actor,
  q: string,
): readonly { readonly title: string; readonly href: string }[] {
  return parts.all
    .filter((page) => page.order !== undefined && mayOpen(page, actor.role))
    .map(({ title, path }) => ({ title: parts.say(title), href: path }))
    .filter(({ title }) => title.toLowerCase().includes(q));
}

const anyAccount = { kind: 'account', account: '' } as const;

/** An operation's id, or the whole name of the only account found, is opened at once. */
function straightTo(rows: readonly AccountRow[], operation: string | undefined, justMade: boolean, q: string): string {
  if (operation !== undefined) return `/operations/${operation}`;
  const [first, ...more] = rows;
  const isOnly = first === undefined ? justMade : first.user === q && more.length === 0;
  return isOnly ? `/accounts/${encodeURIComponent(q)}` : '';
}

/** The list is as old as its last reading; what the journal has made since then is found all the same. */
function isNew(operations: readonly OperationView[], q: string): boolean {
  const last = operations.find(
    ({ action, state, subject }) =>
      ['account.create', 'account.terminate'].includes(action) &&
      ['done', 'following'].includes(state) &&
      subject.kind === 'account' &&
      subject.account === q,
  );
  return last?.action === 'account.create';
}

function isLike(action: { readonly id: string; readonly title: string }, q: string): boolean {
  return action.title.toLowerCase().includes(q) || action.id.includes(q);
}
