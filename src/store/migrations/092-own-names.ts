import { type Kysely, sql } from 'kysely';

/** What both databases answer for: a column that is not there fails. */
async function isThere(db: Kysely<unknown>): Promise<boolean> {
  try {
    await sql`select own_names from placements where 1 = 0`.execute(db);
    return true;
  } catch {
    // Whatever else is wrong, adding the column says so.
    return false;
  }
}

/** Whether an account's, or a package's, new domains get the names of one server. May be run again after it was cut off. */
export async function up(db: Kysely<unknown>): Promise<void> {
  if (await isThere(db)) return;
  await db.schema.alterTable('placements').addColumn('own_names', 'integer').execute();
}
