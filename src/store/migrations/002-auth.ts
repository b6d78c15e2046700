import type { Kysely } from 'kysely';
import type { AuthTables } from '../auth-tables.ts';

/** People, tokens, sessions, throttles and the audit trail. May be run again after it was cut off half way. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await people(db);
  await tokens(db);
  await sessions(db);
  await throttles(db);
  await audit(db);
}

async function people(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('people')
    .ifNotExists()
    .addColumn('name', 'varchar(64)', (c) => c.primaryKey().notNull())
    .addColumn('role', 'varchar(16)', (c) => c.notNull())
    .addColumn('password', 'varchar(255)', (c) => c.notNull())
    .addColumn('created_at', 'bigint', (c) => c.notNull())
    .execute();
}

async function tokens(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('tokens')
    .ifNotExists()
    .addColumn('id', 'varchar(26)', (c) => c.primaryKey().notNull())
    .addColumn('label', 'varchar(64)', (c) => c.notNull())
    .addColumn('owner', 'varchar(64)', (c) => c.notNull())
    .addColumn('scope', 'varchar(16)', (c) => c.notNull())
    .addColumn('hash', 'varchar(64)', (c) => c.notNull().unique())
    .addColumn('acl', 'text', (c) => c.notNull())
    .addColumn('addresses', 'text', (c) => c.notNull())
    .addColumn('created_at', 'bigint', (c) => c.notNull())
    .addColumn('expires_at', 'bigint')
    .addColumn('last_used_at', 'bigint')
    .addColumn('revoked_at', 'bigint')
    .execute();
}

async function sessions(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('sessions')
    .ifNotExists()
    .addColumn('id', 'varchar(64)', (c) => c.primaryKey().notNull())
    .addColumn('data', 'text', (c) => c.notNull())
    .addColumn('expires_at', 'bigint', (c) => c.notNull())
    .execute();
  await db.schema.createIndex('sessions_expiry').ifNotExists().on('sessions').column('expires_at').execute();
}

async function throttles(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('throttles')
    .ifNotExists()
    .addColumn('bucket', 'varchar(160)', (c) => c.primaryKey().notNull())
    .addColumn('failures', 'integer', (c) => c.notNull())
    .addColumn('blocked_until', 'bigint', (c) => c.notNull())
    .addColumn('last_at', 'bigint', (c) => c.notNull())
    .execute();
}

async function audit(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('audit')
    .ifNotExists()
    .addColumn('seq', 'bigint', (c) => c.primaryKey().notNull())
    .addColumn('at', 'bigint', (c) => c.notNull())
    .addColumn('actor', 'varchar(80)', (c) => c.notNull())
    .addColumn('kind', 'varchar(16)', (c) => c.notNull())
    .addColumn('address', 'varchar(64)', (c) => c.notNull())
    .addColumn('event', 'varchar(64)', (c) => c.notNull())
    .addColumn('subject', 'varchar(255)', (c) => c.notNull())
    .addColumn('detail', 'text', (c) => c.notNull())
    .addColumn('previous', 'varchar(64)', (c) => c.notNull())
    .addColumn('hash', 'varchar(64)', (c) => c.notNull())
    .execute();
  await db.schema
    .createTable('audit_head')
    .ifNotExists()
    .addColumn('id', 'integer', (c) => c.primaryKey().notNull())
    .addColumn('seq', 'bigint', (c) => c.notNull())
    .addColumn('hash', 'varchar(64)', (c) => c.notNull())
    .execute();
  // Cast: a migration's db knows no tables; this row goes into the one made just above.
  const known = db as Kysely<AuthTables>;
  const head = await known.selectFrom('audit_head').select('id').executeTakeFirst();
  if (head === undefined) await known.insertInto('audit_head').values({ id: 1, seq: 0, hash: '' }).execute();
}
