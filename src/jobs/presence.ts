/** A worker's place in the journal: that it lives, what it knows of the masters, its share of their slots, its leases. */
import { sql } from 'kysely';
import type { Logger } from '../log.ts';
import type { Deps } from '../operations/deps.ts';
import { WORKER_SILENT_MS } from '../operations/known-reach.ts';
import type { Reach, ReachState } from '../operations/reach.ts';
import { freeSlots, shareSlots } from '../operations/slots.ts';
import { buryDead, homeOfThisProcess } from './burial.ts';
import type { Pool } from './pool.ts';

export interface PresenceDeps {
  readonly core: Deps;
  readonly id: string;
  readonly node: string;
  readonly concurrency: Readonly<Record<string, number>>;
  readonly reach: Reach;
  readonly log: Logger;
}

export interface Presence {
  arrive(): Promise<void>;
  /**
   * Says that we live, keeps the leases of what runs, and gives each pool as many slots as are ours. Returns how many
   * workers live.
   */
  beat(pools: ReadonlyMap<string, Pool>): Promise<number>;
  /** Tells all workers what this one knows of a master now. */
  tell(master: string, state: ReachState): void;
  leave(): Promise<void>;
}

/** Slots are leased for longer than a few missed beats, and less than a dead worker may hold others up. */
const SLOT_LEASE_MS = 10_000;

export function openPresence(deps: PresenceDeps): Presence {
  const { core, id } = deps;
  const { journal } = core;
  const told = tellParked(deps);
  return {
    async arrive() {
      const home = homeOfThisProcess();
      await buryDead(core, home, deps.log);
      await journal.write(async (db) => {
        const now = journal.now();
        await db
          .insertInto('workers')
          .values({ id, node: deps.node, pid: process.pid, home, started_at: now, seen_at: now })
          .execute();
        for (const master of core.masters.list) {
          await db
            .insertInto('reach')
            .values({ worker_id: id, master: master.id, state: 'reachable', since: now, reason: null })
            .execute();
        }
      });
      for (const master of core.masters.list) await ensureMaster(core, master.id);
      await told.hear();
    },
    async beat(pools) {
      const running = [...pools.values()].flatMap((pool) => pool.running());
      const live = await journal.write((db) => keepAlive(deps, db, running));
      await told.hear();
      for (const [master, pool] of pools) {
        const until = performance.now() + SLOT_LEASE_MS;
        const shrink = (share: number) => pool.shrink(share);
        const total = deps.concurrency[master] ?? 1;
        pool.resize(await shareSlots(core, id, master, total, live, SLOT_LEASE_MS, shrink), until);
      }
      return live;
    },
    tell(master, state) {
      told.tell(master, state).catch((error: unknown) => {
        deps.log.warn({ master, reason: String(error) }, 'what is known of a master could not be told');
      });
    },
    async leave() {
      await freeSlots(core, id);
      await journal.write(async (db) => {
        // What was under way has ended; what was not sent goes on elsewhere, at once.
        await db
          .updateTable('legs')
          .set({ lease_owner: null, lease_until: null })
          .where('state', 'in', ['ready', 'sent', 'doubt'])
          .where('lease_owner', '=', id)
          .execute();
        await db.deleteFrom('reach').where('worker_id', '=', id).execute();
        await db.deleteFrom('workers').where('id', '=', id).execute();
      });
    },
  };
}

type WriteDb = Parameters<Parameters<Deps['journal']['write']>[0]>[0];

/** One UPDATE says that we live and one keeps our leases; returns the number of live workers. */
async function keepAlive(deps: PresenceDeps, db: WriteDb, running: readonly string[]): Promise<number> {
  const { journal, timing } = deps.core;
  const now = journal.now();
  await db.updateTable('workers').set({ seen_at: now }).where('id', '=', deps.id).execute();
  if (running.length > 0) {
    const until = sql<number>`${now} + ${timing.leaseMs}`;
    await db
      .updateTable('legs')
      .set({ lease_until: until })
      .where('id', 'in', [...running])
      .where('lease_owner', '=', deps.id)
      .where('lease_until', '>', now)
      .where('lease_until', '<', until)
      .execute();
  }
  const silent = sql<number>`${now} - ${WORKER_SILENT_MS}`;
  const rows = await db.selectFrom('workers').select('id').where('seen_at', '>', silent).execute();
  return rows.length;
}

/** Two workers may arrive at once: the one that comes second finds the row. */
async function ensureMaster(core: Deps, id: string): Promise<void> {
  const row = { id, parked: 0, parked_reason: null, parked_at: null, version: null };
  const find = () =>
    core.journal.read((db) => db.selectFrom('masters').select('id').where('id', '=', id).executeTakeFirst());
  if ((await find()) !== undefined) return;
  try {
    await core.journal.write((db) => db.insertInto('masters').values(row).execute());
  } catch (error) {
    if ((await find()) === undefined) throw error;
  }
}

/** Parking is for all workers: one tells, the others hear, and a person's word to go on reaches everyone. */
function tellParked({ core, id, reach }: PresenceDeps) {
  const { journal } = core;
  /** Masters that we told all others to leave alone; only then may the word to go on be heard. */
  const told = new Set<string>();
  function heed(master: string, reason: string): void {
    told.add(master);
    if (reach.of(master).state !== 'parked') reach.park(master, reason);
  }
  return {
    async tell(master: string, state: ReachState): Promise<void> {
      await journal.write(async (db) => {
        const now = journal.now();
        if (state.state === 'parked') {
          await db
            .updateTable('masters')
            .set({ parked: 1, parked_reason: state.reason ?? '', parked_at: now })
            .where('id', '=', master)
            .where('parked', '=', 0)
            .execute();
        }
        await db
          .updateTable('reach')
          .set({
            state: state.state === 'reachable' ? 'reachable' : 'unreachable',
            since: now,
            reason: state.reason ?? null,
          })
          .where('worker_id', '=', id)
          .where('master', '=', master)
          .execute();
      });
      if (state.state === 'parked') told.add(master);
      else told.delete(master);
    },
    async hear(): Promise<void> {
      const rows = await journal.read((db) =>
        db.selectFrom('masters').select(['id', 'parked', 'parked_reason']).execute(),
      );
      for (const row of rows) {
        if (row.parked === 1) heed(row.id, row.parked_reason ?? '');
        else if (told.delete(row.id) && reach.of(row.id).state === 'parked') reach.resume(row.id);
      }
    },
  };
}
