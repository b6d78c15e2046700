import type { Kysely } from 'kysely';

/** Passkeys of staff: what a person's device or key signs with at the second step of a sign-in. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('passkeys')
    .ifNotExists()
    // SHA-256 of the credential's id, hex: ids are up to 1023 bytes long.
    .addColumn('id', 'varchar(64)', (c) => c.primaryKey().notNull())
    .addColumn('person', 'varchar(64)', (c) => c.notNull())
    .addColumn('label', 'varchar(64)', (c) => c.notNull())
    .addColumn('credential', 'text', (c) => c.notNull())
    .addColumn('public_key', 'text', (c) => c.notNull())
    .addColumn('counter', 'bigint', (c) => c.notNull())
    .addColumn('transports', 'varchar(255)', (c) => c.notNull())
    .addColumn('created_at', 'bigint', (c) => c.notNull())
    .addColumn('last_used_at', 'bigint')
    .execute();
  await db.schema.createIndex('passkeys_person').ifNotExists().on('passkeys').column('person').execute();
}
