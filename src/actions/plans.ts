import type { WhmCall } from '../whm/call.ts';
import { apply, type Place, type Plan, refused, settled } from './define.ts';

/** The four rules that nearly every plan follows. */

interface Creation<T> {
  readonly found: T | undefined;
  /** Whether what was found is what was asked for. */
  same(found: T): boolean;
  readonly call: WhmCall;
  /** WHM's sentence, or ours, when it is there already. */
  readonly exists: string;
}

/** Makes a thing once. What was there before the first call is somebody else's. */
export function create<T>(place: Place, c: Creation<T>): Plan {
  if (c.found === undefined) return apply(c.call);
  if (!place.sent) return refused(c.exists);
  return c.same(c.found) ? settled : refused(`${c.exists} It differs from what was asked for.`);
}

interface Removal {
  readonly found: boolean;
  readonly call: WhmCall;
  /** WHM's sentence, or ours, when there is nothing to remove. */
  readonly absent: string;
}

/** Removes a thing. What was absent before the first call was not removed by us. */
export function remove(place: Place, r: Removal): Plan {
  if (r.found) return apply(r.call);
  return place.sent ? settled : refused(r.absent);
}

interface Setting<T> {
  readonly found: T | undefined;
  same(found: T): boolean;
  readonly call: WhmCall;
  readonly absent: string;
}

/** Sets a value of a thing that must exist. */
export function change<T>(s: Setting<T>): Plan {
  if (s.found === undefined) return refused(s.absent);
  return s.same(s.found) ? settled : apply(s.call);
}

/** The first plan that is not settled; settled when all are. */
export function inTurn(plans: readonly Plan[]): Plan {
  return plans.find((plan) => plan.kind !== 'settled') ?? settled;
}

/** A plan of calls that may be none. */
export function applyAll(calls: readonly WhmCall[]): Plan {
  const [first, ...more] = calls;
  return first === undefined ? settled : apply(first, ...more);
}
