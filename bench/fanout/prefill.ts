/**
 * Fills a journal with finished operations: the rows that a run left behind, many times over under other ids. So every
 * column has what the product writes, whatever its tables look like.
 */
import { copyFileSync } from 'node:fs';
import { SqliteConnection } from '../../src/store/dialect-sqlite.ts';

/** Columns that hold an id, by table: copies get an id that is older than any new one and as long as before. */
const ids: Readonly<Record<string, readonly string[]>> = {
  operations: ['id'],
  legs: ['id', 'operation_id'],
  attempts: ['id', 'leg_id'],
};

/** As after verification and a day: nothing left to do, secrets gone. */
const settled: Readonly<Record<string, string>> = {
  idem_key: 'null',
  verify_at: 'null',
  verified_at: 'final_at',
  sealed: 'null',
  data_key: 'null',
};

async function rows<R>(db: SqliteConnection, sql: string): Promise<readonly R[]> {
  const query = {
    sql,
    parameters: [],
    query: { kind: 'RawNode' as const, sqlFragments: [sql], parameters: [] },
    queryId: { queryId: 'fill' },
  };
  return (await db.executeQuery<R>(query)).rows;
}

async function copySql(db: SqliteConnection, table: string): Promise<string> {
  const columns = (await rows<{ name: string }>(db, `pragma table_info(${table})`)).map((column) => column.name);
  const values = columns.map((column) => {
    if (ids[table]?.includes(column)) return `'00' || printf('%05d', copy.k) || substr(${column}, 8)`;
    return table === 'operations' ? (settled[column] ?? column) : column;
  });
  const names = columns.map((column) => `"${column}"`).join(', ');
  return `insert into ${table} (${names}) with recursive copy(k) as (select 1 union all select k + 1 from copy where k < COPIES)
    select ${values.join(', ')} from ${table}, copy where substr(${table}.id, 1, 2) <> '00'`;
}

async function count(db: SqliteConnection): Promise<number> {
  return (await rows<{ n: number }>(db, 'select count(*) as n from operations'))[0]?.n ?? 0;
}

/** What is committed may still lie in the WAL beside the file. */
async function foldWal(file: string): Promise<void> {
  const db = new SqliteConnection(file, 1000);
  await rows(db, 'pragma wal_checkpoint(truncate)');
  db.close();
}

/** Copies the journal of a finished run to `to` and grows it to about `total` operations. Returns how many it holds. */
export async function fillJournal(from: string, to: string, total: number): Promise<number> {
  await foldWal(from);
  copyFileSync(from, to);
  const db = new SqliteConnection(to, 1000);
  try {
    // Only while filling: the file is thrown away when this fails.
    db.exec('pragma synchronous = off');
    const copies = Math.max(0, Math.ceil(total / Math.max(1, await count(db))) - 1);
    if (copies > 0) {
      db.exec('begin');
      for (const table of Object.keys(ids)) db.exec((await copySql(db, table)).replace('COPIES', String(copies)));
      db.exec('commit');
    }
    await rows(db, 'pragma wal_checkpoint(truncate)');
    return await count(db);
  } finally {
    db.close();
  }
}
