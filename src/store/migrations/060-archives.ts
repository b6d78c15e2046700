import type { Kysely } from 'kysely';

/** Archives of accounts that were taken off the masters, and restores under way. May be run again after it was cut off. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('archives')
    .ifNotExists()
    .addColumn('id', 'varchar(26)', (c) => c.primaryKey().notNull())
    .addColumn('operation_id', 'varchar(26)', (c) => c.notNull())
    .addColumn('leg_id', 'varchar(64)', (c) => c.notNull())
    .addColumn('account', 'varchar(64)', (c) => c.notNull())
    .addColumn('master', 'varchar(16)', (c) => c.notNull())
    .addColumn('of_active', 'integer', (c) => c.notNull())
    .addColumn('node', 'varchar(64)', (c) => c.notNull())
    .addColumn('state', 'varchar(16)', (c) => c.notNull())
    .addColumn('session', 'varchar(190)')
    .addColumn('attempt', 'integer', (c) => c.notNull())
    .addColumn('bytes', 'bigint')
    .addColumn('sha256', 'varchar(64)')
    .addColumn('file', 'varchar(190)')
    .addColumn('wanted', 'text')
    .addColumn('error', 'text')
    .addColumn('told', 'integer', (c) => c.notNull().defaultTo(0))
    .addColumn('on_master', 'integer', (c) => c.notNull().defaultTo(0))
    .addColumn('holder', 'varchar(64)')
    .addColumn('held_until', 'bigint')
    .addColumn('begun_at', 'bigint', (c) => c.notNull())
    .addColumn('verified_at', 'bigint')
    .addColumn('expires_at', 'bigint')
    .execute();
  await db.schema.createIndex('archives_leg').ifNotExists().on('archives').columns(['operation_id']).execute();
  await db.schema
    .createTable('restores')
    .ifNotExists()
    .addColumn('leg_id', 'varchar(64)', (c) => c.primaryKey().notNull())
    .addColumn('archive_id', 'varchar(26)', (c) => c.notNull())
    .addColumn('master', 'varchar(16)', (c) => c.notNull())
    .addColumn('state', 'varchar(16)', (c) => c.notNull())
    .addColumn('session', 'varchar(190)')
    .addColumn('attempt', 'integer', (c) => c.notNull())
    .addColumn('error', 'text')
    .addColumn('told', 'integer', (c) => c.notNull().defaultTo(0))
    .addColumn('holder', 'varchar(64)')
    .addColumn('held_until', 'bigint')
    .addColumn('begun_at', 'bigint', (c) => c.notNull())
    .execute();
}
