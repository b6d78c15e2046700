/**
 * How many calls may be in flight on a master, over all workers together: one row for each right, leased by a worker.
 * Live workers share them evenly; a dead worker's rights are free when its lease ends.
 */
import { sql } from 'kysely';
import { seeingOthers } from '../store/database-once.ts';
import type { Deps } from './deps.ts';
import type { Db } from './record.ts';

/**
 * Takes, keeps or gives back rights so that the live workers have equal shares. `shrink` is told the share and must
 * start no further calls beyond it; it returns the calls under way, whose rights are kept until they end. Returns how
 * many rights this worker has.
 */
export function shareSlots(
  deps: Pick<Deps, 'journal'>,
  worker: string,
  master: string,
  total: number,
  live: number,
  leaseMs: number,
  shrink: (share: number) => number,
): Promise<number> {
  const share = Math.max(1, Math.ceil(total / Math.max(1, live)));
  const need = Math.min(total, Math.max(share, shrink(share)));
  const give = async (db: Db): Promise<number> => {
    await ensureRows(db, master, total);
    const now = deps.journal.now();
    const until = sql<number>`${now} + ${leaseMs}`;
    const mine = await db
      .selectFrom('slots')
      .select('slot')
      .where('master', '=', master)
      .where('worker_id', '=', worker)
      .where('until', '>', now)
      .where('slot', '<', total)
      .orderBy('slot')
      .execute();
    const keep = mine.slice(0, need).map((s) => s.slot);
    const extra = mine.slice(need).map((s) => s.slot);
    if (extra.length > 0)
      await db.updateTable('slots').set({ until: 0 }).where('master', '=', master).where('slot', 'in', extra).execute();
    if (keep.length > 0) {
      await db
        .updateTable('slots')
        .set({ until })
        .where('master', '=', master)
        .where('slot', 'in', keep)
        .where('worker_id', '=', worker)
        .execute();
    }
    return keep.length + (await takeFree(db, { worker, master, total, wanted: share - keep.length, now, until }));
  };
  return seeingOthers(() => deps.journal.write(give));
}

async function takeFree(
  db: Db,
  want: {
    worker: string;
    master: string;
    total: number;
    wanted: number;
    now: ReturnType<typeof sql<number>>;
    until: ReturnType<typeof sql<number>>;
  },
): Promise<number> {
  if (want.wanted <= 0) return 0;
  const free = await db
    .selectFrom('slots')
    .select('slot')
    .where('master', '=', want.master)
    .where('until', '<=', want.now)
    .where('slot', '<', want.total)
    .orderBy('slot')
    .execute();
  let taken = 0;
  // All that look free are tried: a worker that starts at the same moment may be quicker on the first ones.
  for (const { slot } of free) {
    if (taken === want.wanted) break;
    const won = await db
      .updateTable('slots')
      .set({ worker_id: want.worker, until: want.until })
      .where('master', '=', want.master)
      .where('slot', '=', slot)
      .where('until', '<=', want.now)
      .executeTakeFirst();
    if (won.numUpdatedRows === 1n) taken += 1;
  }
  return taken;
}

async function ensureRows(db: Db, master: string, total: number): Promise<void> {
  const rows = await db.selectFrom('slots').select('slot').where('master', '=', master).execute();
  const known = new Set(rows.map((r) => r.slot));
  const missing = Array.from({ length: total }, (_, slot) => slot).filter((slot) => !known.has(slot));
  if (missing.length === 0) return;
  await db
    .insertInto('slots')
    .values(missing.map((slot) => ({ master, slot, worker_id: '', until: 0 })))
    .execute();
}

/** Gives everything back on a clean stop, so that nobody waits for a lease to end. */
export async function freeSlots(deps: Pick<Deps, 'journal'>, worker: string): Promise<void> {
  await deps.journal.write((db) => db.updateTable('slots').set({ until: 0 }).where('worker_id', '=', worker).execute());
}
