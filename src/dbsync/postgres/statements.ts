/**
 * The statements by which one table's changes are applied; own-apply.ts runs them. ONLY: the rows of tables that inherit
 * from it come by themselves. Pure.
 */
import type { Relation, Tuple } from './pgoutput.ts';
import { sqlName } from './sql-text.ts';

export interface TargetColumn {
  readonly name: string;
  /** With its schema, without length: a text of the source is cast to it. */
  readonly type: string;
  /** GENERATED ALWAYS AS IDENTITY: nobody may change it, here or there. */
  readonly always: boolean;
}

/** The receiving table, as its server has it. */
export interface TargetTable {
  /** Role id of the owner. */
  readonly owner: string;
  readonly columns: readonly TargetColumn[];
}

/** What own-apply.ts calls `rel`. $1 new values, $2 key values (or all former values), $3 what the other master had seen. */
export interface TableStatements {
  readonly name: string;
  readonly owner: string;
  readonly cols: readonly string[];
  readonly row: string;
  readonly ins: string;
  readonly key: string;
  readonly look: string;
  readonly full: string;
  readonly del: string;
  /** By the columns that were sent. */
  readonly upd: Record<string, { readonly sql: string; readonly cols: readonly string[] }>;
}

/** One change as own-apply.ts takes it. */
export interface ChangeJson {
  readonly k: 'I' | 'U' | 'D' | 'T';
  readonly r?: string;
  readonly u?: string;
  readonly v?: readonly (string | null)[];
  readonly o?: readonly (string | null)[];
  readonly t?: readonly string[];
  readonly restart?: boolean;
}

/** Why a table's changes cannot be applied: it is not the same on both. */
export type Mismatch = { readonly kind: 'mismatch'; readonly reason: string };

function place(column: TargetColumn, at: number, values: '$1' | '$2'): string {
  return `(${values})[${at + 1}]::${column.type}`;
}

/** Columns of the source as the target has them, in the source's order. */
function matched(relation: Relation, target: TargetTable): readonly TargetColumn[] | Mismatch {
  const found = relation.columns.map((one) => target.columns.find((column) => column.name === one.name));
  const lacking = relation.columns.filter((_, at) => found[at] === undefined).map((one) => one.name);
  if (lacking.length > 0)
    return {
      kind: 'mismatch',
      reason: `${relation.schema}.${relation.table} has no column ${lacking.join(', ')} here`,
    };
  return found.flatMap((one) => one ?? []);
}

function isMismatch(found: readonly TargetColumn[] | Mismatch): found is Mismatch {
  return 'kind' in found;
}

/** Rows told apart by their key; without one, one of the rows whose every value is the same text. */
function keyOf(relation: Relation, columns: readonly TargetColumn[]): string {
  const name = sqlName(relation.schema, relation.table);
  if (relation.identity !== 'f') {
    const keys = columns.filter((_, at) => relation.columns[at]?.isKey === true);
    return keys.map((one, at) => `t.${sqlName(one.name)} = ${place(one, at, '$2')}`).join(' AND ');
  }
  const all = columns.map(
    (one, at) => `x.${sqlName(one.name)}::text IS NOT DISTINCT FROM (${place(one, at, '$2')})::text`,
  );
  return `t.ctid = (SELECT x.ctid FROM ONLY ${name} x WHERE ${all.join(' AND ')} LIMIT 1)`;
}

/**
 * Whether the row was written here later than the other master had seen ($3). It runs as the table's owner, who can name
 * nothing in Tandem's own schema: so it is no function of ours.
 */
export const unseenHere =
  'COALESCE((SELECT o.timestamp > $3 AND o.roident = 0 FROM pg_catalog.pg_xact_commit_timestamp_origin(t.xmin) o), false)';

function updateSql(name: string, columns: readonly TargetColumn[], key: string): string {
  const set = columns.flatMap((one, at) => (one.always ? [] : [`${sqlName(one.name)} = ${place(one, at, '$1')}`]));
  // A table whose every column is an identity: the row is there, and nothing of it can change.
  if (set.length === 0) return `SELECT 1 FROM ONLY ${name} t WHERE ${key} AND NOT ${unseenHere}`;
  return `UPDATE ONLY ${name} t SET ${set.join(', ')} WHERE ${key} AND NOT ${unseenHere}`;
}

/** The statements of a table, or why there are none. */
export function statementsOf(relation: Relation, target: TargetTable): TableStatements | Mismatch {
  const columns = matched(relation, target);
  if (isMismatch(columns)) return columns;
  const name = sqlName(relation.schema, relation.table);
  const key = keyOf(relation, columns);
  const cols = columns.map((one) => one.name);
  const into = cols.length === 0 ? 'DEFAULT VALUES' : '';
  const list = cols.map((one) => sqlName(one)).join(', ');
  const values = columns.map((one, at) => place(one, at, '$1')).join(', ');
  return {
    ...{ name, owner: target.owner, cols, key },
    row: `SELECT ${columns.map((one, at) => `${place(one, at, '$1')} AS ${sqlName(one.name)}`).join(', ')}`,
    ins:
      into === ''
        ? `INSERT INTO ${name} (${list}) OVERRIDING SYSTEM VALUE VALUES (${values}) ON CONFLICT DO NOTHING`
        : `INSERT INTO ${name} ${into}`,
    look: `SELECT jsonb_build_object('image', to_jsonb(t), 'at', o.timestamp, 'local', o.roident = 0) FROM ONLY ${name} t, pg_catalog.pg_xact_commit_timestamp_origin(t.xmin) o WHERE ${key} FOR UPDATE OF t`,
    full: updateSql(name, columns, key),
    del: `DELETE FROM ONLY ${name} t WHERE ${key} AND NOT ${unseenHere}`,
    upd: {},
  };
}

/** Adds the statement for an update that sent these columns; answers its name. */
export function updateFor(statements: TableStatements, relation: Relation, target: TargetTable, row: Tuple): string {
  const sent = relation.columns.filter((_, at) => row[at] !== undefined).map((one) => one.name);
  const word = row.map((value) => (value === undefined ? '0' : '1')).join('');
  if (statements.upd[word] === undefined) {
    const columns = sent.flatMap((one) => target.columns.find((column) => column.name === one) ?? []);
    statements.upd[word] = { sql: updateSql(statements.name, columns, statements.key), cols: sent };
  }
  return word;
}

function sentOf(row: Tuple): readonly (string | null)[] {
  return row.filter((value) => value !== undefined);
}

/** What tells the row apart: its key, or all of it. */
export function keyValues(relation: Relation, row: Tuple): readonly (string | null)[] {
  return relation.identity === 'f'
    ? row.map((value) => value ?? null)
    : row.filter((_, at) => relation.columns[at]?.isKey === true).map((value) => value ?? null);
}

export { sentOf };
