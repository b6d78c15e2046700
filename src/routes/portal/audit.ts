import { type Request, type Response, Router } from 'express';
import type { PortalParts } from './deps.ts';
import { sendPage } from './frame.ts';
import { clock } from './present/time.ts';

const pageSize = 100;

/** Who did what, when, from where. */
export function auditRoutes(parts: PortalParts): Router {
  const router = Router();
  router.get('/audit', async (request: Request, response: Response) => {
    const before = Number(request.query['before']);
    const page = Number.isSafeInteger(before) && before > 0 ? { before, limit: pageSize } : { limit: pageSize };
    const entries = await parts.auth.auditList(page);
    const last = entries.at(-1);
    const model = {
      rows: entries.map((entry) => ({
        ...entry,
        time: clock(new Date(Number(entry.at)).toISOString(), parts.clock()),
      })),
      older: entries.length === pageSize && last !== undefined ? `/audit?before=${last.seq}` : '',
    };
    await sendPage(parts, request, response, 'audit', { title: 'Audit' }, model);
  });
  return router;
}
