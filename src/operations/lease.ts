/**
 * A worker's right to act for a leg: owner, turn (a fencing token that grows with each lease) and an end by the
 * database's clock. Whatever a worker writes about a leg names its owner and turn; who lost the lease writes nothing.
 * A look changes nothing, so a leg that was never sent is looked at without a lease.
 */
import type { sql } from 'kysely';
import { LeaseLost } from '../errors.ts';
import { between } from './crash-points.ts';
import type { Deps } from './deps.ts';
import type { Holder, Leaving, LegJournal, Taken } from './leg-journal.ts';
import { openOperation } from './open-operation.ts';
import type { OpenedOperations } from './opened.ts';
import { type Db, type LegRow, type Opened, type OperationRow, operationOfLeg, type Work } from './record.ts';
import { isRunnable } from './statements.ts';
import { RUNNABLE_LEG } from './states.ts';

export interface Lease extends Holder {
  readonly operation: string;
}

type Claimer = Deps & { readonly legs: LegJournal; readonly opened: OpenedOperations };

/** A leg in hand. */
export interface Claimed {
  readonly work: Work;
  readonly lease: Lease;
  /** Set while the lease is not taken yet: when it was read, by the database's clock and by performance.now(). */
  readonly read?: { readonly at: number; readonly here: number };
}

/** Takes a leg that may run now, or returns undefined when it may not (or not any more). */
export async function claim(deps: Claimer, legId: string, owner: string): Promise<Claimed | undefined> {
  const kept = deps.opened.take(operationOfLeg(legId));
  const asked = { leg: legId, owner, isOpened: kept !== undefined };
  const taken = await between(deps.crash, 'claim', () => deps.legs.take(asked));
  if (taken === undefined) return undefined;
  return inHand(opened(deps, kept, taken), taken.leg, owner, taken.leg.turn);
}

/**
 * Reads a leg that may run now, so that its master can be looked at: the lease is taken with the note that a call is
 * about to leave, which is one write and one wait for the journal's lock less. 'taken first': it was sent before, or
 * begins with more than a look. undefined: it may not run now.
 */
export async function glance(
  deps: Claimer,
  legId: string,
  owner: string,
): Promise<Claimed | 'taken first' | undefined> {
  const kept = deps.opened.take(operationOfLeg(legId));
  const here = performance.now();
  const glanced = await deps.legs.glance({ leg: legId, isOpened: kept !== undefined });
  const { read_at: at, ...leg } = glanced.leg;
  const isFree = leg.lease_until === null || leg.lease_until <= at;
  if (!isFree || !isRunnable(leg.state) || leg.released === 0 || leg.waits > 0 || leg.due_at > at) return undefined;
  const known = opened(deps, kept, glanced);
  const { homes, job } = known.action;
  if (leg.state !== 'ready' || leg.first_sent_at !== null || homes === true || job !== undefined) return 'taken first';
  return { ...inHand(known, leg, owner, leg.turn + 1), read: { at, here } };
}

/** Of an operation that is kept opened only what may have changed was read; of another one, all. */
function opened(deps: Claimer, kept: Opened | undefined, { leg, operation: read }: Taken): Opened {
  const known =
    kept === undefined
      ? openOperation(deps, read as OperationRow)
      : { ...kept, operation: { ...kept.operation, ...read } };
  const { operation } = known;
  // Once this master has done it, the others follow.
  if (operation.lead === leg.master && operation.decided_at === null) deps.opened.keep(operation.id, known);
  return known;
}

function inHand(known: Opened, leg: LegRow, owner: string, turn: number): Claimed {
  return { work: { ...known, leg }, lease: { leg: leg.id, operation: known.operation.id, owner, turn } };
}

/** Takes the lease on a leg that was looked at without one. Throws LeaseLost when it is no longer as it was. */
export async function takeSeen(
  deps: Deps & { readonly legs: LegJournal },
  { leg, owner, turn }: Lease,
  seenUntil: number,
): Promise<void> {
  const isOurs = await between(deps.crash, 'claim', () => deps.legs.takeSeen({ leg, owner, turn, seenUntil }));
  if (!isOurs) throw new LeaseLost(`${leg} is no longer as it was when its master was looked at`);
}

/**
 * Writes, before a call's bytes leave, that it is sent: from here on a crash means doubt. Throws LeaseLost when the leg
 * is no longer ours, or no longer as it was seen.
 */
export async function noteSent(
  deps: Deps & { readonly legs: LegJournal },
  { leg, owner, turn }: Lease,
  call: Omit<Leaving, keyof Holder>,
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
