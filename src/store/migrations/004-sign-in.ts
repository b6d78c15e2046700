import type { Kysely } from 'kysely';

/** The second factor, what a person has besides a password, and whose sessions there are. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await details(db);
  await secondFactor(db);
  await sessions(db);
}

async function details(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('person_details')
    .ifNotExists()
    .addColumn('name', 'varchar(64)', (c) => c.primaryKey().notNull())
    .addColumn('reseller', 'varchar(64)', (c) => c.notNull())
    .addColumn('email', 'varchar(254)', (c) => c.notNull())
    .addColumn('suspended_at', 'bigint')
    .execute();
  await db.schema
    .createTable('password_links')
    .ifNotExists()
    .addColumn('hash', 'varchar(64)', (c) => c.primaryKey().notNull())
    .addColumn('person', 'varchar(64)', (c) => c.notNull())
    .addColumn('expires_at', 'bigint', (c) => c.notNull())
    .execute();
}

async function secondFactor(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('second_factors')
    .ifNotExists()
    .addColumn('person', 'varchar(64)', (c) => c.primaryKey().notNull())
    .addColumn('data_key', 'varchar(255)', (c) => c.notNull())
    .addColumn('secret', 'varchar(255)', (c) => c.notNull())
    .addColumn('created_at', 'bigint', (c) => c.notNull())
    .addColumn('confirmed_at', 'bigint')
    .addColumn('last_step', 'bigint', (c) => c.notNull())
    .execute();
  await db.schema
    .createTable('recovery_codes')
    .ifNotExists()
    .addColumn('hash', 'varchar(64)', (c) => c.primaryKey().notNull())
    .addColumn('person', 'varchar(64)', (c) => c.notNull())
    .execute();
  await db.schema.createIndex('recovery_codes_person').ifNotExists().on('recovery_codes').column('person').execute();
}

async function sessions(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('session_people')
    .ifNotExists()
    .addColumn('session_id', 'varchar(64)', (c) => c.primaryKey().notNull())
    .addColumn('person', 'varchar(64)', (c) => c.notNull())
    .addColumn('door', 'varchar(16)', (c) => c.notNull())
    .addColumn('address', 'varchar(64)', (c) => c.notNull())
    .addColumn('agent', 'varchar(200)', (c) => c.notNull())
    .addColumn('created_at', 'bigint', (c) => c.notNull())
    .execute();
  await db.schema.createIndex('session_people_person').ifNotExists().on('session_people').column('person').execute();
}
