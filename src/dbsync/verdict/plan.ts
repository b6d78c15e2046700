/**
 * What is the case between two databases servers, and what to do about it. Pure; the server's own Seconds_Behind_Master
 * is not used, because it says 0 during the first seconds of a cut.
 */
import { errantGtids, formatGtids, type Gtid, hasReached, inDomain } from '../mariadb/gtid.ts';
import type { ReplicaSeen } from '../mariadb/model.ts';
import type { Glance } from '../mariadb/watch.ts';

/** One direction: what `to` has of what `from` wrote. */
export type Verdict =
  | { readonly kind: 'steady'; readonly lagMs: number }
  | { readonly kind: 'lagging'; readonly lagMs: number }
  /** Nothing arrives; what was written since waits in the source's log. */
  | { readonly kind: 'cut'; readonly sinceMs: number; readonly reason: string }
  /** Switched off, without an error. */
  | { readonly kind: 'paused' }
  | { readonly kind: 'stopped'; readonly code: number; readonly because: string; readonly next: string }
  /** The source's log no longer has what is needed. */
  | { readonly kind: 'lost'; readonly because: string; readonly next: string }
  | { readonly kind: 'not-set-up'; readonly next: string }
  /** One of the two servers does not answer Tandem. */
  | { readonly kind: 'unknown'; readonly because: string };

export interface Direction {
  readonly from: string;
  readonly to: string;
  readonly verdict: Verdict;
  /** Transactions that `from` has logged and `to` has not applied. */
  readonly waiting: number;
}

export interface PairState {
  readonly directions: readonly Direction[];
  /** Transactions that belong to neither master, by the master whose log holds them. */
  readonly errant: Readonly<Record<string, readonly string[]>>;
}

/** What a server says, or why it does not. */
export type Seen = Glance | { readonly id: string; readonly name: string; readonly away: string };

/** True when it answered. */
export function answered(seen: Seen): seen is Glance {
  return !('away' in seen);
}

/** What to do about each error that stops a replica; 1236 is the sender's. */
const nextBySqlError: Readonly<Record<number, string>> = {
  1205: 'Somebody held a lock too long: tandem dbsync starts it again.',
  1213: 'Two waited for each other: tandem dbsync starts it again.',
  1050: 'The same table was made on both masters: compare them, then tandem db reseed the database.',
  1062: 'The same key was written on both masters: tandem db resolve; else tandem db check the database, then tandem db reseed it.',
  1032: 'A row that should be there is not: tandem db resolve; else tandem db check the database, then tandem db reseed it.',
};

function lagOf(from: Glance, to: Glance): number {
  const own = from.beats[from.id];
  const there = to.beats[from.id];
  if (own === undefined || there === undefined) return 0;
  // Both times come from the source's clock, so that clocks out of step do no harm.
  if (there.seq >= own.seq) return 0;
  // The first beat that is missing: known when it is one, else it came right after the last that arrived.
  return Math.max(0, from.clock - (there.seq === own.seq - 1 ? own.at : there.at));
}

function waitingFor(from: Glance, to: Glance): number {
  const written = inDomain(from.binlogPos, from.domain)?.seq ?? 0n;
  const applied = inDomain(to.slavePos, from.domain)?.seq ?? 0n;
  return Number(written > applied ? written - applied : 0n);
}

/** A beat each second: three missing ones are no chance. */
export const cutAfterMs = 4000;

function halted(replica: ReplicaSeen): Verdict | undefined {
  if (replica.ioErrno === 1236)
    return {
      kind: 'lost',
      because: replica.ioError,
      next: 'tandem db setup --from MASTER copies the data anew.',
    };
  if (replica.sqlErrno !== 0)
    return {
      kind: 'stopped',
      code: replica.sqlErrno,
      because: replica.sqlError,
      next: nextBySqlError[replica.sqlErrno] ?? 'tandem db check the database that it names, then tandem db reseed it.',
    };
  return replica.io === 'No' && replica.sql === 'No' && replica.ioErrno === 0 ? { kind: 'paused' } : undefined;
}

function verdictOf(from: Glance, to: Glance, limits: { readonly lagWarnMs: number }): Verdict {
  const { replica } = to;
  if (replica === undefined) return { kind: 'not-set-up', next: 'tandem db setup makes the pair.' };
  const stop = halted(replica);
  if (stop !== undefined) return stop;
  // Behind a gate it is measured on: whether anything arrives says when the cut is over.
  if (replica.sql === 'No' && to.held !== 'conflicts') return { kind: 'paused' };
  const lagMs = lagOf(from, to);
  if (replica.io !== 'Yes') return { kind: 'cut', sinceMs: lagMs, reason: replica.ioError || 'it does not connect' };
  const isArriving = hasReached(
    replica.fetched,
    from.binlogPos.filter((one) => one.domain === from.domain),
  );
  if (lagMs >= cutAfterMs && !isArriving && waitsLong(from, to, replica))
    return { kind: 'cut', sinceMs: lagMs, reason: 'connected, but nothing arrives' };
  return lagMs > limits.lagWarnMs ? { kind: 'lagging', lagMs } : { kind: 'steady', lagMs };
}

/** Whether not even what was written seconds ago has been fetched. */
function waitsLong(from: Glance, to: Glance, replica: ReplicaSeen): boolean {
  const fetched = inDomain(replica.fetched, from.domain)?.seq ?? 0n;
  const applied = inDomain(to.slavePos, from.domain)?.seq ?? 0n;
  return fetched <= applied;
}

function errantOf(seen: readonly Glance[]): PairState['errant'] {
  const sides = seen.map((one) => ({ serverId: one.serverId, domain: one.domain }));
  const entries = seen.map((one) => {
    const strange: readonly Gtid[] = errantGtids(
      one.binlogState.filter((gtid) => gtid.domain !== 0),
      sides,
    );
    return [one.id, strange.map((gtid) => formatGtids([gtid]))] as const;
  });
  return Object.fromEntries(entries.filter(([, list]) => list.length > 0));
}

/** Judges both directions. */
export function judge(seen: readonly [Seen, Seen], limits: { readonly lagWarnMs: number }): PairState {
  const [a, b] = seen;
  const directions = (
    [
      [a, b],
      [b, a],
    ] as const
  ).map(([from, to]): Direction => {
    if (!answered(from))
      return { from: from.id, to: to.id, verdict: { kind: 'unknown', because: from.away }, waiting: 0 };
    if (!answered(to)) return { from: from.id, to: to.id, verdict: { kind: 'unknown', because: to.away }, waiting: 0 };
    return { from: from.id, to: to.id, verdict: verdictOf(from, to, limits), waiting: waitingFor(from, to) };
  });
  return { directions, errant: answered(a) && answered(b) ? errantOf([a, b]) : {} };
}

/** One sentence on a direction. */
export function sentenceOf(direction: Direction, name: (id: string) => string): string {
  const arrow = `${name(direction.from)} → ${name(direction.to)}`;
  const { verdict } = direction;
  switch (verdict.kind) {
    case 'steady':
      return `${arrow}: in step${verdict.lagMs < 1 ? '' : `, ${seconds(verdict.lagMs)} behind`}`;
    case 'lagging':
      return `${arrow}: ${seconds(verdict.lagMs)} behind, ${direction.waiting} transactions wait`;
    case 'cut':
      return `${arrow}: cut for ${seconds(verdict.sinceMs)} (${verdict.reason}); ${direction.waiting} transactions wait`;
    case 'paused':
      return `${arrow}: paused; ${direction.waiting} transactions wait`;
    case 'stopped':
      return `${arrow}: STOPPED by error ${verdict.code}: ${verdict.because} ${verdict.next}`;
    case 'lost':
      return `${arrow}: LOST its place: ${verdict.because} ${verdict.next}`;
    case 'not-set-up':
      return `${arrow}: not set up. ${verdict.next}`;
    case 'unknown':
      return `${arrow}: not known: ${verdict.because}`;
  }
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}

/** Nagios' own exit codes: 0 OK, 1 WARNING, 2 CRITICAL, 3 UNKNOWN. */
export function severityOf(state: PairState): 0 | 1 | 2 | 3 {
  const kinds = state.directions.map((one) => one.verdict.kind);
  if (kinds.some((kind) => kind === 'stopped' || kind === 'lost' || kind === 'cut')) return 2;
  if (kinds.includes('unknown')) return 3;
  return kinds.every((kind) => kind === 'steady') && Object.keys(state.errant).length === 0 ? 0 : 1;
}

/** Why a switch back must wait, one sentence each; empty: databases are ready for it. */
export function gateReasons(state: PairState, limits: { readonly lagMs: number }): readonly string[] {
  return state.directions.flatMap((one) => {
    const { verdict } = one;
    if (verdict.kind === 'steady' && verdict.lagMs <= limits.lagMs) return [];
    return [sentenceOf(one, (id) => id.toUpperCase())];
  });
}
