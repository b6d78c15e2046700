/**
 * The lease in statements: it is taken, used and given back, each in one UPDATE that names what must be true of the leg at
 * that moment. Built once for a journal, as those of statements.ts.
 */
import { type ExpressionBuilder, type RawBuilder, sql } from 'kysely';
import type { Schema } from '../store/schema.ts';
import type { Db } from './record.ts';
import { later } from './statements.ts';
import { RUNNABLE_LEG } from './states.ts';

type Now = RawBuilder<number>;
type Leg = ExpressionBuilder<Schema, 'legs'>;

interface Ours {
  readonly leg: string;
  readonly owner: string;
  readonly turn: number;
}

/** A leg, and the time at which it was so. */
export function legNow(db: Db, v: { leg: string }, now: Now) {
  return db.selectFrom('legs').selectAll().select(now.as('read_at')).where('id', '=', v.leg);
}

/** Takes the lease on a leg that may run now. */
export function takeLeg(db: Db, v: { leg: string; owner: string; leaseMs: number }, now: Now) {
  return db
    .updateTable('legs')
    .set((e) => ({ lease_owner: v.owner, lease_until: later(now, v.leaseMs), turn: e('turn', '+', 1) }))
    .where('id', '=', v.leg)
    .where('state', 'in', [...RUNNABLE_LEG])
    .where(mayBeTaken(now));
}

/** It may run now, and nobody holds it. */
function mayBeTaken(now: Now) {
  return (e: Leg) =>
    e.and([
      e('released', '=', 1),
      e('waits', '=', 0),
      e('due_at', '<=', now),
      e.or([e('lease_until', 'is', null), e('lease_until', '<=', now)]),
    ]);
}

/**
 * It is as it was when it was read: each lease and each return from a hold is another turn. And what was seen of its
 * master is no older than a lease would have lasted.
 */
function asItWasSeen(v: { turn: number; seenUntil: number }, now: Now) {
  return (e: Leg) =>
    e.and([
      e('state', '=', 'ready'),
      e('turn', '=', sql<number>`${v.turn} - 1`),
      sql<boolean>`${v.seenUntil} > ${now}`,
      mayBeTaken(now)(e),
    ]);
}

/** Takes the lease on a leg that was looked at without one. `turn` is that of the lease. */
export function takeSeen(db: Db, v: Ours & { seenUntil: number; leaseMs: number }, now: Now) {
  return db
    .updateTable('legs')
    .set({ lease_owner: v.owner, lease_until: later(now, v.leaseMs), turn: v.turn })
    .where('id', '=', v.leg)
    .where(asItWasSeen(v, now));
}

interface Sent extends Ours {
  readonly longestMs: number;
  readonly leaseMs: number;
  readonly answers: string;
}

function sentNow(v: Sent, now: Now) {
  return (e: Leg) => ({
    state: 'sent',
    sent_at: now,
    first_sent_at: e.fn.coalesce('first_sent_at', now),
    closed_until: later(now, v.longestMs),
    lease_until: later(now, v.leaseMs),
    attempts: e('attempts', '+', 1),
    answers: v.answers,
  });
}

/** Writes that a call is about to leave. */
export function markSent(db: Db, v: Sent, now: Now) {
  return db
    .updateTable('legs')
    .set(sentNow(v, now))
    .where('id', '=', v.leg)
    .where('lease_owner', '=', v.owner)
    .where('turn', '=', v.turn)
    .where('state', 'in', [...RUNNABLE_LEG])
    .where('released', '=', 1)
    .where('waits', '=', 0)
    .where('lease_until', '>', now);
}

/** The same of a leg that was looked at without a lease, which is taken with it. `turn` is that of the lease. */
export function sendSeen(db: Db, v: Sent & { seenUntil: number }, now: Now) {
  return db
    .updateTable('legs')
    .set((e) => ({ ...sentNow(v, now)(e), lease_owner: v.owner, turn: v.turn }))
    .where('id', '=', v.leg)
    .where(asItWasSeen(v, now));
}

/** Ends a leg and gives its lease back. */
export function markDone(db: Db, v: Ours & { answers: string }, now: Now) {
  return db
    .updateTable('legs')
    .set({
      state: 'done',
      done_at: now,
      answers: v.answers,
      closed_until: null,
      error_code: null,
      error_message: null,
      error_hint: null,
      lease_owner: null,
      lease_until: null,
    })
    .where('id', '=', v.leg)
    .where('lease_owner', '=', v.owner)
    .where('turn', '=', v.turn)
    .where('state', 'in', [...RUNNABLE_LEG]);
}
