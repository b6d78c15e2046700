/**
 * A worker's right to act for a leg: owner, turn (a fencing token that grows with each lease) and an end by the
 * database's clock. Whatever a worker writes about a leg names its owner and turn; who lost the lease writes nothing.
 */
import { sql } from 'kysely';
import { LeaseLost } from '../errors.ts';
import { between } from './crash-points.ts';
import type { Deps } from './deps.ts';
import { type Db, type LegRow, operationRow, type Work, workOf } from './record.ts';
import { RUNNABLE_LEG } from './states.ts';

export interface Lease {
  readonly leg: string;
  readonly operation: string;
  readonly owner: string;
  readonly turn: number;
}

/** Takes a leg that may run now, or returns undefined when it may not (or not any more). */
export async function claim(
  deps: Deps,
  legId: string,
  owner: string,
): Promise<{ work: Work; lease: Lease } | undefined> {
  const taken = await between(deps.crash, 'claim', () => deps.journal.write((db) => take(deps, db, legId, owner)));
  if (taken === undefined) return undefined;
  const { leg, operation } = taken;
  return { work: workOf(deps, operation, leg), lease: { leg: leg.id, operation: operation.id, owner, turn: leg.turn } };
}

async function take(deps: Deps, db: Db, legId: string, owner: string) {
  const now = deps.journal.now();
  const won = await db
    .updateTable('legs')
    .set((e) => ({
      lease_owner: owner,
      lease_until: sql<number>`${now} + ${deps.timing.leaseMs}`,
      turn: e('turn', '+', 1),
    }))
    .where('id', '=', legId)
    .where('state', 'in', [...RUNNABLE_LEG])
    .where('released', '=', 1)
    .where('waits', '=', 0)
    .where('due_at', '<=', now)
    .where((e) => e.or([e('lease_until', 'is', null), e('lease_until', '<=', now)]))
    .executeTakeFirst();
  if (won.numUpdatedRows !== 1n) return undefined;
  const leg = await db.selectFrom('legs').selectAll().where('id', '=', legId).executeTakeFirstOrThrow();
  return { leg, operation: await operationRow(db, leg.operation_id) };
}

/**
 * Writes, before a call's bytes leave, that it is sent: from here on a crash means doubt. One UPDATE, conditioned on the
 * lease and the database's clock. Throws LeaseLost when the leg is no longer ours, or no longer released.
 */
export async function noteSent(
  deps: Deps,
  lease: Lease,
  call: { readonly deadlineMs: number; readonly longestMs: number; readonly answers: string },
): Promise<void> {
  const sent = await between(deps.crash, 'note-sent', () =>
    deps.journal.write((db) => {
      const now = deps.journal.now();
      return db
        .updateTable('legs')
        .set((e) => ({
          state: 'sent',
          sent_at: now,
          first_sent_at: e.fn.coalesce('first_sent_at', now),
          closed_until: sql<number>`${now} + ${call.longestMs}`,
          lease_until: sql<number>`${now} + ${call.deadlineMs + deps.timing.leaseMs}`,
          attempts: e('attempts', '+', 1),
          answers: call.answers,
        }))
        .where('id', '=', lease.leg)
        .where('lease_owner', '=', lease.owner)
        .where('turn', '=', lease.turn)
        .where('state', 'in', [...RUNNABLE_LEG])
        .where('released', '=', 1)
        .where('waits', '=', 0)
        .where('lease_until', '>', now)
        .executeTakeFirst();
    }),
  );
  if (sent.numUpdatedRows !== 1n) throw new LeaseLost(`the lease on ${lease.leg} was lost before the call was sent`);
}

/** Changes the leg if it is still ours, gives the lease back, and throws LeaseLost otherwise. */
export async function updateOurs(db: Db, lease: Lease, values: Partial<LegUpdate>): Promise<void> {
  const result = await db
    .updateTable('legs')
    .set({ ...values, lease_owner: null, lease_until: null })
    .where('id', '=', lease.leg)
    .where('lease_owner', '=', lease.owner)
    .where('turn', '=', lease.turn)
    .where('state', 'in', [...RUNNABLE_LEG])
    .executeTakeFirst();
  if (result.numUpdatedRows !== 1n) throw new LeaseLost(`the lease on ${lease.leg} was lost; another worker has it`);
}

type Settable<T> = { [K in keyof T]: T[K] | ReturnType<typeof sql<T[K]>> };
type LegUpdate = Settable<Omit<LegRow, 'id' | 'operation_id' | 'master'>>;
