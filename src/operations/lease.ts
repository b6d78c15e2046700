/**
 * A worker's right to act for a leg: owner, turn (a fencing token that grows with each lease) and an end by the
 * database's clock. Whatever a worker writes about a leg names its owner and turn; who lost the lease writes nothing.
 */
import type { sql } from 'kysely';
import { LeaseLost } from '../errors.ts';
import { between } from './crash-points.ts';
import type { Deps } from './deps.ts';
import type { Holder, LegJournal } from './leg-journal.ts';
import { openOperation } from './open-operation.ts';
import type { OpenedOperations } from './opened.ts';
import { type Db, type LegRow, type OperationRow, operationOfLeg, type Work } from './record.ts';
import { RUNNABLE_LEG } from './states.ts';

export interface Lease extends Holder {
  readonly operation: string;
}

type Claimer = Deps & { readonly legs: LegJournal; readonly opened: OpenedOperations };

/** Takes a leg that may run now, or returns undefined when it may not (or not any more). */
export async function claim(
  deps: Claimer,
  legId: string,
  owner: string,
): Promise<{ work: Work; lease: Lease } | undefined> {
  const kept = deps.opened.take(operationOfLeg(legId));
  const asked = { leg: legId, owner, isOpened: kept !== undefined };
  const taken = await between(deps.crash, 'claim', () => deps.legs.take(asked));
  if (taken === undefined) return undefined;
  const { leg } = taken;
  // Of an operation that is kept opened only what may have changed was read; of another one, all.
  const opened =
    kept === undefined
      ? openOperation(deps, taken.operation as OperationRow)
      : { ...kept, operation: { ...kept.operation, ...taken.operation } };
  const { operation } = opened;
  // Once this master has done it, the others follow.
  if (operation.lead === leg.master && operation.decided_at === null) deps.opened.keep(operation.id, opened);
  return { work: { ...opened, leg }, lease: { leg: leg.id, operation: operation.id, owner, turn: leg.turn } };
}

/**
 * Writes, before a call's bytes leave, that it is sent: from here on a crash means doubt. Throws LeaseLost when the leg
 * is no longer ours, or no longer released.
 */
export async function noteSent(
  deps: Deps & { readonly legs: LegJournal },
  { leg, owner, turn }: Lease,
  call: { readonly deadlineMs: number; readonly longestMs: number; readonly answers: string },
): Promise<void> {
  const isOurs = await between(deps.crash, 'note-sent', () => deps.legs.noteSent({ leg, owner, turn, ...call }));
  if (!isOurs) throw new LeaseLost(`the lease on ${leg} was lost before the call was sent`);
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
