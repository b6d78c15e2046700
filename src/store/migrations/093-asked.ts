import { type Kysely, SqliteAdapter, sql } from 'kysely';

/** A mark of what was asked for with a key last. Keys that nothing touched since have none. */
export async function up(db: Kysely<unknown>): Promise<void> {
  // SQLite makes a migration whole or not at all; MariaDB may have to make it again.
  const ifMissing = sql.raw(db.getExecutor().adapter instanceof SqliteAdapter ? '' : 'if not exists');
  await sql`alter table ${sql.table('keys')} add column ${ifMissing} asked varchar(40)`.execute(db);
}
