/**
 * The statements that every leg needs, each built once for a journal (`journal.prepare`): building one anew costs more
 * than running it. What they mean is told where they are used.
 */
import { type RawBuilder, sql } from 'kysely';
import type { Db } from './record.ts';
import { OPEN_LEG, RUNNABLE_LEG } from './states.ts';

type Now = RawBuilder<number>;

/**
 * The same values for an `in (…)`, repeated up to a power of two: a statement is built for each length of a list, and so
 * there are few.
 */
export function padded<T>(list: readonly T[]): readonly T[] {
  const last = list.at(-1);
  if (last === undefined) return list;
  const length = 2 ** Math.ceil(Math.log2(list.length));
  return [...list, ...Array.from({ length: length - list.length }, () => last)];
}

/** So many milliseconds from now. */
export function later(now: Now, ms: number): RawBuilder<number> {
  return sql<number>`${now} + ${ms}`;
}

export function legById(db: Db, v: { leg: string }) {
  return db.selectFrom('legs').selectAll().where('id', '=', v.leg);
}

export function operationById(db: Db, v: { operation: string }) {
  return db.selectFrom('operations').selectAll().where('id', '=', v.operation);
}

/** What of an operation changes while its legs run. */
export function operationNow(db: Db, v: { operation: string }) {
  return db
    .selectFrom('operations')
    .select(['state', 'lead', 'lead_epoch', 'committed', 'refusal', 'decided_at'])
    .where('id', '=', v.operation);
}

export function legsOf(db: Db, v: { operation: string }) {
  return db.selectFrom('legs').selectAll().where('operation_id', '=', v.operation).orderBy('master');
}

/** Notes on exclusive keys that an operation took effect. */
export function applyKeys(db: Db, v: { seq: number; names: readonly string[] }) {
  return db
    .updateTable('keys')
    .set({ applied_seq: v.seq })
    .where('name', 'in', v.names)
    .where('applied_seq', '<', v.seq);
}

/**
 * The legs that may be next when a leg ends: on each of its key rows those behind it that share the key with it, up to
 * and with the first that holds it exclusively, for what is behind that one waits for it. One that shares two keys with
 * the leg comes twice. `blocked`: another earlier leg is still in its way. Each question is put in two halves, so that
 * what holds `server` shared, which is everything that is open, is never walked through.
 */
export function legsBehind(db: Db, v: { leg: string }, now: Now) {
  const pairs = (mine: 0 | 1) =>
    db
      .selectFrom('leg_keys as mine')
      .innerJoin('leg_keys as theirs', 'theirs.name', 'mine.name')
      .innerJoin('legs', 'legs.id', 'theirs.leg_id')
      .select([...HOW_A_LEG_STANDS, dueAt(now)])
      .select((e) => e.or([earlierThan(db, 1), earlierThan(db, 0)]).as('blocked'))
      .where('mine.leg_id', '=', v.leg)
      .where('mine.exclusive', '=', mine)
      .whereRef('theirs.seq', '>', 'mine.seq')
      .where((e) => e.or([e('mine.wide', '=', 1), e('theirs.master', '=', e.ref('mine.master'))]))
      .where('theirs.exclusive', 'in', mine === 1 ? [0, 1] : [1])
      .where('theirs.seq', '<=', firstExclusive(db))
      .where((e) => e.not(e.exists(exclusiveBetween(db))));
  return pairs(1).unionAll(pairs(0));
}

/**
 * The number of the first that holds the key exclusively behind `mine` on its master: an index leads there, and what is
 * behind it is not even looked at, be it hundreds. One that is in the way on every master has no such bound.
 */
function firstExclusive(db: Db) {
  const first = db
    .selectFrom('leg_keys as bound')
    .select('bound.seq')
    .where('bound.name', '=', sql.ref<string>('mine.name'))
    .where('bound.exclusive', '=', 1)
    .where('bound.seq', '>', sql.ref<number>('mine.seq'))
    .where('bound.master', '=', sql.ref<string>('mine.master'))
    .orderBy('bound.seq')
    .limit(1);
  return sql<number>`case when mine.wide = 1 then ${LAST} else coalesce(${first}, ${LAST}) end`;
}

/** Beyond every number. */
const LAST = Number.MAX_SAFE_INTEGER;

/** On the key that `mine` and `theirs` share, on their master: whoever holds it exclusively between the two. */
function exclusiveBetween(db: Db) {
  return db
    .selectFrom('leg_keys as between')
    .select('between.leg_id')
    .where('between.name', '=', sql.ref<string>('mine.name'))
    .where('between.exclusive', '=', 1)
    .where('between.seq', '>', sql.ref<number>('mine.seq'))
    .where('between.seq', '<', sql.ref<number>('theirs.seq'))
    .where('between.master', '=', sql.ref<string>('theirs.master'));
}

/** Whether another leg than `mine` is in the way of `theirs`, by the keys that it holds exclusively, or by the others. */
function earlierThan(db: Db, exclusive: 0 | 1) {
  const earlier = db
    .selectFrom('leg_keys as held')
    .innerJoin('leg_keys as earlier', 'earlier.name', 'held.name')
    .select('earlier.leg_id')
    .where('held.leg_id', '=', sql.ref<string>('theirs.leg_id'))
    .where('held.exclusive', '=', exclusive)
    .where('earlier.exclusive', 'in', exclusive === 1 ? [0, 1] : [1])
    .whereRef('earlier.seq', '<', 'held.seq')
    .where('earlier.leg_id', '!=', sql.ref<string>('mine.leg_id'))
    .where((e) => e.or([e('earlier.wide', '=', 1), e('earlier.master', '=', e.ref('held.master'))]));
  return sql<boolean>`exists ${earlier}`;
}

/** What tells whether a leg may run. */
export interface Standing {
  readonly id: string;
  readonly master: string;
  readonly turn: number;
  readonly state: string;
  readonly released: number;
  readonly waits: number;
  readonly due: number;
}

const HOW_A_LEG_STANDS = ['legs.id', 'legs.master', 'legs.turn', 'legs.state', 'legs.released', 'legs.waits'] as const;

function dueAt(now: Now) {
  return sql<number>`legs.due_at <= ${now}`.as('due');
}

/** Whether it may run now. */
export function mayRun(leg: Standing): boolean {
  return leg.due === 1 && leg.released === 1 && leg.waits === 0 && isRunnable(leg.state);
}

/** Nothing is in the way of these legs any more. */
export function freeLegs(db: Db, v: { legs: readonly string[] }) {
  return db.updateTable('legs').set({ waits: 0 }).where('id', 'in', v.legs);
}

/** Takes the locks of the keys that a leg shares, so that of two that end at once one sees the end of the other. */
export function lockShared(db: Db, v: { leg: string }) {
  const shared = db.selectFrom('leg_keys').select('name').where('leg_id', '=', v.leg).where('exclusive', '=', 0);
  return (
    db
      .updateTable('keys')
      .set((e) => ({ applied_seq: e.ref('applied_seq') }))
      .where('name', 'in', shared)
      // Everything shares it: its row would make all that end wait for each other.
      .where('name', '!=', 'server')
  );
}

export function dropKeys(db: Db, v: { leg: string }) {
  return db.deleteFrom('leg_keys').where('leg_id', '=', v.leg);
}

/** What deciding about an operation has to know: its own state, and its legs. */
export function statesOf(db: Db, v: { operation: string }, now: Now) {
  return db
    .selectFrom('legs')
    .innerJoin('operations', 'operations.id', 'legs.operation_id')
    .select([...HOW_A_LEG_STANDS, dueAt(now), 'operations.state as operation'])
    .where('legs.operation_id', '=', v.operation);
}

export function releaseLegs(db: Db, v: { legs: readonly string[] }, now: Now) {
  return db.updateTable('legs').set({ released: 1, due_at: now }).where('id', 'in', v.legs);
}

/** Decides an operation of which legs are still open. */
export function markFollowing(db: Db, v: { operation: string }, now: Now) {
  return db
    .updateTable('operations')
    .set((e) => ({ state: 'following', decided_at: e.fn.coalesce('decided_at', now) }))
    .where('id', '=', v.operation)
    .where('state', 'in', ['accepted', 'undecided', 'following']);
}

/** Decides and ends an operation. */
export function markFinal(db: Db, v: { operation: string; state: string; verifyMs: number }, now: Now) {
  return db
    .updateTable('operations')
    .set((e) => ({
      state: v.state,
      decided_at: e.fn.coalesce('decided_at', now),
      final_at: now,
      verify_at: later(now, v.verifyMs),
    }))
    .where('id', '=', v.operation)
    .where('state', 'in', ['accepted', 'undecided', 'following']);
}

/**
 * These legs, and what tells whether each may run now. The question itself is asked of the rows: with the states in the
 * statement SQLite walks through every open leg instead of looking up these few.
 */
export function standingOf(db: Db, v: { legs: readonly string[] }, now: Now) {
  return db
    .selectFrom('legs')
    .select([...HOW_A_LEG_STANDS, dueAt(now)])
    .where('id', 'in', v.legs)
    .where('waits', '=', 0);
}

export function isOpen(state: string): boolean {
  return OPEN_LEG.some((open) => open === state);
}

/** Whether a worker may take a lease on it. */
export function isRunnable(state: string): boolean {
  return RUNNABLE_LEG.some((runnable) => runnable === state);
}
