/** What one turn of the watch does about what it sees. Pure. */
import type { Glance } from './mariadb/watch.ts';
import { answered, cutAfterMs, type Direction, type PairState, type Seen } from './verdict/plan.ts';

export type Deed =
  /** During a cut: what arrives later waits until both logs were looked at. */
  | { readonly kind: 'gate'; readonly master: string }
  /** Both logs are looked at, rows that both changed are decided, and both apply again. */
  | { readonly kind: 'resolve' }
  /** Applies freely again what nobody paused on purpose, such as after a restart of the server. */
  | { readonly kind: 'start'; readonly master: string };

export interface Watched {
  readonly servers: readonly [Seen, Seen];
  readonly state: PairState;
  /** Stops that were looked at already, as `stopName` calls them: what is left of them is a person's. */
  readonly tried: ReadonlySet<string>;
}

/** Errors over rows that are not as the other master had them. */
export const rowErrors: ReadonlySet<number> = new Set([1062, 1032]);

/** Errors over locks that somebody held too long: what was to be applied is as right as it was. */
export const lockErrors: ReadonlySet<number> = new Set([1205, 1213]);

/** Whether it stopped only because it had waited long enough. */
function gaveUpWaiting({ directions }: PairState, { id, held }: Glance): boolean {
  const isStopped = directions.some(
    ({ to, verdict }) => to === id && verdict.kind === 'stopped' && lockErrors.has(verdict.code),
  );
  return held === 'no' && isStopped;
}

/** One stop: the receiving master, and where it stands. */
export function stopName(to: Glance): string {
  return `${to.id} ${to.slavePos.map((one) => `${one.domain}-${one.seq}`).join()}`;
}

function isPaired(seen: Seen): seen is Glance {
  return answered(seen) && seen.mark === 'paired' && seen.replica !== undefined;
}

/** Masters that apply nothing more: what the other writes now may meet what is written here. */
function gates({ servers, state }: Watched): readonly Deed[] {
  // No look is possible before the lost side was filled anew; what waits meanwhile would exist nowhere else then.
  if (state.directions.some(({ verdict }) => verdict.kind === 'lost')) return [];
  // A connection that is made anew is no cut: what is written in so little time nobody can tell apart anyway.
  const isCut = state.directions.some(({ verdict }) => verdict.kind === 'cut' && verdict.sinceMs >= cutAfterMs);
  return servers.flatMap((to): Deed[] => {
    if (!isPaired(to) || to.held !== 'no' || to.replica?.sql !== 'Yes') return [];
    const other = servers.find((one) => one.id !== to.id);
    // A master that Tandem alone does not reach goes on: its connection to the other tells.
    const isGone = other !== undefined && !answered(other) && to.replica.io !== 'Yes';
    return isCut || isGone ? [{ kind: 'gate', master: to.id }] : [];
  });
}

function wantsLook(watched: Watched, { verdict }: Direction, to: Glance): boolean {
  if (to.held === 'conflicts' || verdict.kind === 'paused') return true;
  return verdict.kind === 'stopped' && rowErrors.has(verdict.code) && !watched.tried.has(stopName(to));
}

const hindering = new Set(['cut', 'lost', 'unknown', 'not-set-up']);

/** The deeds where conflicts are not decided: what stands still without a person's word goes on. */
export function planStarts({ servers, state }: Pick<Watched, 'servers' | 'state'>): readonly Deed[] {
  return servers.filter(isPaired).flatMap((to): Deed[] => {
    const isStill = state.directions.some((one) => one.to === to.id && one.verdict.kind === 'paused');
    const isWanted = to.held === 'conflicts' || (to.held === 'no' && isStill) || gaveUpWaiting(state, to);
    return isWanted ? [{ kind: 'start', master: to.id }] : [];
  });
}

/**
 * Where one side lost its place, the other goes on without a look: that side is filled anew from here, and what it wrote
 * must have arrived first.
 */
function besideLost({ state }: Watched, both: readonly Glance[]): readonly Deed[] {
  const isLost = (key: 'from' | 'to', id: string): boolean =>
    state.directions.some((one) => one.verdict.kind === 'lost' && one[key] === id);
  return both
    .filter((one) => one.held === 'conflicts' && isLost('from', one.id) && !isLost('to', one.id))
    .map((one) => ({ kind: 'start', master: one.id }));
}

/** The deeds; none that starts anything while a server is away, since then nothing is sure. */
export function planTurn(watched: Watched): readonly Deed[] {
  const { servers, state } = watched;
  const closing = gates(watched);
  const [a, b] = servers;
  if (closing.length > 0 || !isPaired(a) || !isPaired(b)) return closing;
  const both = [a, b];
  const going = besideLost(watched, both);
  if (going.length > 0) return going;
  if (both.some((one) => one.held === 'paused' || one.replica?.io === 'Connecting')) return [];
  if (state.directions.some((one) => hindering.has(one.verdict.kind))) return [];
  const waited = both.filter((one) => gaveUpWaiting(state, one));
  if (waited.length > 0) return waited.map((one) => ({ kind: 'start', master: one.id }));
  const isWanted = state.directions.some((one) => {
    const to = both.find((seen) => seen.id === one.to);
    return to !== undefined && wantsLook(watched, one, to);
  });
  return isWanted ? [{ kind: 'resolve' }] : [];
}

/** What is said while nobody can look at both logs because a person holds one of the masters. */
export function waitsForPerson(seen: readonly Seen[]): readonly Warning[] {
  const shut = seen.find((one) => answered(one) && one.held === 'conflicts');
  const paused = seen.find((one) => answered(one) && one.held === 'paused');
  if (shut === undefined || paused === undefined) return [];
  return [
    {
      code: `db.gate.${shut.id}`,
      sentence: `${shut.name} applies nothing since a cut, because ${paused.name} is paused and both logs are to be looked at first: tandem db resume ${paused.id}`,
    },
  ];
}

/** What people are told of: a stable code, and a sentence. */
export interface Warning {
  readonly code: string;
  readonly sentence: string;
}
