/**
 * Rows of one table on PostgreSQL: told apart, summed up and read exactly. Tandem is a superuser in customers' databases,
 * so nothing of a customer's may run here: no cast (casts can be functions of theirs) but the types' own output (format,
 * and a whole row as text) and input, and that never of a domain (its check can be theirs, too).
 */
import type { Row } from '../model.ts';
import type { Column, TableShape } from '../repair/columns.ts';
import type { Chunk, Key, RowSource } from '../repair/row-source.ts';
import { type PgServer, type Session, sqlName } from './connect.ts';
import { noViews } from './own-sql.ts';

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
export async function relationName(session: Session, table: string): Promise<string> {
  const [row] = await session.rows(
    "SELECT n.nspname AS s, c.relname AS t FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname || '.' || c.relname = $1 AND c.relkind = 'r'",
    [table],
  );
  return row === undefined ? sqlName(table) : sqlName(row['s'] ?? '', row['t'] ?? '');
}

/** What a type is below its domains, if its operators are the server's own. */
const baseOf = `WITH RECURSIVE up AS (SELECT t.oid, t.typtype, t.typbasetype, t.typnamespace FROM pg_type t WHERE t.oid = a.atttypid
    UNION ALL SELECT t.oid, t.typtype, t.typbasetype, t.typnamespace FROM up JOIN pg_type t ON t.oid = up.typbasetype)
  SELECT format_type(oid, -1) FROM up WHERE typtype = 'e' OR (typtype <> 'd' AND typnamespace = 'pg_catalog'::regnamespace)`;

/** Columns in the order of their names, since a column may have come later on one master; and the key. */
export async function pgShape(session: Session, database: string, table: string): Promise<TableShape> {
  const name = await relationName(session, table);
  const columns = await session.rows(
    `SELECT a.attname AS c, format_type(a.atttypid, a.atttypmod) AS t, (a.attgenerated <> '')::text AS g, (NOT a.attnotnull)::text AS n,
      (${baseOf}) AS b FROM pg_attribute a WHERE a.attrelid = $1::regclass AND a.attnum > 0 AND NOT a.attisdropped ORDER BY 1`,
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
        ...(row['b'] == null ? {} : { base: row['b'] }),
      }),
    ),
  };
}

function baseTypeOf(shape: TableShape, name: string): string | undefined {
  return shape.columns.find((one) => one.name === name)?.base;
}

/** A column of the key as it is compared: by the server's own operators, else as text. */
function compared(shape: TableShape, name: string): string {
  return baseTypeOf(shape, name) === undefined ? `format('%s', ${sqlName(name)}) COLLATE "C"` : sqlName(name);
}

/** A value to compare it with. */
function given(shape: TableShape, name: string, place: number): string {
  return `$${place}::${baseTypeOf(shape, name) ?? 'text'}`;
}

function list(names: readonly string[]): string {
  return names.map((one) => sqlName(one)).join(', ');
}

function sorted(shape: TableShape): string {
  return shape.key.map((name) => compared(shape, name)).join(', ');
}

function whereOf(shape: TableShape, chunk: Chunk): { readonly sql: string; readonly values: readonly string[] } {
  const values: string[] = [];
  const place = (key: Key): string =>
    shape.key.map((name, at) => given(shape, name, values.push(key[at] ?? ''))).join(', ');
  const parts = [
    ...(chunk.after === undefined ? [] : [`(${sorted(shape)}) > (${place(chunk.after)})`]),
    ...(chunk.upTo === undefined ? [] : [`(${sorted(shape)}) <= (${place(chunk.upTo)})`]),
  ];
  return { sql: parts.length === 0 ? '' : `WHERE ${parts.join(' AND ')}`, values };
}

/** One number for a row. */
function checksum(shape: TableShape): string {
  const stored = shape.columns.filter((one) => !one.generated).map((one) => one.name);
  return stored.length === 0 ? '0' : `hashtextextended(ROW(${list(stored)})::text, 0::bigint)`;
}

function keyText(names: readonly string[]): string {
  return names.map((one, at) => `format('%s', ${sqlName(one)}) AS k${at}`).join(', ');
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
    `SELECT COUNT(*)::text AS n, COALESCE(SUM(${checksum(shape)}::numeric), 0)::text AS s FROM ONLY ${await relationName(session, shape.table)} ${where.sql}`,
    where.values,
  );
  return { rows: Number(row?.['n']), sum: `${row?.['n']} ${row?.['s']}` };
}

function valueText(name: string): string {
  return `CASE WHEN num_nulls(${sqlName(name)}) = 0 THEN format('%s', ${sqlName(name)}) END AS ${sqlName(name)}`;
}

/** Rows by their keys (JSON), every value as the server's own exact text; locked until the transaction ends. */
export async function pgRows(
  session: Session,
  shape: TableShape,
  keys: readonly Key[],
): Promise<ReadonlyMap<string, Row>> {
  await session.rows(noViews);
  const values: string[] = [];
  const where = keys.map((key) => {
    const parts = shape.key.map(
      (name, at) => `${compared(shape, name)} = ${given(shape, name, values.push(key[at] ?? ''))}`,
    );
    return `(${parts.join(' AND ')})`;
  });
  const rows = await session.rows(
    `SELECT ${keyText(shape.key)}, ${shape.columns.map(({ name }) => valueText(name)).join(', ')}
      FROM ONLY ${await relationName(session, shape.table)} WHERE ${where.join(' OR ')} FOR UPDATE`,
    values,
  );
  // What is written next may run a customer's check, which may read a view.
  await session.rows('RESET restrict_nonsystem_relation_kind');
  return new Map(rows.map((row) => [JSON.stringify(keyOf(shape, row)), row]));
}

/** Reads tables of customers by their names, and nothing that takes a table's place meanwhile. */
async function reading<T>(server: PgServer, database: string, work: (session: Session) => Promise<T>): Promise<T> {
  return await server.in(database, async (session) => {
    await session.rows(noViews);
    return await work(session);
  });
}

/** The rows of a server for comparing. */
export function pgRowSource(server: PgServer): RowSource {
  return {
    side: server.side,
    tables: (database) => server.in(database, tablesIn),
    shape: (database, table) => server.in(database, (session) => pgShape(session, database, table)),
    boundary: (shape, after, size) =>
      reading(server, shape.database, async (session) => {
        const where = whereOf(shape, { after, upTo: undefined });
        const [row] = await session.rows(
          `SELECT ${keyText(shape.key)} FROM ONLY ${await relationName(session, shape.table)} ${where.sql} ORDER BY ${sorted(shape)} LIMIT 1 OFFSET ${size - 1}`,
          where.values,
        );
        return row === undefined ? undefined : keyOf(shape, row);
      }),
    sum: (shape, chunk) => reading(server, shape.database, (session) => pgSum(session, shape, chunk)),
    rowSums: (shape, chunk) =>
      reading(server, shape.database, async (session) => {
        const where = whereOf(shape, chunk);
        const rows = await session.rows(
          `SELECT ${keyText(shape.key)}, (${checksum(shape)})::text AS tandem_sum FROM ONLY ${await relationName(session, shape.table)} ${where.sql}`,
          where.values,
        );
        return new Map(rows.map((row) => [JSON.stringify(keyOf(shape, row)), row['tandem_sum'] ?? '']));
      }),
    keyFromText: (text) => JSON.parse(text) as string[],
  };
}
