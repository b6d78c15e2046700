import { Router } from 'express';
import type { PortalParts } from './deps.ts';
import { sendPage } from './frame.ts';
import { lightModel, masterModel, partsModel } from './present/light.ts';

/** The masters, and the state of Tandem's own parts. */
export function masterRoutes(parts: PortalParts): Router {
  const router = Router();
  router.get('/masters', async (request, response) => {
    const status = await parts.reads.status();
    const model = {
      light: lightModel(status),
      masters: status.masters.map((master) => masterModel(master, parts.clock())),
      facts: partsModel(status),
    };
    if (request.query['part'] === 'live') return response.type('html').send(await parts.draw('parts/masters', model));
    return sendPage(parts, request, response, 'masters', { title: 'Masters' }, model);
  });
  return router;
}
