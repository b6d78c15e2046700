import type { Kysely } from 'kysely';

/** What staff write down: notes on accounts, saved zones, maintenance, and how a reseller's portal looks. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await notes(db);
  await db.schema
    .createTable('maintenance')
    .ifNotExists()
    .addColumn('id', 'varchar(26)', (c) => c.primaryKey().notNull())
    .addColumn('master', 'varchar(16)', (c) => c.notNull())
    .addColumn('begins_at', 'bigint', (c) => c.notNull())
    .addColumn('ends_at', 'bigint', (c) => c.notNull())
    .addColumn('reason', 'varchar(255)', (c) => c.notNull())
    .addColumn('author', 'varchar(64)', (c) => c.notNull())
    .execute();
  await db.schema
    .createTable('brands')
    .ifNotExists()
    .addColumn('reseller', 'varchar(64)', (c) => c.primaryKey().notNull())
    .addColumn('title', 'varchar(64)', (c) => c.notNull())
    .addColumn('light', 'varchar(7)', (c) => c.notNull())
    .addColumn('dark', 'varchar(7)', (c) => c.notNull())
    .addColumn('logo', 'text', (c) => c.notNull())
    .execute();
}

async function notes(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('account_notes')
    .ifNotExists()
    .addColumn('id', 'varchar(26)', (c) => c.primaryKey().notNull())
    .addColumn('account', 'varchar(64)', (c) => c.notNull())
    .addColumn('author', 'varchar(64)', (c) => c.notNull())
    .addColumn('at', 'bigint', (c) => c.notNull())
    .addColumn('text', 'text', (c) => c.notNull())
    .execute();
  await db.schema.createIndex('account_notes_account').ifNotExists().on('account_notes').column('account').execute();
  await db.schema
    .createTable('zone_saves')
    .ifNotExists()
    .addColumn('id', 'varchar(26)', (c) => c.primaryKey().notNull())
    .addColumn('zone', 'varchar(255)', (c) => c.notNull())
    .addColumn('author', 'varchar(64)', (c) => c.notNull())
    .addColumn('at', 'bigint', (c) => c.notNull())
    .addColumn('records', 'text', (c) => c.notNull())
    .execute();
  await db.schema.createIndex('zone_saves_zone').ifNotExists().on('zone_saves').column('zone').execute();
}
