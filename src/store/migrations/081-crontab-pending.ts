import { type Kysely, sql } from 'kysely';

// longtext: MariaDB's text ends at 64 kB, and SQLite takes any name that holds "text" for TEXT.
const TEXT = sql`longtext`;

/** What an account's crontab was before a change that no master has answered yet. May be run again after it was cut off. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('crontab_pending')
    .ifNotExists()
    .addColumn('account', 'varchar(64)', (c) => c.primaryKey().notNull())
    .addColumn('operation', 'varchar(64)', (c) => c.notNull())
    .addColumn('last_good', TEXT)
    .execute();
}
