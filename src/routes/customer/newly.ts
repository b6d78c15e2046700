/** What must not come from an old memory: whose a domain is, what stands in a zone that is about to be edited. */
import type { z } from 'zod';
import { AppError, Refused, Unreachable } from '../../errors.ts';
import type { WhmCall } from '../../whm/call.ts';
import { liveMs, type Visit } from './visit.ts';

/** A master is still being asked: the page says so, and completes itself. */
export class StillAsked extends AppError {
  readonly code = 'page.still-asked';
  readonly retry = 'later';
}

/** A page waits a moment, in which nearly every answer comes; its live part longer; what was sent by a form longest. */
const pageMs = 800;
const formMs = 8000;
/** So old an answer may be, milliseconds. */
const newMs = 5000;

function patienceOf({ request }: Visit): number {
  if (request.method !== 'GET') return formMs;
  return request.query['part'] === 'live' ? liveMs : pageMs;
}

/** What the account's master answers now. Throws StillAsked on the way to a page, Unreachable, or Refused. */
export async function newly<T>(visit: Visit, call: WhmCall, shape: z.ZodType<T>): Promise<T> {
  const { parts, account, request } = visit;
  const oldest = parts.clock() - newMs;
  const known = await parts.remembered.ask({ call, shape, account }, patienceOf(visit));
  if (known.at >= oldest && known.value !== undefined) return known.value;
  if (known.at >= oldest && known.refused) throw new Refused('refused.by-server', { hint: visit.plain(known.problem) });
  if (known.at >= oldest || request.method !== 'GET') throw new Unreachable('problem.unreachable');
  throw new StillAsked('live.unread');
}
