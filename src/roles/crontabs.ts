/**
 * The wanted crontabs: kept in the journal, set through operations, and set again when an account's active master moved.
 * The loop looks at what is so, never at what happened, so a process that dies anywhere loses nothing.
 */
import type { Kysely, Transaction } from 'kysely';
import { z } from 'zod';
import { job } from '../actions/cron/seen.ts';
import type { Actor } from '../auth/actor.ts';
import { systemClock } from '../clock.ts';
import { messageOf } from '../errors.ts';
import { idsFrom } from '../ids.ts';
import { loop } from '../loop.ts';
import type { OperationState } from '../operations/model.ts';
import type { Crontabs, WantedCron } from '../routes/customer/deps.ts';
import type { CrontabsTable, Schema } from '../store/schema.ts';
import type { Core } from './core.ts';

const EVERY_MS = 5_000;
const system: Actor = { kind: 'system', name: 'cron', scope: 'all' };
const lines = z.array(job);
const kept = z.object({ jobs: lines, email: z.string() });
/** States in which no master's word decides yet. */
const undecided: ReadonlySet<OperationState> = new Set(['accepted', 'undecided']);

type Parts = Pick<Core, 'journal' | 'operations' | 'deps' | 'log'>;

type Kept = Pick<Core, 'journal' | 'operations'>;

/** The wanted crontabs, for pages. */
export function crontabsOf(parts: Kept): Crontabs {
  return {
    async wanted(account) {
      await settle(parts, account);
      return wantedIn(await rowOf(parts, account));
    },
    async keep(account, wanted, master, operation) {
      // What is still undecided is no ground to fall back to: it may be refused too.
      const waiting = await settle(parts, account);
      const before = waiting ? undefined : wantedIn(await rowOf(parts, account));
      await parts.journal.write(async (db) => {
        await putRow(db, account, wanted, master);
        if (waiting)
          await db.updateTable('crontab_pending').set({ operation }).where('account', '=', account).execute();
        else
          await db
            .insertInto('crontab_pending')
            .values({ account, operation, last_good: before === undefined ? null : JSON.stringify(before) })
            .execute();
      });
    },
  };
}

function rowOf({ journal }: Pick<Core, 'journal'>, account: string): Promise<CrontabsTable | undefined> {
  return journal.read((db) => db.selectFrom('crontabs').selectAll().where('account', '=', account).executeTakeFirst());
}

function wantedIn(row: CrontabsTable | undefined): WantedCron | undefined {
  return row === undefined ? undefined : { jobs: lines.parse(JSON.parse(row.jobs)), email: row.email };
}

async function putRow(
  db: Transaction<Schema>,
  account: string,
  { jobs, email }: WantedCron,
  master: string,
): Promise<void> {
  await db.deleteFrom('crontabs').where('account', '=', account).execute();
  const row = { account, jobs: JSON.stringify(jobs), email, master, set_at: Date.now() };
  await db.insertInto('crontabs').values(row).execute();
}

/** Looks at what became of an undecided change: answers whether it is still undecided. */
async function settle(parts: Kept, account: string): Promise<boolean> {
  const { journal, operations } = parts;
  const pending = await journal.read((db) =>
    db.selectFrom('crontab_pending').selectAll().where('account', '=', account).executeTakeFirst(),
  );
  if (pending === undefined) return false;
  const state = (await operations.get(pending.operation))?.state;
  if (state !== undefined && undecided.has(state)) return true;
  const isLost = state === 'refused' || state === 'withdrawn';
  await journal.write(async (db) => {
    const gone = await db
      .deleteFrom('crontab_pending')
      .where('account', '=', account)
      .where('operation', '=', pending.operation)
      .executeTakeFirst();
    // Another process may have settled it, or a customer have changed it again, since it was read.
    if (!isLost || gone.numDeletedRows === 0n) return;
    const good = pending.last_good === null ? undefined : kept.parse(JSON.parse(pending.last_good));
    if (good === undefined) await db.deleteFrom('crontabs').where('account', '=', account).execute();
    else {
      const row = await db.selectFrom('crontabs').select('master').where('account', '=', account).executeTakeFirst();
      await putRow(db, account, good, row?.master ?? '');
    }
  });
  return false;
}

/** Account → its active master; '*' for the pair. */
async function activeMasters({ journal, deps }: Parts): Promise<(account: string) => string> {
  const rows = await journal.read((db) => db.selectFrom('active').select(['account', 'master']).execute());
  const own = new Map(rows.map((row) => [row.account, row.master]));
  const pair = own.get('*') ?? deps.masters.list[0]?.id ?? '';
  return (account) => own.get(account) ?? pair;
}

/** The table as it is wanted, once for each cause. */
async function setAgain(parts: Parts, row: CrontabsTable, master: string, cause: string): Promise<void> {
  const params = { account: row.account, jobs: JSON.parse(row.jobs) as unknown, email: row.email, runsOn: master };
  const idempotencyKey = `cron-${row.account}-${cause}`.slice(0, 64);
  await parts.operations.accept({
    action: 'cron.set',
    params,
    actor: system,
    door: 'system',
    queue: true,
    idempotencyKey,
  });
}

async function follow(parts: Parts, row: CrontabsTable, master: string): Promise<void> {
  await setAgain(parts, row, master, `${row.set_at}-${master}`);
  // Only what is still as it was read: a customer may have set another table meanwhile, with its own master.
  await parts.journal.write((db) =>
    db
      .updateTable('crontabs')
      .set({ master })
      .where('account', '=', row.account)
      .where('set_at', '=', row.set_at)
      .execute(),
  );
}

/** What brings back a crontab that cPanel had put aside, on each master its own: jobs would run on both. */
const reviving: readonly string[] = ['account.unsuspend', 'account.restore'];
/** So far back a worker looks that was started anew, and one that has looked before, milliseconds. */
const firstMs = 7 * 24 * 60 * 60_000;
const laterMs = 10 * 60_000;

export interface RevivedMemory {
  hasLooked: boolean;
  /** Causes that were met before. */
  readonly met: Set<string>;
  /** Causes that could not be followed yet, with their accounts. */
  readonly waiting: Map<string, string | null>;
}

/** Operations with ids from `since` on that brought an account back: of no others is a row read. */
export function revived(db: Kysely<Schema>, since: string) {
  return db
    .selectFrom('operations')
    .select(['id', 'account'])
    .where('id', '>', since)
    .where('action', 'in', reviving)
    .where('state', 'not in', ['refused', 'withdrawn']);
}

/** Sets one account's crontab again; answers whether it has one. */
async function setBehind(parts: Parts, account: string | null, activeOf: (account: string) => string, cause: string) {
  const row = account === null ? undefined : await rowOf(parts, account);
  if (row !== undefined) await setAgain(parts, row, activeOf(row.account), cause);
  return row !== undefined;
}

/** One look: every crontab whose account came back is set again behind that. Answers how many. */
export async function revivedTurn(parts: Parts, memory: RevivedMemory): Promise<number> {
  const since = idsFrom(Date.now() - (memory.hasLooked ? laterMs : firstMs));
  const found = await parts.journal.read((db) => revived(db, since).execute());
  for (const { id, account } of found) if (!memory.met.has(id)) memory.waiting.set(id, account);
  memory.hasLooked = true;
  if (memory.waiting.size === 0) return 0;
  const activeOf = await activeMasters(parts);
  let set = 0;
  for (const [id, account] of memory.waiting) {
    try {
      if (await setBehind(parts, account, activeOf, id)) set += 1;
      memory.met.add(id);
      memory.waiting.delete(id);
    } catch (error) {
      // As below: the next look tries again.
      parts.log.warn({ account, reason: messageOf(error) }, 'a crontab could not be set again behind its account');
    }
  }
  return set;
}

/** One look: every crontab that was set for another master than the account's active one is set again. */
export async function crontabsTurn(parts: Parts): Promise<number> {
  const waiting = await parts.journal.read((db) => db.selectFrom('crontab_pending').select('account').execute());
  for (const { account } of waiting) await settle(parts, account);
  const rows = await parts.journal.read((db) => db.selectFrom('crontabs').selectAll().execute());
  if (rows.length === 0) return 0;
  const activeOf = await activeMasters(parts);
  let moved = 0;
  for (const row of rows) {
    const master = activeOf(row.account);
    if (master === row.master) continue;
    try {
      await follow(parts, row, master);
      moved += 1;
    } catch (error) {
      // One account's trouble, such as a hold, stops no other; the next look tries again.
      parts.log.warn(
        { account: row.account, master, reason: messageOf(error) },
        'a crontab could not follow its account',
      );
    }
  }
  return moved;
}

/** Lets crontabs follow their accounts. Stops with the core. */
export function startCrontabs(core: Core): void {
  const memory: RevivedMemory = { hasLooked: false, met: new Set(), waiting: new Map() };
  loop({
    name: 'crontabs',
    everyMs: EVERY_MS,
    jitter: 0.2,
    turn: async () => (await crontabsTurn(core)) + (await revivedTurn(core, memory)),
    signal: core.lifecycle.signal,
    clock: systemClock,
    log: core.log,
  });
}
