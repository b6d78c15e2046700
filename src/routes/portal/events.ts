import { Router } from 'express';
import type { PortalParts } from './deps.ts';

const heartbeatMs = 20_000;
/** After this a stream ends and the browser comes back, which asks again who it is. */
const longestMs = 10 * 60_000;

/** Tells open pages which operation changed, by server-sent events. The page then fetches its own live part. */
export function eventRoutes(parts: PortalParts): Router {
  const router = Router();
  router.get('/events', (request, response) => {
    const only = typeof request.query['operation'] === 'string' ? request.query['operation'] : '';
    response.writeHead(200, { 'Content-Type': 'text/event-stream', 'X-Accel-Buffering': 'no' });
    response.write('retry: 2000\n\n');
    const stop = parts.operations.watch((id) => {
      if (only === '' || only === id) response.write(`event: operation\ndata: ${id}\n\n`);
    });
    const beat = setInterval(() => response.write(': still here\n\n'), heartbeatMs);
    const end = (): void => void response.end();
    const limit = setTimeout(end, longestMs);
    parts.signal?.addEventListener('abort', end);
    response.on('close', () => {
      stop();
      clearInterval(beat);
      clearTimeout(limit);
      parts.signal?.removeEventListener('abort', end);
    });
  });
  return router;
}
