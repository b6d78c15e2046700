import { type Request, type Response, Router } from 'express';
import type { Actor } from '../../auth/actor.ts';
import type { PortalParts } from './deps.ts';
import { withinFor } from './sees.ts';
import { actorIn } from './who.ts';

/** A reseller hears of nothing but what is its own. */
async function visible(parts: PortalParts, actor: Actor, id: string): Promise<boolean> {
  return (await parts.operations.get(id, await withinFor(parts, actor))) !== undefined;
}

const heartbeatMs = 20_000;
/** After this a stream ends and the browser comes back, which asks again who it is. */
const longestMs = 10 * 60_000;

/** Tells open pages which operation changed, by server-sent events. The page then fetches its own live part. */
export function eventRoutes(parts: PortalParts): Router {
  const router = Router();
  router.get('/events', (request, response) => {
    const actor = actorIn(request);
    streamEvents(parts, request, response, async (id) => actor.scope === 'all' || (await visible(parts, actor, id)));
  });
  return router;
}

/** Holds a stream open and tells of each operation that `seen` lets through. */
export function streamEvents(
  parts: Pick<PortalParts, 'operations' | 'log' | 'signal'>,
  request: Request,
  response: Response,
  seen: (id: string) => Promise<boolean>,
): void {
  const only = typeof request.query['operation'] === 'string' ? request.query['operation'] : '';
  response.writeHead(200, { 'Content-Type': 'text/event-stream', 'X-Accel-Buffering': 'no' });
  response.write('retry: 2000\n\n');
  const tell = (id: string): void => void response.write(`event: operation\ndata: ${id}\n\n`);
  const stop = parts.operations.watch((id) => {
    if (only !== '' && only !== id) return;
    seen(id).then(
      (isSeen) => isSeen && tell(id),
      (error: unknown) => parts.log.warn({ error }, 'an event could not be judged, and was not told'),
    );
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
}
