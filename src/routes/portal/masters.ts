import { Router } from 'express';
import type { PortalParts } from './deps.ts';
import { sendPage } from './frame.ts';
import { lightModel, masterModel, partsModel, versionsModel } from './present/light.ts';
import { actorIn, mustHave } from './who.ts';

/** The masters, the state of Tandem's own parts, and the word to go on with a parked master. */
export function masterRoutes(parts: PortalParts): Router {
  const router = Router();
  router.get('/masters', async (request, response) => {
    const status = await parts.reads.status();
    const model = {
      light: lightModel(status),
      masters: status.masters.map((master) => masterModel(master, parts.clock())),
      facts: partsModel(status),
      versions: versionsModel(status),
      csrf: request.session.csrf ?? '',
    };
    if (request.query['part'] === 'live') return response.type('html').send(await parts.draw('parts/masters', model));
    return sendPage(parts, request, response, 'masters', { title: 'Masters' }, model);
  });
  router.post('/masters/:id/resume', async (request, response) => {
    const actor = actorIn(request);
    mustHave(actor, 'masters');
    await parts.operations.resume(request.params.id, actor);
    response.redirect(303, '/masters');
  });
  return router;
}
