import { type Kysely, sql } from 'kysely';

// longtext: MariaDB's text ends at 64 kB, and SQLite takes any name that holds "text" for TEXT.
const TEXT = sql`longtext`;

/** The crontab that each account is to have, and for which master it was last set. May be run again after it was cut off. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('crontabs')
    .ifNotExists()
    .addColumn('account', 'varchar(64)', (c) => c.primaryKey().notNull())
    .addColumn('jobs', TEXT, (c) => c.notNull())
    .addColumn('email', 'varchar(320)', (c) => c.notNull())
    .addColumn('master', 'varchar(16)', (c) => c.notNull())
    .addColumn('set_at', 'bigint', (c) => c.notNull())
    .execute();
}
