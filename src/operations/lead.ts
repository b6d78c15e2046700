/** The lead is a field moved by compare-and-set, when no live worker reaches the master that has it. */
import { sql } from 'kysely';
import { LeaseLost } from '../errors.ts';
import { between } from './crash-points.ts';
import type { Deps, Wake } from './deps.ts';
import type { KnownMaster } from './known-reach.ts';
import { type Db, type LegRow, legRows, type OperationRow, runnable } from './record.ts';

/** Operations whose lead one turn may move; the next turn takes the rest. */
const BATCH = 500;

/** Operations whose lead cannot be reached by any live worker get another, if one can be reached. */
export async function moveLeads(deps: Deps, known: readonly KnownMaster[]): Promise<number> {
  const away = known.filter((m) => m.state !== 'reachable').map((m) => m.id);
  const there = known.filter((m) => m.state === 'reachable').map((m) => m.id);
  if (there.length === 0) return 0;
  const stuck = await deps.journal.read((db) =>
    db
      .selectFrom('operations')
      .selectAll()
      .where('state', '=', 'accepted')
      .where('lead', 'in', away)
      // While it can be undone nothing is sent to anybody, whoever leads.
      .where((e) => e.or([e('grace_until', 'is', null), e('grace_until', '<=', deps.journal.now())]))
      .orderBy('id')
      .limit(BATCH)
      .execute(),
  );
  let moved = 0;
  for (const operation of stuck) if (await moveLead(deps, operation, there)) moved += 1;
  return moved;
}

/**
 * While every attempt is proved not sent the lead moves freely. With an attempt in doubt it moves only after a set time,
 * and from then on the operation is committed: a refusal by the new lead means undecided.
 */
async function moveLead(deps: Deps, operation: OperationRow, there: readonly string[]): Promise<boolean> {
  const wakes = await between(deps.crash, 'move-lead', () =>
    deps.journal.write((db) => move(deps, db, operation, there)),
  );
  if (wakes.length === 0) return false;
  deps.log.info(
    { operation: operation.id, from: operation.lead, to: wakes[0]?.master },
    'another master leads this operation',
  );
  deps.changes.tell(operation.id);
  deps.wake(wakes);
  return true;
}

async function leaveOld(deps: Deps, db: Db, old: LegRow): Promise<'free' | 'committed' | 'stay'> {
  const now = deps.journal.now();
  if (old.first_sent_at === null) {
    const left = await db
      .updateTable('legs')
      .set({ released: 0 })
      .where('id', '=', old.id)
      .where('first_sent_at', 'is', null)
      .where('state', '=', 'ready')
      .executeTakeFirst();
    return left.numUpdatedRows === 1n ? 'free' : 'stay';
  }
  const ripe = await db
    .selectFrom('legs')
    .select('id')
    .where('id', '=', old.id)
    .where('state', 'in', ['doubt', 'sent'])
    .where('sent_at', '<=', sql<number>`${now} - ${deps.timing.leadDoubtSeconds * 1000}`)
    .executeTakeFirst();
  return ripe === undefined ? 'stay' : 'committed';
}

async function move(deps: Deps, db: Db, operation: OperationRow, there: readonly string[]): Promise<readonly Wake[]> {
  const legs = await legRows(db, operation.id);
  const old = legs.find((l) => l.master === operation.lead);
  const next = legs.find((l) => there.includes(l.master) && l.state === 'ready' && l.waits === 0 && l.released === 0);
  if (old === undefined || next === undefined) return [];
  const how = await leaveOld(deps, db, old);
  if (how === 'stay') return [];
  const won = await db
    .updateTable('operations')
    .set({
      lead: next.master,
      lead_epoch: operation.lead_epoch + 1,
      ...(how === 'committed' ? { committed: 1 } : {}),
    })
    .where('id', '=', operation.id)
    .where('lead_epoch', '=', operation.lead_epoch)
    .where('state', '=', 'accepted')
    .executeTakeFirst();
  // Thrown, not returned: what leaveOld wrote must not stand alone.
  if (won.numUpdatedRows !== 1n)
    throw new LeaseLost(`the lead of operation ${operation.id} was moved by another worker`);
  await db.updateTable('legs').set({ released: 1, due_at: deps.journal.now() }).where('id', '=', next.id).execute();
  return runnable(deps, db, [next.id]);
}
