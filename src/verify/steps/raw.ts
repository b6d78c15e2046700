/** Requests that are no calls: older interfaces, other ports, sign-in. */
import type { Args } from '../../whm/call.ts';
import type { Ask, Facts, Json, Reply, Side, Sign } from '../model.ts';

const ours: Sign = { kind: 'ours' };

/** A form to the WHM port. */
export function ask(path: string, form: Args = [], sign: Sign = ours): Ask {
  return { port: 'whm', path, form, sign };
}

/** The answer's JSON; null when it is none. */
export function jsonOf(reply: Reply): Json {
  try {
    // JSON.parse gives nothing but JSON.
    return JSON.parse(reply.text) as Json;
  } catch {
    // A page or a text: the facts say so.
    return null;
  }
}

/** Status and keys at the top of an answer. */
export function topOf(reply: Reply): Facts {
  const json = jsonOf(reply);
  const isObject = typeof json === 'object' && json !== null && !Array.isArray(json);
  return { status: reply.status, keys: isObject ? Object.keys(json).sort() : [] };
}

/** Sends and tells status and keys. */
export async function sendTop(side: Side, what: Ask): Promise<Facts> {
  return topOf(await side.send(what));
}
