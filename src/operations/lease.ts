/**
 * A worker's right to act for a leg: owner, turn (a fencing token that grows with each lease) and an end by the
 * database's clock. Whatever a worker writes about a leg names its owner and turn; who lost the lease writes nothing.
 */
import type { sql } from 'kysely';
import { LeaseLost, NotFound } from '../errors.ts';
import { between } from './crash-points.ts';
import type { Deps } from './deps.ts';
import type { OpenedOperations } from './opened.ts';
import { type Db, type LegRow, type Opened, type OperationRow, openOperation, type Work } from './record.ts';
import { legById, markSent, operationById, operationNow, takeLeg } from './statements.ts';
import { RUNNABLE_LEG } from './states.ts';

export interface Lease {
  readonly leg: string;
  readonly operation: string;
  readonly owner: string;
  readonly turn: number;
}

type Claimer = Deps & { readonly opened: OpenedOperations };

/** Takes a leg that may run now, or returns undefined when it may not (or not any more). */
export async function claim(
  deps: Claimer,
  legId: string,
  owner: string,
): Promise<{ work: Work; lease: Lease } | undefined> {
  const taken = await between(deps.crash, 'claim', () => deps.journal.write((db) => take(deps, db, legId, owner)));
  if (taken === undefined) return undefined;
  const { leg, operation, kept } = taken;
  const opened = kept === undefined ? openOperation(deps, operation) : { ...kept, operation };
  // Once this master has done it, the others follow.
  if (operation.lead === leg.master && operation.decided_at === null) deps.opened.keep(operation.id, opened);
  return { work: { ...opened, leg }, lease: { leg: leg.id, operation: operation.id, owner, turn: leg.turn } };
}

interface Taken {
  readonly leg: LegRow;
  readonly operation: OperationRow;
  readonly kept: Opened | undefined;
}

async function take(deps: Claimer, db: Db, legId: string, owner: string): Promise<Taken | undefined> {
  const { journal, timing } = deps;
  const won = await journal.prepare(takeLeg)(db, { leg: legId, owner, leaseMs: timing.leaseMs });
  if (won.changes !== 1) return undefined;
  const leg = (await journal.prepare(legById)(db, { leg: legId })).rows[0];
  if (leg === undefined) throw new NotFound(`there is no leg ${legId}`);
  const kept = deps.opened.take(leg.operation_id);
  const operation = await operationOf(deps, db, leg, kept);
  return { leg, operation, kept };
}

/** Of an operation that is kept opened only what may have changed is read. */
async function operationOf({ journal }: Deps, db: Db, leg: LegRow, kept: Opened | undefined): Promise<OperationRow> {
  const id = { operation: leg.operation_id };
  if (kept !== undefined) {
    const now = (await journal.prepare(operationNow)(db, id)).rows[0];
    if (now !== undefined) return { ...kept.operation, ...now };
  }
  const row = (await journal.prepare(operationById)(db, id)).rows[0];
  if (row === undefined) throw new NotFound(`leg ${leg.id} has no operation`);
  return row;
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
    deps.journal.write((db) =>
      deps.journal.prepare(markSent)(db, {
        leg: lease.leg,
        owner: lease.owner,
        turn: lease.turn,
        longestMs: call.longestMs,
        leaseMs: call.deadlineMs + deps.timing.leaseMs,
        answers: call.answers,
      }),
    ),
  );
  if (sent.changes !== 1) throw new LeaseLost(`the lease on ${lease.leg} was lost before the call was sent`);
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
