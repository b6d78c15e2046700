/** What is the case between two PostgreSQL servers. Pure. */
import { cutAfterMs, type Verdict } from '../verdict/plan.ts';
import { isLeaving, leftOf, noteNames, type PgGlance } from './model.ts';
import { ownName, slotName } from './names.ts';
import { accountDatabases, isCarried } from './plan.ts';

export type PgSeen = PgGlance | { readonly id: string; readonly name: string; readonly away: string };

export interface PgDirection {
  readonly from: string;
  readonly to: string;
  readonly verdict: Verdict;
  /** Bytes of log that the receiver has not confirmed, of the database that is furthest behind. */
  readonly waiting: number;
}

/** A database that is not carried. `passing`: it comes or goes just now, as far as can be told. */
export interface NotCarried {
  readonly database: string;
  readonly reason: string;
  readonly passing: boolean;
}

export interface PgState {
  readonly directions: readonly PgDirection[];
  /** Databases of accounts that are carried, and those that are not, each with its reason. */
  readonly carried: readonly string[];
  readonly notCarried: readonly NotCarried[];
}

/** True when it answered. */
export function pgAnswered(seen: PgSeen): seen is PgGlance {
  return !('away' in seen);
}

/** How far `to` is behind, by the beats of `from` and by the clock of `from` alone. */
export function pgLag(from: PgGlance, to: PgGlance): number {
  const [own, there] = [from.beats[from.id], to.beats[from.id]];
  if (own === undefined || there === undefined || there.seq >= own.seq) return 0;
  return Math.max(0, from.clock - (there.seq === own.seq - 1 ? own.at : there.at));
}

const reseed = 'tandem db postgres reseed copies it anew; tandem db postgres status shows when it goes on by itself.';

function isOnBoth(a: PgGlance, b: PgGlance, database: string): boolean {
  const both = [a, b];
  return both.every((one) => one.databases.some((d) => d.name === database) && !isLeaving(one, database));
}

function stopOf(from: PgGlance, to: PgGlance): Verdict | undefined {
  const lost = from.slots.find((one) => one.walStatus === 'lost' && isOnBoth(from, to, one.database));
  if (lost !== undefined)
    return { kind: 'lost', because: `${lost.database}: its log was too long and is gone.`, next: reseed };
  // Of a database that is not carried any more nothing can stop.
  const [stopped] = Object.entries(to.notes)
    .filter(([name]) => name.startsWith(noteNames.stopped(from.id, '')))
    .map(([name, reason]) => ({ database: name.slice(noteNames.stopped(from.id, '').length), reason }))
    .filter(({ database }) => isCarried(from, to, database));
  if (stopped === undefined) return undefined;
  return { kind: 'stopped', code: 0, because: `${stopped.database}: ${stopped.reason}`, next: reseed };
}

function verdictOf(from: PgGlance, to: PgGlance, limits: { readonly lagWarnMs: number }): Verdict {
  if (!isCarried(from, to, ownName)) return { kind: 'not-set-up', next: 'tandem db postgres setup makes the pair.' };
  const stop = stopOf(from, to);
  if (stop !== undefined) return stop;
  if (noteNames.hold in to.notes) return { kind: 'paused' };
  const lagMs = pgLag(from, to);
  const slot = from.slots.find((one) => one.name === slotName(to.id, ownName));
  if (lagMs >= cutAfterMs && slot?.active !== true)
    return { kind: 'cut', sinceMs: lagMs, reason: 'nobody reads; does tandem dbsync run?' };
  return lagMs > limits.lagWarnMs ? { kind: 'lagging', lagMs } : { kind: 'steady', lagMs };
}

function direction(from: PgSeen, to: PgSeen, limits: { readonly lagWarnMs: number }): PgDirection {
  const ends = { from: from.id, to: to.id };
  const away = [from, to].find((one) => !pgAnswered(one));
  if (!pgAnswered(from) || !pgAnswered(to))
    return {
      ...ends,
      verdict: { kind: 'unknown', because: away !== undefined && 'away' in away ? away.away : '' },
      waiting: 0,
    };
  return {
    ...ends,
    verdict: verdictOf(from, to, limits),
    waiting: Math.max(0, ...from.slots.map((one) => one.behindBytes)),
  };
}

function reasonOf(a: PgGlance, b: PgGlance, database: string): string {
  const lets = [a, b].find((one) => leftOf(one, database) !== undefined);
  if (lets !== undefined)
    return `was deleted or renamed on ${lets.name} and not on the other master: do it there too, or take what is there with tandem db postgres carry`;
  const [left, right] = [a, b].map((one) => one.databases.some((d) => d.name === database));
  if (left !== right)
    return `is on ${left === true ? a.name : b.name} only: make it on the other through cPanel, or let tandem db postgres setup copy it`;
  return a.notes[noteNames.refused(database)] ?? b.notes[noteNames.refused(database)] ?? 'is about to be carried';
}

/** Judges both directions and every database. */
export function judgePg(seen: readonly [PgSeen, PgSeen], limits: { readonly lagWarnMs: number }): PgState {
  const [a, b] = seen;
  const directions = [direction(a, b, limits), direction(b, a, limits)];
  if (!pgAnswered(a) || !pgAnswered(b)) return { directions, carried: [], notCarried: [] };
  const all = accountDatabases(a, b);
  return {
    directions,
    carried: all.filter((name) => isCarried(a, b, name)),
    notCarried: all
      .filter((name) => !isCarried(a, b, name))
      .map((database) => ({
        ...{ database, reason: reasonOf(a, b, database) },
        passing: ![a, b].some((one) => noteNames.refused(database) in one.notes),
      })),
  };
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}

/** One sentence on a direction. */
export function pgDirectionSentence(one: PgDirection, name: (id: string) => string): string {
  const arrow = `PostgreSQL ${name(one.from)} → ${name(one.to)}`;
  const waits = `${(one.waiting / 1_000_000).toFixed(1)} MB of log wait`;
  const { verdict } = one;
  switch (verdict.kind) {
    case 'steady':
      return `${arrow}: in step${verdict.lagMs < 1 ? '' : `, ${seconds(verdict.lagMs)} behind`}`;
    case 'lagging':
      return `${arrow}: ${seconds(verdict.lagMs)} behind, ${waits}`;
    case 'cut':
      return `${arrow}: cut for ${seconds(verdict.sinceMs)} (${verdict.reason}); ${waits}`;
    case 'paused':
      return `${arrow}: paused; ${waits}`;
    case 'stopped':
      return `${arrow}: STOPPED: ${verdict.because} ${verdict.next}`;
    case 'lost':
      return `${arrow}: LOST its place: ${verdict.because} ${verdict.next}`;
    case 'not-set-up':
      return `${arrow}: not set up. ${verdict.next}`;
    case 'unknown':
      return `${arrow}: not known: ${verdict.because}`;
  }
}
