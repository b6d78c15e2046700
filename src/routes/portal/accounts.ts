import { Router } from 'express';
import { may } from '../../auth/may.ts';
import { NotFound } from '../../errors.ts';
import type { PortalParts } from './deps.ts';
import { namesOf, sendPage } from './frame.ts';
import { accountButtons } from './present/account.ts';
import { accountFilter, accountItem, accountsModel } from './present/accounts.ts';
import { operationRow } from './present/operation.ts';
import { mustSee, ownersFor } from './sees.ts';
import { accountsNow, sourceModel } from './soon.ts';
import { actorIn } from './who.ts';

/** The accounts list and one account's page. */
export function accountRoutes(parts: PortalParts): Router {
  const router = Router();
  const names = namesOf(parts);
  router.get('/accounts', async (request, response) => {
    const list = await accountsNow(parts.reads, actorIn(request));
    const model = {
      ...accountsModel(list.rows, accountFilter(request.query), names),
      source: sourceModel(parts, list, names),
    };
    if (request.query['part'] === 'live') return response.type('html').send(await parts.draw('parts/accounts', model));
    const refresh = model.source.unread === '' ? 0 : 3;
    return sendPage(parts, request, response, 'accounts', { title: 'Accounts', refresh }, model);
  });
  router.get('/accounts/:user', async (request, response) => {
    const actor = actorIn(request);
    const { user } = request.params;
    await mustSee(parts, actor, user);
    const ownerOf = await ownersFor(parts, actor);
    const [list, operations] = await Promise.all([
      accountsNow(parts.reads, actor),
      parts.operations.list({ account: user, limit: 50 }),
    ]);
    const row = list.rows.find((one) => one.user === user);
    const source = sourceModel(parts, list, names);
    if (row === undefined && operations.length === 0 && source.unread === '')
      throw new NotFound(`There is no account ${user}.`);
    const subject = { kind: 'account', account: user } as const;
    const allowed = parts.catalogue.actions.filter((action) => may(actor, action, subject, ownerOf));
    const model = {
      user,
      source,
      account:
        row === undefined ? undefined : { ...accountItem(row, names), email: row.email, active: names(row.active) },
      buttons: row === undefined ? [] : accountButtons(row, allowed),
      rows: operations.map((view) => operationRow(view, names, parts.clock())),
    };
    if (request.query['part'] === 'live') return response.type('html').send(await parts.draw('parts/account', model));
    return sendPage(parts, request, response, 'account', { title: user }, model);
  });
  return router;
}
