/**
 * Numbered changes of the tables, each recorded in `migrations` when it is made.
 *
 * SQLite: the file's write lock makes two processes take turns, and each migration is one transaction.
 * MariaDB commits at every CREATE, so a row with a lease (database clock) is the lock, on Galera too, and a migration
 * that was cut off is made again from its start: `up` must be repeatable (`ifNotExists`).
 */

import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { type Kysely, sql, type Transaction } from 'kysely';
import type { Journal } from './database.ts';
import { isDuplicate, JournalBusy, JournalTooNew } from './database-errors.ts';

export interface Migration {
  /** '001-journal': sorts into the order of making, recorded, never renamed. */
  readonly name: string;
  /** Makes the change with what both databases do, and may be run again after it was cut off. */
  up(db: Kysely<unknown>): Promise<void>;
}

interface Tables {
  migrations: { name: string; made_at: number };
  migration_lock: { id: number; owner: string; held_until: number };
}

const leaseMs = 30_000;
const renewMs = 10_000;
const pollMs = 100;
const patienceMs = 120_000;

// Names are compared byte by byte, as SQLite does: MariaDB's own default takes 'Bob', 'bob' and 'bob ' for one.
const collation = 'utf8mb4_nopad_bin';

async function compareBytes(db: Kysely<Tables>): Promise<void> {
  const { rows } = await sql<{ now: string }>`select @@collation_database as now`.execute(db);
  if (rows[0]?.now === collation) return;
  await sql`alter database character set utf8mb4 collate ${sql.raw(collation)}`.execute(db);
}

async function makeOwnTables(journal: Journal<Tables>): Promise<void> {
  if (journal.kind === 'mariadb') await journal.write(compareBytes);
  await journal.write(async (db) => {
    await db.schema
      .createTable('migrations')
      .ifNotExists()
      .addColumn('name', 'varchar(100)', (c) => c.primaryKey())
      .addColumn('made_at', 'bigint', (c) => c.notNull())
      .execute();
    await db.schema
      .createTable('migration_lock')
      .ifNotExists()
      .addColumn('id', 'integer', (c) => c.primaryKey())
      .addColumn('owner', 'varchar(50)', (c) => c.notNull())
      .addColumn('held_until', 'bigint', (c) => c.notNull())
      .execute();
  });
  try {
    await journal.write((db) => db.insertInto('migration_lock').values({ id: 1, owner: '', held_until: 0 }).execute());
  } catch (error) {
    if (!isDuplicate(error)) throw error;
  }
}

async function tryLock(journal: Journal<Tables>, owner: string): Promise<boolean> {
  const result = await journal.write((db) =>
    db
      .updateTable('migration_lock')
      .set((eb) => ({ owner, held_until: eb(journal.now(), '+', leaseMs) }))
      .where('id', '=', 1)
      .where((eb) => eb.or([eb('owner', '=', owner), eb('held_until', '<', journal.now())]))
      .executeTakeFirst(),
  );
  return Number(result.numUpdatedRows) === 1;
}

async function lock(journal: Journal<Tables>, owner: string): Promise<void> {
  const until = performance.now() + patienceMs;
  while (!(await tryLock(journal, owner))) {
    if (performance.now() > until) throw new JournalBusy('journal: another process is changing the tables');
    await delay(pollMs);
  }
}

async function unlock(journal: Journal<Tables>, owner: string): Promise<void> {
  await journal.write((db) =>
    db.updateTable('migration_lock').set({ held_until: 0 }).where('owner', '=', owner).execute(),
  );
}

async function madeBefore(db: Kysely<Tables>): Promise<ReadonlySet<string>> {
  const rows = await db.selectFrom('migrations').select('name').execute();
  return new Set(rows.map((row) => row.name));
}

/** Returns whether it was made now. */
async function makeOne(journal: Journal<Tables>, migration: Migration): Promise<boolean> {
  return journal.write(async (db) => {
    if ((await madeBefore(db)).has(migration.name)) return false;
    // A migration knows no table types: it makes them.
    await migration.up(db as Transaction<unknown>);
    await db.insertInto('migrations').values({ name: migration.name, made_at: journal.now() }).execute();
    return true;
  });
}

function checkOrder(migrations: readonly Migration[]): void {
  migrations.forEach(({ name }, index) => {
    const before = migrations[index - 1]?.name;
    if (before !== undefined && before >= name) throw new RangeError(`migration ${name} must sort after ${before}`);
  });
}

async function checkKnown(journal: Journal<Tables>, migrations: readonly Migration[]): Promise<void> {
  const known = new Set(migrations.map((m) => m.name));
  const strange = [...(await journal.read(madeBefore))].filter((name) => !known.has(name));
  if (strange.length === 0) return;
  throw new JournalTooNew(`journal: has changes that this version does not know: ${strange.join(', ')}`, {
    hint: 'Start the newest Tandem that ever ran on this journal.',
  });
}

async function makeAll(journal: Journal<Tables>, migrations: readonly Migration[]): Promise<readonly string[]> {
  await checkKnown(journal, migrations);
  const made: string[] = [];
  for (const migration of migrations) if (await makeOne(journal, migration)) made.push(migration.name);
  return made;
}

async function makeAllLocked(journal: Journal<Tables>, migrations: readonly Migration[]): Promise<readonly string[]> {
  const owner = randomUUID();
  await lock(journal, owner);
  let lost = false;
  const renewal = setInterval(() => {
    tryLock(journal, owner).then(
      (held) => {
        lost = lost || !held;
      },
      () => {
        lost = true;
      },
    );
  }, renewMs);
  try {
    return await makeAll(journal, migrations);
  } finally {
    clearInterval(renewal);
    if (!lost) await unlock(journal, owner);
  }
}

/**
 * Brings the journal's tables to the newest form and returns the names of the migrations made now. Safe when several
 * processes start at once. Throws JournalTooNew when a newer Tandem was here, JournalBusy when another is stuck in it.
 */
export async function migrate<S>(journal: Journal<S>, migrations: readonly Migration[]): Promise<readonly string[]> {
  checkOrder(migrations);
  // Its own two tables are no part of Schema.
  const own = journal as unknown as Journal<Tables>;
  await makeOwnTables(own);
  return own.kind === 'sqlite' ? makeAll(own, migrations) : makeAllLocked(own, migrations);
}
