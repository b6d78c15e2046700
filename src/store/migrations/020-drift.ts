import { type Kysely, sql } from 'kysely';

const ID = 'varchar(40)';
const NAME = 'varchar(190)';
// longtext: MariaDB's text ends at 64 kB, and SQLite takes any name that holds "text" for TEXT.
const TEXT = sql`longtext`;

/** Findings of drift in one table, the runs of the scan, and the accounts that are to be looked at soon. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await findings(db);
  await db.schema
    .createTable('drift_runs')
    .ifNotExists()
    .addColumn('id', ID, (c) => c.primaryKey().notNull())
    .addColumn('reason', ID, (c) => c.notNull())
    .addColumn('asked_by', NAME)
    .addColumn('state', ID, (c) => c.notNull())
    .addColumn('started_at', 'bigint', (c) => c.notNull())
    .addColumn('ended_at', 'bigint')
    .addColumn('cursor_at', NAME, (c) => c.notNull())
    .addColumn('accounts', 'bigint', (c) => c.notNull())
    .addColumn('looked_at', 'bigint', (c) => c.notNull())
    .addColumn('skipped', 'bigint', (c) => c.notNull())
    .addColumn('calls', 'bigint', (c) => c.notNull())
    .addColumn('found', 'bigint', (c) => c.notNull())
    .addColumn('sentence', TEXT, (c) => c.notNull())
    .execute();
  await db.schema
    .createTable('drift_due')
    .ifNotExists()
    .addColumn('account', NAME, (c) => c.primaryKey().notNull())
    .addColumn('due_at', 'bigint', (c) => c.notNull())
    .addColumn('why', NAME, (c) => c.notNull())
    .execute();
  await db.schema
    .createTable('leases')
    .ifNotExists()
    .addColumn('name', ID, (c) => c.primaryKey().notNull())
    .addColumn('owner', ID, (c) => c.notNull())
    .addColumn('generation', 'bigint', (c) => c.notNull())
    .addColumn('until_at', 'bigint', (c) => c.notNull())
    .execute();
}

async function findings(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('findings')
    .ifNotExists()
    .addColumn('id', ID, (c) => c.primaryKey().notNull())
    .addColumn('thing_key', NAME, (c) => c.notNull())
    .addColumn('kind', ID, (c) => c.notNull())
    .addColumn('account', NAME)
    .addColumn('thing', TEXT, (c) => c.notNull())
    .addColumn('master', ID, (c) => c.notNull())
    .addColumn('sentence', TEXT, (c) => c.notNull())
    .addColumn('sides', TEXT, (c) => c.notNull())
    .addColumn('state', ID, (c) => c.notNull())
    .addColumn('operation_id', ID)
    .addColumn('expects', ID)
    .addColumn('found_at', 'bigint', (c) => c.notNull())
    .addColumn('seen_at', 'bigint', (c) => c.notNull())
    .addColumn('resolved_at', 'bigint')
    .addColumn('repair_operation', ID)
    .addColumn('decided_by', NAME)
    .execute();
  const index = (name: string, columns: string[]) =>
    db.schema.createIndex(name).ifNotExists().on('findings').columns(columns).execute();
  await index('findings_open', ['resolved_at', 'kind']);
  await index('findings_account', ['account', 'state']);
  await index('findings_thing', ['thing_key', 'state']);
  // What an earlier version noted. Copied and taken away, so that a second run copies nothing twice.
  await sql`insert into findings (id, thing_key, kind, account, thing, master, sentence, sides, state, operation_id, found_at, seen_at, resolved_at)
    select id, id, 'operation', account, coalesce(operation_id, id), master, sentence, '[]',
      case when resolved_at is null then 'open' else 'gone' end, operation_id, found_at, found_at, resolved_at
    from drift where id not in (select id from findings)`.execute(db);
  await sql`delete from drift`.execute(db);
}
