/** Rows of one table on MariaDB, for comparing. Keys travel as hexadecimal bytes. */
import type { Clock } from '../../clock.ts';
import type { Row } from '../model.ts';
import { caughtUp } from '../repair/caught-up.ts';
import type { CheckDeps } from '../repair/check.ts';
import { bytesOf, checksumOf, shapeOf, sqlName, type TableShape, tableName, valueFor } from '../repair/columns.ts';
import type { Chunk, Key, RowSource } from '../repair/row-source.ts';
import { tablesOf } from './compare.ts';
import type { Server } from './connect.ts';

function keyList(shape: TableShape): string {
  return shape.key.map((one) => sqlName(one)).join(', ');
}

function columnsOf(shape: TableShape, names: readonly string[]) {
  return shape.columns.filter((one) => names.includes(one.name));
}

/** `(a, b) > (x, y)` in the form that uses the index. */
function beyond(
  shape: TableShape,
  key: Key,
  sign: '>' | '<=',
): { readonly sql: string; readonly values: readonly string[] } {
  const strict = sign === '>' ? '>' : '<';
  const value = (name: string): string => valueFor(shape.columns.find((one) => one.name === name));
  const parts = shape.key.map((name, at) => {
    const equal = shape.key.slice(0, at).map((one) => `${sqlName(one)} = ${value(one)}`);
    const last = at === shape.key.length - 1 && sign === '<=' ? '<=' : strict;
    return { sql: [...equal, `${sqlName(name)} ${last} ${value(name)}`].join(' AND '), values: key.slice(0, at + 1) };
  });
  return { sql: `(${parts.map((one) => `(${one.sql})`).join(' OR ')})`, values: parts.flatMap((one) => one.values) };
}

function whereOf(shape: TableShape, chunk: Chunk): { readonly sql: string; readonly values: readonly string[] } {
  const parts = [
    ...(chunk.after === undefined ? [] : [beyond(shape, chunk.after, '>')]),
    ...(chunk.upTo === undefined ? [] : [beyond(shape, chunk.upTo, '<=')]),
  ];
  const sql = parts.length === 0 ? '' : `WHERE ${parts.map((one) => one.sql).join(' AND ')}`;
  return { sql, values: parts.flatMap((one) => one.values) };
}

function keyOf(shape: TableShape, row: Row): Key {
  return shape.key.map((name) => row[name] ?? '');
}

/** The last key of the next chunk; undefined: the rest fits into one. */
async function boundary(
  server: Server,
  shape: TableShape,
  after: Key | undefined,
  size: number,
): Promise<Key | undefined> {
  const where = whereOf(shape, { after, upTo: undefined });
  const keys = columnsOf(shape, shape.key).map(bytesOf).join(', ');
  const [row] = await server.rows(
    `SELECT ${keys} FROM ${tableName(shape.database, shape.table)} ${where.sql} ORDER BY ${keyList(shape)} LIMIT 1 OFFSET ${size - 1}`,
    where.values,
  );
  return row === undefined ? undefined : keyOf(shape, row);
}

async function sumOf(
  server: Server,
  shape: TableShape,
  chunk: Chunk,
): Promise<{ readonly rows: number; readonly sum: string }> {
  const where = whereOf(shape, chunk);
  const [row] = await server.rows(
    `SELECT COUNT(*) AS n, COALESCE(SUM(${checksumOf(shape)}), 0) AS s
      FROM ${tableName(shape.database, shape.table)} ${where.sql}`,
    where.values,
  );
  return { rows: Number(row?.['n']), sum: `${row?.['n']} ${row?.['s']}` };
}

async function rowSums(server: Server, shape: TableShape, chunk: Chunk): Promise<ReadonlyMap<string, string>> {
  const where = whereOf(shape, chunk);
  const keys = columnsOf(shape, shape.key).map(bytesOf).join(', ');
  const rows = await server.rows(
    `SELECT ${keys}, ${checksumOf(shape)} AS tandem_sum FROM ${tableName(shape.database, shape.table)} ${where.sql}`,
    where.values,
  );
  return new Map(rows.map((row) => [keyOf(shape, row).join(','), row['tandem_sum'] ?? '']));
}

/** The rows of a server for comparing. */
export function rowSource(server: Server): RowSource {
  return {
    side: server.side,
    tables: (database) => tablesOf(server, database),
    shape: (database, table) => shapeOf(server, database, table),
    boundary: (shape, after, size) => boundary(server, shape, after, size),
    sum: (shape, chunk) => sumOf(server, shape, chunk),
    rowSums: (shape, chunk) => rowSums(server, shape, chunk),
    keyFromText: (text) => text.split(','),
  };
}

/** What comparing the two servers takes. */
export function checkDepsOf(
  servers: readonly [Server, Server],
  options: { readonly clock: Clock; readonly share: number; readonly tell: (line: string) => void },
): CheckDeps {
  const [a, b] = servers;
  return { ...options, sources: [rowSource(a), rowSource(b)], caughtUp: () => caughtUp(servers) };
}
