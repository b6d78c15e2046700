import type { Kysely } from 'kysely';

/** Whom customers let work on their accounts, and the one-time links that lead into the self-service. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('collaborators')
    .ifNotExists()
    .addColumn('id', 'varchar(26)', (c) => c.primaryKey().notNull())
    .addColumn('account', 'varchar(64)', (c) => c.notNull())
    .addColumn('email', 'varchar(190)', (c) => c.notNull())
    .addColumn('role', 'varchar(16)', (c) => c.notNull())
    .addColumn('password', 'varchar(255)', (c) => c.notNull())
    .addColumn('invited_by', 'varchar(64)', (c) => c.notNull())
    .addColumn('created_at', 'bigint', (c) => c.notNull())
    .execute();
  await db.schema.createIndex('collaborators_account').ifNotExists().on('collaborators').column('account').execute();
  await db.schema.createIndex('collaborators_email').ifNotExists().on('collaborators').column('email').execute();
  await db.schema
    .createTable('customer_links')
    .ifNotExists()
    .addColumn('hash', 'varchar(64)', (c) => c.primaryKey().notNull())
    .addColumn('data', 'text', (c) => c.notNull())
    .addColumn('expires_at', 'bigint', (c) => c.notNull())
    .execute();
}
