import { type Kysely, SqliteAdapter, sql } from 'kysely';

/**
 * Fewer pages for each change. The rows that give order are stored by leg, which is how they are written and deleted;
 * on SQLite, where a table is else stored by a hidden number and has its key in a second tree, they are the key's own
 * tree. The index of callers' keys holds there only requests that came with one, and that of equal requests gives
 * the newest first.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  // The one place where it matters which database this is: neither knows the other's way of saying it.
  if (db.getExecutor().adapter instanceof SqliteAdapter) await sqlite(db);
  else await mariadb(db);
}

async function sqlite(db: Kysely<unknown>): Promise<void> {
  const run = (text: string) => sql.raw(text).execute(db);
  await run(`create table lean_leg_keys (
    leg_id varchar(40) not null, name varchar(190) not null, master varchar(40) not null, exclusive bigint not null,
    wide bigint not null, seq bigint not null, primary key (leg_id, name)) without rowid`);
  await run('insert into lean_leg_keys select leg_id, name, master, exclusive, wide, seq from leg_keys');
  await run('drop table leg_keys');
  await run('alter table lean_leg_keys rename to leg_keys');
  await run('create index leg_keys_order on leg_keys (name, exclusive, seq, master, wide)');
  await run(`create table lean_keys (
    name varchar(190) not null primary key, seq bigint not null, applied_seq bigint not null) without rowid`);
  await run('insert into lean_keys select name, seq, applied_seq from keys');
  await run('drop table keys');
  await run('alter table lean_keys rename to keys');
  await run('drop index operations_idem');
  await run('create unique index operations_idem on operations (idem_scope, idem_key) where idem_key is not null');
  await run('drop index operations_same');
  await run('create index operations_same on operations (idem_scope, fingerprint, id)');
}

/** One statement, which MariaDB does whole or not at all; made again it changes nothing. */
async function mariadb(db: Kysely<unknown>): Promise<void> {
  await sql`alter table leg_keys drop primary key, add primary key (leg_id, name), drop index if exists leg_keys_leg`.execute(
    db,
  );
}
