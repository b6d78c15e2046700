import { type Kysely, SqliteAdapter, sql } from 'kysely';

/** The time in which a change can be undone before anything is sent, and how long each person wants it. */
export async function up(db: Kysely<unknown>): Promise<void> {
  // SQLite makes a migration whole or not at all; MariaDB may have to make it again.
  if (db.getExecutor().adapter instanceof SqliteAdapter)
    await sql`alter table operations add column grace_until bigint`.execute(db);
  else await sql`alter table operations add column if not exists grace_until bigint`.execute(db);
  await db.schema
    .createTable('person_settings')
    .ifNotExists()
    .addColumn('name', 'varchar(64)', (c) => c.primaryKey().notNull())
    .addColumn('undo_seconds', 'bigint')
    .execute();
}
