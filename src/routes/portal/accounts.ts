import { type Response, Router } from 'express';
import { Invalid, NotFound } from '../../errors.ts';
import type { AccountRow } from '../../operations/model.ts';
import type { PortalParts } from './deps.ts';
import { bodyOf, submitted } from './forms.ts';
import { namesOf, readerOf, sendPage } from './frame.ts';
import { sendAccount } from './pages/account.ts';
import { bulkActions, bulkRoutes } from './pages/bulk.ts';
import { accountFilter, accountsModel, matchingAccounts } from './present/accounts.ts';
import { mustSee } from './sees.ts';
import { accountsNow, sourceModel } from './soon.ts';
import { actorIn, mustHave, staffOnly } from './who.ts';

/** The accounts list, what is done to many of them, and one account's page. */
export function accountRoutes(parts: PortalParts): Router {
  const router = Router();
  const names = namesOf(parts);
  router.get('/accounts', async (request, response) => {
    const list = await accountsNow(parts, actorIn(request));
    const filter = accountFilter(request.query);
    const bulk = bulkActions.flatMap((id) => {
      const action = parts.catalogue.actionOf(id);
      return action === undefined ? [] : [{ id, title: action.title }];
    });
    const model = {
      ...accountsModel(list.rows, filter, readerOf(parts)),
      source: sourceModel(parts, list, names),
      bulk,
      say: parts.say,
    };
    if (request.query['part'] === 'live') return response.type('html').send(await parts.draw('parts/accounts', model));
    const refresh = model.source.unread === '' && !model.source.old ? 0 : 3;
    return sendPage(parts, request, response, 'accounts', { title: parts.say('menu.accounts'), refresh }, model);
  });
  router.get('/accounts/list.csv', async (request, response) => {
    const actor = actorIn(request);
    const { rows } = await accountsNow(parts, actor);
    await parts.auth.audit({ actor, event: 'accounts.export' });
    sendCsv(response, matchingAccounts(rows, accountFilter(request.query)));
  });
  router.use(bulkRoutes(parts));
  router.get('/accounts/:user', (request, response) => sendAccount(parts, request, response));
  noteRoutes(parts, router);
  asRoutes(parts, router);
  return router;
}

const csvColumns = ['user', 'domain', 'owner', 'plan', 'email', 'diskused', 'suspended', 'active'] as const;

function sendCsv(response: Response, rows: readonly AccountRow[]): void {
  const lines = rows.map((row) => csvColumns.map((name) => csvCell(String(row[name]))).join(','));
  response.setHeader('Content-Disposition', 'attachment; filename="accounts.csv"');
  response.type('text/csv').send(`${[csvColumns.join(','), ...lines].join('\r\n')}\r\n`);
}

/** RFC 4180; what a spreadsheet would take for a formula is kept text by a leading quote. */
function csvCell(value: string): string {
  const text = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

function noteRoutes(parts: PortalParts, router: Router): void {
  router.post('/accounts/:user/notes', (request, response) =>
    submitted(
      response,
      async () => {
        const actor = actorIn(request);
        staffOnly(actor);
        mustHave(actor, 'accounts');
        await parts.auth.desk.noteAdd(request.params.user, actor.name, bodyOf(request)['note'] ?? '');
        await parts.auth.audit({ actor, event: 'note.add', subject: request.params.user });
        return `/accounts/${encodeURIComponent(request.params.user)}#notes`;
      },
      (error) => sendAccount(parts, request, response, error),
    ),
  );
  router.post('/accounts/:user/notes/:id/remove', async (request, response) => {
    const actor = actorIn(request);
    staffOnly(actor);
    mustHave(actor, 'accounts');
    const { user, id } = request.params;
    if (!(await parts.auth.desk.noteRemove(user, id))) throw new NotFound(parts.say('notes.none'));
    await parts.auth.audit({ actor, event: 'note.remove', subject: user });
    response.redirect(303, `/accounts/${encodeURIComponent(user)}#notes`);
  });
}

/** Seeing an account as its customer does: with a reason, on record, under a banner on every page until it is ended. */
function asRoutes(parts: PortalParts, router: Router): void {
  router.post('/accounts/:user/log-in-as', (request, response) =>
    submitted(
      response,
      async () => {
        const actor = actorIn(request);
        const { user } = request.params;
        mustHave(actor, 'log-in-as');
        await mustSee(parts, actor, user);
        const reason = (bodyOf(request)['reason'] ?? '').trim().slice(0, 200);
        if (reason.length < 5)
          throw new Invalid(parts.say('form.again'), [{ path: 'reason', message: parts.say('as.reason.wrong') }]);
        await parts.auth.audit({ actor, event: 'log-in-as', subject: user, detail: reason });
        request.session.as = { account: user, reason };
        return (await parts.openAsCustomer?.(user, actor, reason)) ?? `/accounts/${encodeURIComponent(user)}`;
      },
      (error) => sendAccount(parts, request, response, error),
    ),
  );
  router.post('/accounts/:user/log-in-as/end', async (request, response) => {
    const actor = actorIn(request);
    const { as } = request.session;
    delete request.session.as;
    if (as !== undefined) await parts.auth.audit({ actor, event: 'log-in-as.end', subject: as.account });
    response.redirect(303, as === undefined ? '/accounts' : `/accounts/${encodeURIComponent(as.account)}`);
  });
}
