import { DatabaseSync, type DatabaseSyncInstance, type StatementSyncInstance } from '@photostructure/sqlite';
import { type CompiledQuery, type QueryResult, SqliteAdapter, SqliteQueryCompiler } from 'kysely';
import type { PreparedResult } from './database.ts';
import type { DirectConnection, Language } from './dialect-kysely.ts';

export const sqliteLanguage: Language = { adapter: new SqliteAdapter(), compiler: new SqliteQueryCompiler() };

/** More distinct statements than the program has; lists of changing length (`in (…)`) must not fill the memory. */
const cacheSize = 500;

type Bindable = string | number | bigint | Uint8Array | null;

/** The value as SQLite binds it. Throws TypeError for what SQLite cannot hold. */
export function toSqlite(value: unknown): Bindable {
  if (value === undefined || value === null) return null;
  if (typeof value === 'string' || typeof value === 'bigint') return value;
  if (typeof value === 'number' && Number.isFinite(value)) return value;
  if (typeof value === 'boolean') return value ? 1 : 0;
  if (value instanceof Uint8Array) return value;
  throw new TypeError(`SQLite cannot hold a ${typeof value}`);
}

interface Statement {
  readonly statement: StatementSyncInstance;
  /** Whether it gives rows. */
  readonly reader: boolean;
  /** Columns that may hold bytes: those declared so, and expressions, which are not declared at all. */
  readonly bytes: readonly string[];
}

/** One SQLite connection. Synchronous: a statement takes microseconds, COMMIT as long as the disk needs. */
export class SqliteConnection implements DirectConnection {
  readonly #db: DatabaseSyncInstance;
  readonly #statements = new Map<string, Statement>();

  /** `busyMs`: how long a statement may block the process while another one holds the lock. */
  constructor(file: string, busyMs: number) {
    this.#db = new DatabaseSync(file, { timeout: busyMs });
  }

  get inTransaction(): boolean {
    return this.#db.isTransaction;
  }

  exec(sql: string): void {
    this.#db.exec(sql);
  }

  /** Runs a statement at once: the same SQL text is prepared once for this connection. */
  run<R>(sql: string, parameters: readonly unknown[]): PreparedResult<R> {
    const { statement, reader, bytes } = this.#prepare(sql);
    const values = parameters.map(toSqlite);
    if (!reader) return { rows: [], changes: Number(statement.run(...values).changes) };
    const rows = statement.all(...values);
    if (bytes.length > 0) for (const row of rows) asBuffers(row, bytes);
    // The row's type is the caller's claim about its own SQL; no driver can know it.
    return { rows: rows as R[], changes: 0 };
  }

  /** Changes when another connection, of any process, has committed. */
  dataVersion(): number {
    // The row's type is the pragma's own: one column, a number.
    const row = this.#prepare('pragma data_version').statement.get() as { data_version: number } | undefined;
    return row?.data_version ?? Number.NaN;
  }

  async executeQuery<R>(query: CompiledQuery): Promise<QueryResult<R>> {
    const { rows, changes } = this.run<R>(query.sql, query.parameters);
    return { rows: [...rows], numAffectedRows: BigInt(changes) };
  }

  // biome-ignore lint/correctness/useYield: the interface asks for it and nothing here streams
  async *streamQuery<R>(): AsyncIterableIterator<QueryResult<R>> {
    throw new Error('streaming is not offered: page through the table instead');
  }

  close(): void {
    this.#statements.clear();
    if (this.#db.isOpen) this.#db.close();
  }

  #prepare(sql: string): Statement {
    const known = this.#statements.get(sql);
    if (known !== undefined) return known;
    if (this.#statements.size >= cacheSize) this.#statements.clear();
    const statement = this.#db.prepare(sql);
    const columns = statement.columns();
    const bytes = columns.filter(({ type }) => type === null || /blob/i.test(type)).map(({ name }) => name);
    const made = { statement, reader: columns.length > 0, bytes };
    this.#statements.set(sql, made);
    return made;
  }
}

/** mysql2 gives Buffer: callers see the same from both databases. */
function asBuffers(row: Record<string, unknown>, columns: readonly string[]): void {
  for (const name of columns) {
    const value = row[name];
    if (value instanceof Uint8Array) row[name] = Buffer.from(value.buffer, value.byteOffset, value.byteLength);
  }
}
