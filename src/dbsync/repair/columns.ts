/** How a table's rows are told apart and read byte for byte. */
import type { Server } from '../mariadb/connect.ts';

export interface Column {
  readonly name: string;
  readonly type: string;
  /** null for what is no text. */
  readonly charset: string | null;
  readonly collation: string | null;
  readonly generated: boolean;
  readonly nullable: boolean;
  /** PostgreSQL: the server's own type that it is, or a domain over it; left out: a customer's own type. */
  readonly base?: string;
}

export interface TableShape {
  readonly database: string;
  readonly table: string;
  /** The primary key, or a unique key without nulls; empty: rows cannot be told apart. */
  readonly key: readonly string[];
  readonly columns: readonly Column[];
}

function quoted(name: string): string {
  return `\`${name.replaceAll('`', '``')}\``;
}

/** A name as SQL. */
export function sqlName(...parts: readonly string[]): string {
  return parts.map(quoted).join('.');
}

/**
 * A table to be read. The hint means nothing to a table, and the server refuses it on a view: a customer may put one in the
 * table's place at any moment, and what a view calls can run with its reader's rights.
 */
export function tableName(database: string, table: string): string {
  return `${sqlName(database, table)} USE INDEX FOR GROUP BY ()`;
}

async function keyOf(server: Server, database: string, table: string): Promise<readonly string[]> {
  const rows = await server.rows(
    `SELECT s.index_name AS i, s.column_name AS c, SUM(s.nullable = 'YES') OVER (PARTITION BY s.index_name) AS nulls,
        SUM(s.sub_part IS NOT NULL) OVER (PARTITION BY s.index_name) AS cut
      FROM information_schema.statistics s WHERE s.table_schema = ? AND s.table_name = ? AND s.non_unique = 0
      ORDER BY s.index_name <> 'PRIMARY', s.index_name, s.seq_in_index`,
    [database, table],
  );
  const usable = rows.filter((row) => row['nulls'] === '0' && row['cut'] === '0');
  const first = usable[0]?.['i'];
  return usable.filter((row) => row['i'] === first).map((row) => row['c'] ?? '');
}

/** Columns and key of a table. */
export async function shapeOf(server: Server, database: string, table: string): Promise<TableShape> {
  const rows = await server.rows(
    `SELECT column_name AS c, data_type AS t, extra AS e, character_set_name AS s, collation_name AS o, is_nullable AS n FROM information_schema.columns
      WHERE table_schema = ? AND table_name = ? ORDER BY ordinal_position`,
    [database, table],
  );
  return {
    database,
    table,
    key: await keyOf(server, database, table),
    columns: rows.map((row) => ({
      name: row['c'] ?? '',
      type: row['t'] ?? '',
      charset: row['s'] ?? null,
      collation: row['o'] ?? null,
      nullable: row['n'] !== 'NO',
      generated: /GENERATED/.test(row['e'] ?? ''),
    })),
  };
}

/** The column as an expression whose text is exact: a FLOAT alone would be shown with six digits. */
export function exact(column: Column): string {
  return column.type === 'float' ? `CAST(${quoted(column.name)} AS DOUBLE)` : quoted(column.name);
}

/** A value from its hexadecimal bytes, compared as the column's own order has it. Takes one `?`. */
export function valueFor(column: Column | undefined): string {
  const { charset, collation } = column ?? {};
  // Both names come from the server's own catalogue.
  return charset == null || collation == null ? 'UNHEX(?)' : `CONVERT(UNHEX(?) USING ${charset}) COLLATE ${collation}`;
}

/** The column's bytes as hexadecimal digits, null staying null. */
export function bytesOf(column: Column): string {
  return `HEX(CAST(${exact(column)} AS BINARY)) AS ${quoted(column.name)}`;
}

const long = new Set(['mediumtext', 'longtext', 'mediumblob', 'longblob', 'json']);

/** Whether a value may be longer than a server lets applications send. */
export function isLong({ type }: Column): boolean {
  return long.has(type);
}

/**
 * Text needs its bytes, since columns of two character sets cannot be joined; a number's own text is its bytes. What is
 * long goes in as a number, because the whole would be NULL where it is longer than max_allowed_packet.
 */
function joined(column: Column): string {
  if (isLong(column)) return `COALESCE(CRC32(${quoted(column.name)}), '')`;
  const value = column.charset !== null || column.type === 'bit' ? `CAST(${exact(column)} AS BINARY)` : exact(column);
  return column.nullable ? `COALESCE(${value}, '')` : value;
}

/** One number for a row: equal rows give equal numbers. */
export function checksumOf(shape: TableShape): string {
  const stored = shape.columns.filter((one) => !one.generated);
  const nulls = stored.filter((one) => one.nullable).map((one) => `ISNULL(${quoted(one.name)})`);
  return `CRC32(CONCAT_WS('#', ${[...stored.map(joined), ...nulls].join(', ')}))`;
}
