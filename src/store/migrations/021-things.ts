import type { Kysely } from 'kysely';

const NAME = 'varchar(190)';

/** What is in the accounts, as the last comparison read it: for the search, and for nothing that decides. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('things')
    .ifNotExists()
    .addColumn('account', NAME, (c) => c.notNull())
    .addColumn('kind', 'varchar(40)', (c) => c.notNull())
    .addColumn('name', 'varchar(400)', (c) => c.notNull())
    .addPrimaryKeyConstraint('things_key', ['account', 'kind', 'name'])
    .execute();
}
