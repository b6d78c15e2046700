import { type Request, type Response, Router } from 'express';
import type { PortalParts } from './deps.ts';
import { sendPage } from './frame.ts';
import { auditModel } from './present/audit.ts';

const pageSize = 100;

/** Who did what, when, from where. */
export function auditRoutes(parts: PortalParts): Router {
  const router = Router();
  router.get('/audit', async (request: Request, response: Response) => {
    const before = Number(request.query['before']);
    const page = Number.isSafeInteger(before) && before > 0 ? { before, limit: pageSize } : { limit: pageSize };
    const model = auditModel(await parts.auth.auditList(page), pageSize, parts.clock());
    await sendPage(parts, request, response, 'audit', { title: 'Audit' }, model);
  });
  return router;
}
