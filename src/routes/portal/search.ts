import { Router } from 'express';
import type { Actor } from '../../auth/actor.ts';
import { may } from '../../auth/may.ts';
import type { AccountRow, OperationView } from '../../operations/model.ts';
import type { PortalParts } from './deps.ts';
import { namesOf, sendPage } from './frame.ts';
import { accountFilter, accountItem, count, matchingAccounts } from './present/accounts.ts';
import { operationRow } from './present/operation.ts';
import { ownersFor, sees } from './sees.ts';
import { accountsNow } from './soon.ts';
import { actorIn } from './who.ts';

const most = 25;

/** One box for accounts, domains, operations and actions. */
export function searchRoutes(parts: PortalParts): Router {
  const router = Router();
  router.get('/search', async (request, response) => {
    const { q } = accountFilter(request.query);
    const found = await search(parts, actorIn(request), q);
    if (found.straightTo !== '') return response.redirect(303, found.straightTo);
    return sendPage(parts, request, response, 'search', { title: 'Search' }, found);
  });
  return router;
}

const nothing = { straightTo: '', rows: [], more: '', operations: [], actions: [] } as const;

async function search(
  parts: PortalParts,
  actor: Actor,
  q: string,
): Promise<Record<string, unknown> & { readonly straightTo: string }> {
  if (q === '') return { ...nothing, q };
  const names = namesOf(parts);
  const [list, operation, recent] = await Promise.all([
    accountsNow(parts, actor),
    visible(parts, actor, q.toUpperCase()),
    parts.operations.list({ account: q, limit: 10 }),
  ]);
  const ownerOf = await ownersFor(parts, actor);
  const rows = matchingAccounts(list.rows, accountFilter({ q }));
  const seen = recent.filter((view) => sees(actor, view.subject, ownerOf));
  const actions = parts.catalogue.actions.filter((action) => may(actor, action, anyAccount) && isLike(action, q));
  return {
    q,
    straightTo: straightTo(rows, operation?.id, isNew(seen, q), q),
    rows: rows.slice(0, most).map((row) => accountItem(row, names)),
    more: rows.length > most ? count(rows.length - most) : '',
    operations: seen.map((view) => operationRow(view, names, parts.clock())),
    actions: actions.slice(0, most).map(({ id, title }) => ({ id, title })),
  };
}

async function visible(parts: PortalParts, actor: Actor, id: string): Promise<OperationView | undefined> {
  const view = await parts.operations.get(id);
  return view !== undefined && sees(actor, view.subject, await ownersFor(parts, actor)) ? view : undefined;
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
