import { Router } from 'express';
import type { Reads } from '../../operations/model.ts';
import type { Metrics } from './metrics.ts';

/** `/healthz`: 200 while the journal can be read, whatever the masters do; 503 else. Needs no token, so it
 * holds figures only: no names of hosts, accounts or people. */
export function healthRouter(reads: Pick<Reads, 'status'>): Router {
  const router = Router();
  router.get('/healthz', async (_request, response) => {
    try {
      const { light, sentence, workers, redis, open, held, drift, masters } = await reads.status();
      const shown = masters.map(({ id, state, backlog, oldest }) => ({ id, state, backlog, oldest }));
      response.json({ ok: true, light, sentence, workers, redis, open, held, drift, masters: shown });
    } catch {
      // The reason is logged where the journal is watched; a load balancer needs the status only.
      response.status(503).json({ ok: false, sentence: 'The journal cannot be read.' });
    }
  });
  return router;
}

/** `/metrics`, for the listener on loopback only: it needs no token. */
export function metricsRouter(metrics: Metrics): Router {
  const router = Router();
  router.get('/metrics', async (_request, response) => {
    const text = await metrics.text();
    response.setHeader('Content-Type', metrics.contentType);
    response.end(text);
  });
  return router;
}
