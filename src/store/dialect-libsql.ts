import {
  type CompiledQuery,
  type DatabaseConnection,
  type QueryResult,
  SqliteAdapter,
  SqliteQueryCompiler,
} from 'kysely';
import Database from 'libsql';
import type { Language } from './dialect-kysely.ts';

export const sqliteLanguage: Language = { adapter: new SqliteAdapter(), compiler: new SqliteQueryCompiler() };

/** More distinct statements than the program has; lists of changing length (`in (…)`) must not fill the memory. */
const cacheSize = 500;

/**
 * libsql 0.5 aborts the whole process on a boolean and stores an object as nothing useful, so values are checked here.
 * Throws TypeError for what SQLite cannot hold.
 */
export function toSqlite(value: unknown): string | number | bigint | Uint8Array | null {
  if (value === undefined || value === null) return null;
  if (typeof value === 'string' || typeof value === 'bigint') return value;
  if (typeof value === 'number' && Number.isFinite(value)) return value;
  if (typeof value === 'boolean') return value ? 1 : 0;
  if (value instanceof Uint8Array) return value;
  throw new TypeError(`SQLite cannot hold a ${typeof value}`);
}

// libsql gives blobs as ArrayBuffer, mysql2 as Buffer: callers see Buffer from both.
function toRow(row: Record<string, unknown>): Record<string, unknown> {
  for (const name in row) {
    const value = row[name];
    if (value instanceof ArrayBuffer) row[name] = Buffer.from(value);
  }
  return row;
}

interface Statement {
  readonly statement: Database.Statement;
  /** Whether it gives rows. */
  readonly reader: boolean;
}

/** One SQLite connection. Synchronous: a statement takes microseconds, COMMIT as long as the disk needs. */
export class LibsqlConnection implements DatabaseConnection {
  #db: Database.Database | undefined;
  readonly #statements = new Map<string, Statement>();

  /** `busyMs`: how long a statement may block the process while another one holds the lock. */
  constructor(file: string, busyMs: number) {
    this.#db = new Database(file, { timeout: busyMs });
  }

  get inTransaction(): boolean {
    return this.#opened().inTransaction;
  }

  exec(sql: string): void {
    this.#opened().exec(sql);
  }

  async executeQuery<R>(query: CompiledQuery): Promise<QueryResult<R>> {
    const { statement, reader } = this.#prepare(query.sql);
    const values = query.parameters.map(toSqlite);
    if (reader) {
      // The row's type is the caller's claim about its own SQL; no driver can know it.
      return { rows: statement.all(values).map((row) => toRow(row as Record<string, unknown>) as R) };
    }
    const { changes, lastInsertRowid } = statement.run(values);
    return { rows: [], numAffectedRows: BigInt(changes), insertId: BigInt(lastInsertRowid) };
  }

  // biome-ignore lint/correctness/useYield: the interface asks for it and nothing here streams
  async *streamQuery<R>(): AsyncIterableIterator<QueryResult<R>> {
    throw new Error('streaming is not offered: page through the table instead');
  }

  close(): void {
    this.#statements.clear();
    this.#db?.close();
    this.#db = undefined;
  }

  // libsql 0.5 aborts the whole process when a closed database is used.
  #opened(): Database.Database {
    if (this.#db === undefined) throw new Error('the SQLite connection is closed');
    return this.#db;
  }

  #prepare(sql: string): Statement {
    const known = this.#statements.get(sql);
    if (known !== undefined) return known;
    if (this.#statements.size >= cacheSize) this.#statements.clear();
    const statement = this.#opened().prepare(sql);
    const made = { statement, reader: statement.reader };
    this.#statements.set(sql, made);
    return made;
  }
}
