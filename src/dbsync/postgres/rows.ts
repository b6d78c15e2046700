/** Rows of one table on PostgreSQL: told apart, summed up, read and written exactly. */

import type { Row } from '../model.ts';
import type { Column, TableShape } from '../repair/columns.ts';
import type { Chunk, Key, RowSource } from '../repair/row-source.ts';
import { type PgServer, type Session, sqlName } from './connect.ts';

/** A table's name as one text; the schema belongs to it. */
export function tableText(schema: string, table: string): string {
  return `${schema}.${table}`;
}

const tables = `SELECT n.nspname AS s, c.relname AS t FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
  WHERE c.relkind = 'r' AND c.relpersistence = 'p' AND n.nspname !~ '^pg_' AND n.nspname NOT IN ('information_schema', 'tandemsync')
  AND NOT EXISTS (SELECT 1 FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e') ORDER BY 1, 2`;

/** Tables whose rows are carried or could be. */
export async function tablesIn(session: Session): Promise<readonly string[]> {
  return (await session.rows(tables)).map((row) => tableText(row['s'] ?? '', row['t'] ?? ''));
}

/** SQL name of a table; a schema with a dot in its name is told by the server. */
async function relation(session: Session, table: string): Promise<string> {
  const [row] = await session.rows(
    "SELECT n.nspname AS s, c.relname AS t FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname || '.' || c.relname = $1 AND c.relkind = 'r'",
    [table],
  );
  return row === undefined ? sqlName(table) : sqlName(row['s'] ?? '', row['t'] ?? '');
}

/** Columns in the order of their names, since a column may have come later on one master; and the key. */
export async function pgShape(session: Session, database: string, table: string): Promise<TableShape> {
  const name = await relation(session, table);
  const columns = await session.rows(
    `SELECT a.attname AS c, format_type(a.atttypid, a.atttypmod) AS t, (a.attgenerated <> '')::text AS g, (NOT a.attnotnull)::text AS n
      FROM pg_attribute a WHERE a.attrelid = $1::regclass AND a.attnum > 0 AND NOT a.attisdropped ORDER BY 1`,
    [name],
  );
  const key = await session.rows(
    `SELECT a.attname AS c FROM pg_index i, unnest(i.indkey::int2[]) WITH ORDINALITY AS k(num, n) JOIN pg_attribute a ON a.attnum = k.num
      WHERE i.indrelid = $1::regclass AND a.attrelid = i.indrelid AND i.indisprimary ORDER BY k.n`,
    [name],
  );
  return {
    ...{ database, table },
    key: key.map((row) => row['c'] ?? ''),
    columns: columns.map(
      (row): Column => ({
        ...{ name: row['c'] ?? '', type: row['t'] ?? '', charset: null, collation: null },
        ...{ generated: row['g'] === 'true', nullable: row['n'] === 'true' },
      }),
    ),
  };
}

function typeOf(shape: TableShape, name: string): string {
  return shape.columns.find((one) => one.name === name)?.type ?? 'text';
}

function list(names: readonly string[]): string {
  return names.map((one) => sqlName(one)).join(', ');
}

function whereOf(shape: TableShape, chunk: Chunk): { readonly sql: string; readonly values: readonly string[] } {
  const values: string[] = [];
  const place = (key: Key): string =>
    shape.key.map((name, at) => `$${values.push(key[at] ?? '')}::text::${typeOf(shape, name)}`).join(', ');
  const parts = [
    ...(chunk.after === undefined ? [] : [`(${list(shape.key)}) > (${place(chunk.after)})`]),
    ...(chunk.upTo === undefined ? [] : [`(${list(shape.key)}) <= (${place(chunk.upTo)})`]),
  ];
  return { sql: parts.length === 0 ? '' : `WHERE ${parts.join(' AND ')}`, values };
}

/** One number for a row. */
function checksum(shape: TableShape): string {
  const stored = shape.columns.filter((one) => !one.generated).map((one) => one.name);
  return stored.length === 0 ? '0' : `hashtextextended(ROW(${list(stored)})::text, 0)`;
}

function keyText(names: readonly string[]): string {
  return names.map((one, at) => `${sqlName(one)}::text AS k${at}`).join(', ');
}

function keyOf(shape: TableShape, row: Row): Key {
  return shape.key.map((_, at) => row[`k${at}`] ?? '');
}

/** Number of rows and their sum, over a chunk or a whole table. */
export async function pgSum(
  session: Session,
  shape: TableShape,
  chunk: Chunk,
): Promise<{ readonly rows: number; readonly sum: string }> {
  const where = whereOf(shape, chunk);
  const [row] = await session.rows(
    `SELECT COUNT(*)::text AS n, COALESCE(SUM(${checksum(shape)}::numeric), 0)::text AS s FROM ${await relation(session, shape.table)} ${where.sql}`,
    where.values,
  );
  return { rows: Number(row?.['n']), sum: `${row?.['n']} ${row?.['s']}` };
}

/** Rows by their keys, every value as the server's own exact text. */
export async function pgRows(
  session: Session,
  shape: TableShape,
  keys: readonly Key[],
  lock: string,
): Promise<ReadonlyMap<string, Row>> {
  const values: string[] = [];
  const where = keys.map(
    (key) =>
      `(${shape.key.map((name, at) => `${sqlName(name)} = $${values.push(key[at] ?? '')}::text::${typeOf(shape, name)}`).join(' AND ')})`,
  );
  const rows = await session.rows(
    `SELECT ${keyText(shape.key)}, ${shape.columns.map((one) => `${sqlName(one.name)}::text AS ${sqlName(one.name)}`).join(', ')}
      FROM ${await relation(session, shape.table)} WHERE ${where.join(' OR ')} ${lock}`,
    values,
  );
  return new Map(rows.map((row) => [JSON.stringify(keyOf(shape, row)), row]));
}

/** Makes rows what is given, and takes away those whose keys are given. */
export async function pgWrite(
  session: Session,
  shape: TableShape,
  rows: readonly Row[],
  surplus: readonly Key[],
): Promise<void> {
  const table = await relation(session, shape.table);
  const stored = shape.columns.filter((one) => !one.generated);
  const others = stored.filter((one) => !shape.key.includes(one.name));
  const update =
    others.length === 0
      ? 'NOTHING'
      : `UPDATE SET ${others.map((one) => `${sqlName(one.name)} = excluded.${sqlName(one.name)}`).join(', ')}`;
  for (const row of rows)
    await session.rows(
      `INSERT INTO ${table} (${list(stored.map((one) => one.name))}) OVERRIDING SYSTEM VALUE
        VALUES (${stored.map((one, at) => `$${at + 1}::text::${one.type}`).join(', ')}) ON CONFLICT (${list(shape.key)}) DO ${update}`,
      stored.map((one) => row[one.name] ?? null),
    );
  for (const key of surplus)
    await session.rows(
      `DELETE FROM ${table} WHERE ${shape.key.map((name, at) => `${sqlName(name)} = $${at + 1}::text::${typeOf(shape, name)}`).join(' AND ')}`,
      key,
    );
}

/** The rows of a server for comparing. */
export function pgRowSource(server: PgServer): RowSource {
  return {
    side: server.side,
    tables: (database) => server.in(database, tablesIn),
    shape: (database, table) => server.in(database, (session) => pgShape(session, database, table)),
    boundary: (shape, after, size) =>
      server.in(shape.database, async (session) => {
        const where = whereOf(shape, { after, upTo: undefined });
        const [row] = await session.rows(
          `SELECT ${keyText(shape.key)} FROM ${await relation(session, shape.table)} ${where.sql} ORDER BY ${list(shape.key)} LIMIT 1 OFFSET ${size - 1}`,
          where.values,
        );
        return row === undefined ? undefined : keyOf(shape, row);
      }),
    sum: (shape, chunk) => server.in(shape.database, (session) => pgSum(session, shape, chunk)),
    rowSums: (shape, chunk) =>
      server.in(shape.database, async (session) => {
        const where = whereOf(shape, chunk);
        const rows = await session.rows(
          `SELECT ${keyText(shape.key)}, (${checksum(shape)})::text AS tandem_sum FROM ${await relation(session, shape.table)} ${where.sql}`,
          where.values,
        );
        return new Map(rows.map((row) => [JSON.stringify(keyOf(shape, row)), row['tandem_sum'] ?? '']));
      }),
    keyFromText: (text) => JSON.parse(text) as string[],
  };
}
