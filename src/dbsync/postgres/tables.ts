/** The receiving tables as their server has them, and changes as the applying function takes them. */
import { DatabaseFailed } from '../model.ts';
import type { Session } from './connect.ts';
import type { Relation } from './pgoutput.ts';
import { relationName } from './rows.ts';
import { sqlName } from './sql-text.ts';
import {
  type ChangeJson,
  keyValues,
  sentOf,
  statementsOf,
  type TableStatements,
  type TargetTable,
  updateFor,
} from './statements.ts';
import type { Change } from './transactions.ts';

interface Table {
  readonly relation: Relation;
  readonly target: TargetTable;
  readonly statements: TableStatements;
}

type Rows = readonly Record<string, string | null>[];

/** One statement on the applying connection. */
export type Ask = (text: string, values?: readonly unknown[]) => Promise<Rows>;

const describedTable = `SELECT tandemsync.runner(c.relowner) AS owner, (SELECT n.nspname FROM pg_namespace n WHERE n.oid = c.relnamespace) AS schema, c.relname AS name, (SELECT json_agg(json_build_object('name', a.attname,
    'type', format_type(a.atttypid, -1), 'always', a.attidentity = 'a') ORDER BY a.attnum)
    FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = '') AS columns
  FROM pg_class c WHERE c.oid = to_regclass($1)`;
/** The same, while applying: what it writes down for itself moves no place. */
const tableQuery = describedTable.replace('SELECT', 'SELECT tandemsync.aside($2::bigint),');

/** Rows' changes with the statements of their tables, as JSON. */
export interface Prepared {
  readonly rels: string;
  readonly list: string;
}

/** The same for several transactions: a list of changes each. */
export interface PreparedAll {
  readonly rels: string;
  readonly lists: readonly (readonly ChangeJson[])[];
}

/** The statements for rows that are told apart by `key`, where no stream describes the table. Throws DatabaseFailed. */
export async function statementsOfTable(
  session: Session,
  table: string,
  columns: readonly string[],
  key: readonly string[],
): Promise<TableStatements> {
  const name = await relationName(session, table);
  const [row] = await session.rows(describedTable, [name]);
  if (row === undefined) throw new DatabaseFailed(`there is no table ${table}.`);
  const target: TargetTable = { owner: row['owner'] ?? '', columns: JSON.parse(row['columns'] ?? '[]') };
  const described = columns.map((one) => ({ name: one, isKey: key.includes(one) }));
  const [schema, own] = [row['schema'] ?? '', row['name'] ?? ''];
  const statements = statementsOf({ id: 0, schema, table: own, identity: 'd', columns: described }, target);
  if ('kind' in statements) throw new DatabaseFailed(`${statements.reason}.`);
  return statements;
}

export class TargetTables {
  private readonly known = new Map<number, Table>();
  private readonly name: string;
  private readonly ask: Ask;
  /** `name`: the receiving master's, for people. */
  constructor(name: string, ask: Ask) {
    this.name = name;
    this.ask = ask;
  }

  /** What was defined meanwhile is looked up anew. */
  forget(): void {
    this.known.clear();
  }

  /** Throws DatabaseFailed where a table is not there or lacks a column. `lastAt`: time of what was applied last. */
  async prepare(changes: readonly Change[], lastAt: number): Promise<Prepared> {
    const { rels, lists } = await this.prepareAll([changes], lastAt);
    return { rels, list: JSON.stringify(lists[0]) };
  }

  /** Several transactions' changes, with the statements of their tables once. Throws as `prepare`. */
  async prepareAll(all: readonly (readonly Change[])[], lastAt: number): Promise<PreparedAll> {
    const used = new Map<string, TableStatements>();
    const lists: ChangeJson[][] = [];
    for (const changes of all) {
      const list: ChangeJson[] = [];
      for (const change of changes) if (change.kind !== 'define') list.push(await this.json(change, used, lastAt));
      lists.push(list);
    }
    return { rels: JSON.stringify(Object.fromEntries(used)), lists };
  }

  private async table(relation: Relation, lastAt: number): Promise<Table> {
    const known = this.known.get(relation.id);
    // The same description object: the sender has not described it anew.
    if (known?.relation === relation) return known;
    const [row] = await this.ask(tableQuery, [sqlName(relation.schema, relation.table), lastAt]);
    if (row === undefined) throw new DatabaseFailed(`${this.name} has no table ${relation.schema}.${relation.table}.`);
    const target: TargetTable = { owner: row['owner'] ?? '', columns: JSON.parse(row['columns'] ?? '[]') };
    const statements = statementsOf(relation, target);
    if ('kind' in statements) throw new DatabaseFailed(`${this.name}: ${statements.reason}.`);
    const table = { relation, target, statements };
    this.known.set(relation.id, table);
    return table;
  }

  private async json(
    change: Exclude<Change, { kind: 'define' }>,
    used: Map<string, TableStatements>,
    lastAt: number,
  ): Promise<ChangeJson> {
    if (change.kind === 'truncate')
      return { k: 'T', t: change.tables.map((one) => sqlName(one.schema, one.table)), restart: change.restart };
    const { relation } = change;
    const table = await this.table(relation, lastAt);
    const r = String(relation.id);
    used.set(r, table.statements);
    switch (change.kind) {
      case 'insert': {
        const o = relation.identity === 'f' ? [] : keyValues(relation, change.row);
        return { k: 'I', r, v: sentOf(change.row), o };
      }
      case 'update': {
        const u = updateFor(table.statements, relation, table.target, change.row);
        return { k: 'U', r, u, v: sentOf(change.row), o: keyValues(relation, change.old ?? change.row) };
      }
      case 'delete':
        return { k: 'D', r, v: [], o: keyValues(relation, change.old) };
    }
  }
}
