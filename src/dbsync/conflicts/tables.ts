/** What must be known of a table before its rows can be told apart in two logs. */
import type { Server } from '../mariadb/connect.ts';
import { checksumOf, shapeOf, sqlName, tableName, valueFor } from '../repair/columns.ts';
import type { LoggedTable } from './events.ts';
import { type LoggedColumn, type NamedValue, namedValue, valuesOf } from './images.ts';

/** Columns, by place, of the key and of every other unique index. */
export interface ConflictTable {
  readonly database: string;
  readonly table: string;
  readonly columns: readonly LoggedColumn[];
  readonly key: readonly number[];
  readonly uniques: readonly (readonly number[])[];
}

/** A table whose rows cannot be told apart, and why. */
export interface Untold {
  readonly database: string;
  readonly table: string;
  readonly reason: string;
}

const untellable = new Set(['float', 'double', 'geometry', 'point', 'polygon', 'tinytext', 'text', 'blob', 'longtext']);

async function engineOf(server: Server, database: string, table: string): Promise<string> {
  const [row] = await server.rows(
    'SELECT engine AS e FROM information_schema.tables WHERE table_schema = ? AND table_name = ?',
    [database, table],
  );
  return row?.['e'] ?? '';
}

async function columnsOf(server: Server, database: string, table: string): Promise<readonly LoggedColumn[]> {
  const shape = await shapeOf(server, database, table);
  const rows = await server.rows(
    `SELECT column_name AS c, column_type LIKE '%unsigned%' AS u, COALESCE(character_octet_length, 0) AS m
      FROM information_schema.columns WHERE table_schema = ? AND table_name = ?`,
    [database, table],
  );
  const more = new Map(rows.map((row) => [row['c'], row]));
  return shape.columns.map((one) => {
    const row = more.get(one.name);
    return { ...one, unsigned: row?.['u'] === '1', most: Number(row?.['m'] ?? 0) };
  });
}

async function uniquesOf(server: Server, database: string, table: string): Promise<readonly (readonly string[])[]> {
  const rows = await server.rows(
    `SELECT index_name AS i, column_name AS c FROM information_schema.statistics
      WHERE table_schema = ? AND table_name = ? AND non_unique = 0 ORDER BY index_name, seq_in_index`,
    [database, table],
  );
  const found = new Map<string, string[]>();
  for (const row of rows) found.set(row['i'] ?? '', [...(found.get(row['i'] ?? '') ?? []), row['c'] ?? '']);
  return [...found.values()];
}

/** Of such an index the log's values do not tell what it takes for equal. */
async function hasCutIndex(server: Server, database: string, table: string): Promise<boolean> {
  const rows = await server.rows(
    `SELECT 1 FROM information_schema.statistics
      WHERE table_schema = ? AND table_name = ? AND non_unique = 0 AND sub_part IS NOT NULL LIMIT 1`,
    [database, table],
  );
  return rows.length > 0;
}

async function readTable(server: Server, database: string, table: string): Promise<ConflictTable | Untold> {
  const engine = await engineOf(server, database, table);
  if (engine !== 'InnoDB')
    return { database, table, reason: engine === '' ? 'one master has it no more' : `its engine is ${engine}` };
  const { key } = await shapeOf(server, database, table);
  const columns = await columnsOf(server, database, table);
  const place = (name: string): number => columns.findIndex((one) => one.name === name);
  if (key.length === 0) return { database, table, reason: 'it has no key, so its rows cannot be told apart' };
  if (key.some((name) => untellable.has(columns[place(name)]?.type ?? '')))
    return { database, table, reason: 'its key is of a type that cannot be compared' };
  if (await hasCutIndex(server, database, table))
    return { database, table, reason: 'it has a unique index over the beginning of a text' };
  const uniques = await uniquesOf(server, database, table);
  return {
    ...{ database, table, columns, key: key.map(place) },
    uniques: uniques.map((names) => names.map(place)).filter((places) => places.join() !== key.map(place).join()),
  };
}

/** Reads a table on both; it must be the same. */
export async function tableOfBoth(
  servers: readonly [Server, Server],
  database: string,
  table: string,
): Promise<ConflictTable | Untold> {
  const [a, b] = await Promise.all([readTable(servers[0], database, table), readTable(servers[1], database, table)]);
  if ('reason' in a) return a;
  if ('reason' in b) return b;
  return JSON.stringify(a) === JSON.stringify(b)
    ? a
    : { database, table, reason: 'its columns are not the same on both masters' };
}

/** Values of the places named, in an image. */
export function valuesAt(
  table: ConflictTable,
  logged: LoggedTable,
  image: Buffer,
  places: readonly number[],
): readonly (NamedValue | undefined)[] {
  const values = valuesOf(logged, image);
  return places.map((place) => {
    const value = values[place];
    return value === undefined
      ? undefined
      : namedValue(logged.types[place] ?? 0, logged.meta[place] ?? 0, value, table.columns[place]);
  });
}

/** Letters of a value that people read. */
const mostShown = 1000;

function shown(text: string): string {
  return text.length > mostShown ? `${text.slice(0, mostShown)}… (${text.length})` : text;
}

/** Every value by its column's name, for people: of a long one the beginning and its length. */
export function imageText(
  table: ConflictTable,
  logged: LoggedTable,
  image: Buffer,
): Readonly<Record<string, string | null>> {
  const all = valuesAt(table, logged, image, [...table.columns.keys()]);
  return Object.fromEntries(
    table.columns.map((one, at) => [one.name, all[at] === undefined ? null : shown(all[at].text)]),
  );
}

/** A key's value as it travels: digits as they are, text as its bytes. */
export function keyParts(table: ConflictTable, logged: LoggedTable, image: Buffer): readonly string[] {
  return valuesAt(table, logged, image, table.key).map((value, at) => {
    const column = table.columns[table.key[at] ?? 0];
    if (value?.bytes === undefined) return value?.text ?? '';
    const most = column?.type === 'binary' ? column.most : 0;
    return value.bytes.toString('hex').padEnd(most * 2, '0');
  });
}

/** A number for one row, as the servers compute it; equal rows give equal numbers. NULL where there is none. */
export function sumQuery(
  table: ConflictTable,
  key: readonly string[],
): { readonly sql: string; readonly values: readonly string[] } {
  const { database, table: name, columns } = table;
  const where = keyWhere(table, key);
  const sum = checksumOf({ database, table: name, key: [], columns });
  return { sql: `SELECT ${sum} AS s FROM ${tableName(database, name)} WHERE ${where.sql}`, values: where.values };
}

const digits = /^-?\d+(\.\d+)?$/;

/** `a = ? AND b = ?` for one key. Sessions that use it have UTC as their time zone. */
export function keyWhere(
  table: ConflictTable,
  key: readonly string[],
): { readonly sql: string; readonly values: readonly string[] } {
  const values: string[] = [];
  const parts = table.key.map((place, at) => {
    const column = table.columns[place];
    const value = key[at] ?? '';
    const isBytes = column?.most !== 0 && !['enum', 'set'].includes(column?.type ?? '');
    if (!isBytes && digits.test(value)) return `${sqlName(column?.name ?? '')} = ${value}`;
    values.push(value);
    return `${sqlName(column?.name ?? '')} = ${isBytes ? valueFor(column) : '?'}`;
  });
  return { sql: parts.join(' AND '), values };
}
