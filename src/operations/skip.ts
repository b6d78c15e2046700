/** A leg that is not wanted on its master: what follows from it for its operation, and for those that depend on it. */
import type { RawBuilder } from 'kysely';
import { decide } from './decide.ts';
import type { Deps } from './deps.ts';
import { release, takeAgain } from './order.ts';
import { type Db, keysOfRow, type LegRow, legRows, type OperationRow, operationRow } from './record.ts';
import { OPEN_LEG } from './states.ts';

/** It is not done on this master. A skipped create marks the account as not there, and settles what was to follow. */
export async function skipLeg(deps: Deps, db: Db, operation: OperationRow, leg: LegRow): Promise<readonly string[]> {
  const freed = [...(await skipOne(deps, db, operation.id, leg))];
  if (operation.action === 'account.create') freed.push(...(await skipDependants(deps, db, operation, leg)));
  return freed;
}

async function skipOne(deps: Deps, db: Db, id: string, leg: Pick<LegRow, 'id' | 'master'>): Promise<readonly string[]> {
  const now = deps.journal.now();
  await db.updateTable('legs').set({ state: 'skipped', done_at: now }).where('id', '=', leg.id).execute();
  const freed = await release(deps, db, leg.id);
  return [...freed, ...(await goOn(deps, db, await operationRow(db, id), leg.master))];
}

/** Somebody did it: it is decided. Nobody did, and it was this master's to do first: the next one leads. */
async function goOn(deps: Deps, db: Db, operation: OperationRow, master: string): Promise<readonly string[]> {
  const legs = await legRows(db, operation.id);
  const open = legs.filter((l) => OPEN_LEG.some((state) => state === l.state));
  if (open.length === 0 || legs.some((l) => l.state === 'done')) return decide(deps, db, operation.id);
  return operation.lead === master ? passLead(deps, db, deps.journal.now(), operation, open) : [];
}

/** The first that can go on by itself; one on hold leaves the operation undecided. */
async function passLead(
  deps: Deps,
  db: Db,
  now: RawBuilder<number>,
  operation: OperationRow,
  open: readonly LegRow[],
): Promise<readonly string[]> {
  const next = open.find((l) => l.state !== 'held') ?? open[0];
  if (next === undefined) return [];
  await db
    .updateTable('operations')
    .set({
      state: next.state === 'held' ? 'undecided' : 'accepted',
      lead: next.master,
      lead_epoch: operation.lead_epoch + 1,
    })
    .where('id', '=', operation.id)
    .execute();
  if (next.released === 1) return [next.id];
  await db.updateTable('legs').set({ released: 1, due_at: now }).where('id', '=', next.id).execute();
  await takeAgain(
    deps,
    db,
    { id: next.id, master: next.master, seq: next.seq, wide: operation.destroys === 1 },
    keysOfRow(operation),
  );
  return [next.id];
}

/** All that was to be done there with the account, up to its next creation. */
async function skipDependants(deps: Deps, db: Db, operation: OperationRow, leg: LegRow): Promise<readonly string[]> {
  const account = operation.account;
  if (account === null) return [];
  await db.deleteFrom('absences').where('account', '=', account).where('master', '=', leg.master).execute();
  const next = await db
    .selectFrom('operations')
    .select((e) => e.fn.min('seq').as('seq'))
    .where('account', '=', account)
    .where('action', '=', 'account.create')
    .where('seq', '>', leg.seq)
    .where('state', 'not in', ['refused', 'withdrawn'])
    .executeTakeFirst();
  // The aggregate is null when there is none.
  const until = next?.seq ?? null;
  if (until === null)
    await db.insertInto('absences').values({ account, master: leg.master, operation_id: operation.id }).execute();
  let query = db
    .selectFrom('legs')
    .innerJoin('operations', 'operations.id', 'legs.operation_id')
    .select(['legs.id', 'legs.operation_id'])
    .where('operations.account', '=', account)
    .where('legs.master', '=', leg.master)
    .where('legs.seq', '>', leg.seq)
    .where('legs.state', '=', 'ready')
    .where('legs.first_sent_at', 'is', null);
  if (until !== null) query = query.where('legs.seq', '<', Number(until));
  const freed: string[] = [];
  for (const row of await query.execute())
    freed.push(...(await skipOne(deps, db, row.operation_id, { id: row.id, master: leg.master })));
  return freed;
}
