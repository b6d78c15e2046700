/** What a worker writes when a master said no: refused, on hold, or taken back. Each is one transaction, conditioned on the lease. */
import type { RawBuilder } from 'kysely';
import { LeaseLost } from '../errors.ts';
import { between } from './crash-points.ts';
import type { Deps } from './deps.ts';
import { type Lease, updateOurs } from './lease.ts';
import { release, releaseShared } from './order.ts';
import { type Db, legRows, type OperationRow, operationRow, runnable, type Work } from './record.ts';
import { type Attempt, after, errorOf, NO_ERROR, noteAttempt, type Trouble } from './settle.ts';

/**
 * Changes the operation only while it is as this worker read it: once another master leads, or has done it, this
 * master's no decides nothing. Throws LeaseLost; the leg is then looked at anew.
 */
async function decideAlone(db: Db, { operation }: Work, values: Partial<Settled>): Promise<void> {
  const won = await db
    .updateTable('operations')
    .set(values)
    .where('id', '=', operation.id)
    .where('lead_epoch', '=', operation.lead_epoch)
    .where('state', 'in', ['accepted', 'undecided'])
    .executeTakeFirst();
  if (won.numUpdatedRows !== 1n)
    throw new LeaseLost(`operation ${operation.id} was decided or led elsewhere meanwhile`);
}

type Settled = { [K in keyof OperationRow]: OperationRow[K] | RawBuilder<NonNullable<OperationRow[K]>> };

/** The lead refused and nothing was changed: the operation is refused, nobody follows. */
export async function settleRefused(
  deps: Deps,
  work: Work,
  lease: Lease,
  trouble: Trouble,
  attempt?: Attempt,
): Promise<void> {
  const wakes = await between(deps.crash, 'settle-refused', () =>
    deps.journal.write(async (db) => {
      const now = deps.journal.now();
      await decideAlone(db, work, { state: 'refused', refusal: trouble.message, final_at: now, ...FORGOTTEN });
      await updateOurs(db, lease, { state: 'refused', done_at: now, closed_until: null, ...errorOf(trouble) });
      await noteAttempt(deps, db, work, attempt);
      const freed = [...(await release(deps, db, lease.leg)), ...(await endOthers(deps, db, lease.operation, now))];
      await db
        .updateTable('operations')
        .set((e) => ({ decided_at: e.fn.coalesce('decided_at', now), verified_at: now }))
        .where('id', '=', lease.operation)
        .execute();
      return runnable(deps, db, freed);
    }),
  );
  after(deps, lease.operation, wakes);
}

const FORGOTTEN = { data_key: null, sealed: null } as const;

/** The legs that were never sent end with their operation. */
export async function endOthers(
  deps: Deps,
  db: Db,
  operation: string,
  now: RawBuilder<number>,
): Promise<readonly string[]> {
  const freed: string[] = [];
  for (const leg of await legRows(db, operation)) {
    if (leg.state !== 'ready' && leg.state !== 'held') continue;
    await db
      .updateTable('legs')
      .set({ state: 'withdrawn', done_at: now, lease_owner: null, lease_until: null })
      .where('id', '=', leg.id)
      .execute();
    freed.push(...(await release(deps, db, leg.id)));
  }
  return freed;
}

/** A person is needed. The leg keeps its exclusive keys and gives up the shared ones. */
export async function settleHeld(
  deps: Deps,
  work: Work,
  lease: Lease,
  trouble: Trouble,
  attempt?: Attempt,
): Promise<void> {
  const wakes = await between(deps.crash, 'settle-held', () =>
    deps.journal.write(async (db) => {
      // Only a call that may still take effect keeps the leg from being decided about at once.
      const quiet = trouble.code === 'call.in-doubt' ? {} : { closed_until: null };
      await updateOurs(db, lease, { state: 'held', ...quiet, ...errorOf(trouble) });
      await noteAttempt(deps, db, work, attempt);
      const freed = [...(await releaseShared(deps, db, lease.leg)), ...(await undecided(deps, db, lease.operation))];
      return runnable(deps, db, freed);
    }),
  );
  deps.log.warn(
    { operation: lease.operation, action: work.operation.action, master: work.leg.master, reason: trouble.message },
    'a leg is on hold and needs a person',
  );
  after(deps, lease.operation, wakes);
}

/** While nobody has done it, an operation on hold is undecided, and its waiting legs give up their shared keys too. */
async function undecided(deps: Deps, db: Db, id: string): Promise<readonly string[]> {
  const operation = await operationRow(db, id);
  if (operation.state !== 'accepted' && operation.state !== 'undecided') return [];
  await db.updateTable('operations').set({ state: 'undecided' }).where('id', '=', id).execute();
  const freed: string[] = [];
  for (const leg of await legRows(db, id)) {
    if (leg.released === 0 && leg.state === 'ready') freed.push(...(await releaseShared(deps, db, leg.id)));
  }
  return freed;
}

/** The lead refused after part of it took effect, and that part is ours: it is taken back, then the operation is refused. */
export async function settleTakeBack(
  deps: Deps,
  work: Work,
  lease: Lease,
  trouble: Trouble,
  attempt?: Attempt,
): Promise<void> {
  await between(deps.crash, 'settle-take-back', () =>
    deps.journal.write(async (db) => {
      const now = deps.journal.now();
      await decideAlone(db, work, { state: 'undecided', refusal: trouble.message });
      await updateOurs(db, lease, { state: 'doubt', mode: 'undo', due_at: now, doubts: 0, ...errorOf(trouble) });
      await noteAttempt(deps, db, work, attempt);
    }),
  );
  after(deps, lease.operation, [{ leg: lease.leg, master: work.leg.master, turn: lease.turn }]);
}

/** What this master had done is taken back. The operation ends when no master has it any more. */
export async function settleUndone(deps: Deps, work: Work, lease: Lease): Promise<void> {
  const wakes = await between(deps.crash, 'settle-undone', () =>
    deps.journal.write(async (db) => {
      const now = deps.journal.now();
      await updateOurs(db, lease, { state: 'withdrawn', done_at: now, closed_until: null, ...NO_ERROR });
      const freed = [...(await release(deps, db, lease.leg))];
      const legs = await legRows(db, lease.operation);
      if (legs.every((l) => l.mode !== 'undo' || l.state === 'withdrawn')) {
        freed.push(...(await endOthers(deps, db, lease.operation, now)));
        const state = work.operation.refusal === null ? 'withdrawn' : 'refused';
        await db
          .updateTable('operations')
          .set((e) => ({
            state,
            decided_at: e.fn.coalesce('decided_at', now),
            final_at: now,
            data_key: null,
            sealed: null,
            verified_at: now,
          }))
          .where('id', '=', lease.operation)
          .execute();
      }
      return runnable(deps, db, freed);
    }),
  );
  after(deps, lease.operation, wakes);
}
