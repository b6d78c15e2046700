import { Router } from 'express';
import type { Actor } from '../../auth/actor.ts';
import type { PortalParts } from './deps.ts';
import { ownersFor, sees } from './sees.ts';
import { actorIn } from './who.ts';

/** A reseller hears of nothing but what is its own. */
async function visible(parts: PortalParts, actor: Actor, id: string): Promise<boolean> {
  const view = await parts.operations.get(id);
  return view !== undefined && sees(actor, view.subject, await ownersFor(parts, actor));
}

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
    const actor = actorIn(request);
    const tell = (id: string): void => void response.write(`event: operation\ndata: ${id}\n\n`);
    const stop = parts.operations.watch((id) => {
      if (only !== '' && only !== id) return;
      if (actor.scope === 'all') return tell(id);
      visible(parts, actor, id).then(
        (seen) => seen && tell(id),
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
  });
  return router;
}
