import { type Request, Router } from 'express';
import { whyNot } from '../../auth/may.ts';
import { NotAllowed, NotFound } from '../../errors.ts';
import type { Choice, OperationView } from '../../operations/model.ts';
import type { PortalParts } from './deps.ts';
import { readerOf, sendPage } from './frame.ts';
import { operationModel } from './present/operation.ts';
import { operationFilter, operationsModel } from './present/operations.ts';
import { ownersFor, withinFor } from './sees.ts';
import { undoMany } from './undo-many.ts';
import { actorIn } from './who.ts';

const choices: readonly Choice[] = ['retry', 'adopt', 'skip', 'undo'];

/** The list of operations, each one's live page, and the choices a person has. */
export function operationRoutes(parts: PortalParts): Router {
  const router = Router();
  router.get('/operations', async (request, response) => {
    const filter = operationFilter(request.query);
    const actor = actorIn(request);
    const views = await parts.operations.list({ ...filter, within: await withinFor(parts, actor) });
    const shown = operationsModel(views, filter, parts.catalogue.actions, readerOf(parts));
    const model = { ...shown, csrf: request.session.csrf ?? '' };
    if (request.query['part'] === 'live')
      return response.type('html').send(await parts.draw('parts/operations', model));
    return sendPage(parts, request, response, 'operations', { title: parts.say('menu.operations') }, model);
  });
  router.get('/operations/:id', async (request, response) => {
    const view = await found(parts, request, request.params.id);
    const operation = operationModel(view, readerOf(parts));
    const model = { operation, csrf: request.session.csrf ?? '' };
    if (request.query['part'] === 'live') return response.type('html').send(await parts.draw('parts/operation', model));
    const options = { title: `${view.title}: ${operation.subject}`, refresh: view.verifiedAt === undefined ? 5 : 0 };
    return sendPage(parts, request, response, 'operation', options, model);
  });
  router.post('/operations/undo', (request, response) =>
    undoMany(parts, request, response, (id) => permitted(parts, request, id)),
  );
  router.post('/operations/:id/withdraw', async (request, response) => {
    const view = await permitted(parts, request, request.params.id);
    await parts.operations.withdraw(view.id, actorIn(request));
    response.redirect(303, `/operations/${view.id}`);
  });
  router.post('/operations/:id/legs/:master/:choice', async (request, response) => {
    const { id, master } = request.params;
    const choice = choices.find((one) => one === request.params.choice);
    if (choice === undefined) throw new NotFound(parts.say('choice.none'));
    const view = await permitted(parts, request, id);
    await parts.operations.choose(view.id, master, choice, actorIn(request));
    response.redirect(303, `/operations/${view.id}`);
  });
  return router;
}

async function found(parts: PortalParts, request: Request, id: string): Promise<OperationView> {
  const view = await parts.operations.get(id, await withinFor(parts, actorIn(request)));
  if (view === undefined) throw new NotFound(parts.say('operation.none', { id: id.slice(0, 40) }));
  return view;
}

/** A choice about an operation asks for the same right as the operation itself. */
async function permitted(parts: PortalParts, request: Request, id: string): Promise<OperationView> {
  const view = await found(parts, request, id);
  const action = parts.catalogue.actionOf(view.action) ?? { id: view.action, audience: ['staff'] };
  const actor = actorIn(request);
  const reason = whyNot(actor, action, view.subject, await ownersFor(parts, actor));
  if (reason !== undefined) throw new NotAllowed(reason);
  return view;
}
