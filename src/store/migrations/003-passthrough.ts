import type { Kysely } from 'kysely';

/** What the passthrough remembers: how long a token's caller is kept waiting, and which zone a client was shown. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('token_waits')
    .ifNotExists()
    .addColumn('token_id', 'varchar(26)', (c) => c.primaryKey().notNull())
    .addColumn('wait_ms', 'integer', (c) => c.notNull())
    .execute();
  await db.schema
    .createTable('zone_views')
    .ifNotExists()
    .addColumn('id', 'varchar(26)', (c) => c.primaryKey().notNull())
    .addColumn('owner', 'varchar(64)', (c) => c.notNull())
    .addColumn('zone', 'varchar(255)', (c) => c.notNull())
    .addColumn('serial', 'varchar(16)', (c) => c.notNull())
    .addColumn('at', 'bigint', (c) => c.notNull())
    .addColumn('data', 'text', (c) => c.notNull())
    .execute();
  await db.schema.createIndex('zone_views_owner').ifNotExists().on('zone_views').columns(['owner', 'zone']).execute();
}
