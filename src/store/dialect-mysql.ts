import {
  type CompiledQuery,
  type DatabaseConnection,
  MysqlAdapter,
  MysqlQueryCompiler,
  type QueryResult,
} from 'kysely';
import { createPool, type Pool, type PoolConnection, type ResultSetHeader, type RowDataPacket } from 'mysql2/promise';
import type { MariadbConfig } from './database.ts';
import type { Language } from './dialect-kysely.ts';

export const mariadbLanguage: Language = { adapter: new MysqlAdapter(), compiler: new MysqlQueryCompiler() };

const connectMs = 5_000;
/** A server that is frozen, or cut off without a word, must not hold a worker for ever. */
const statementMs = 30_000;
const lockWaitSeconds = 5;

const strict = 'STRICT_ALL_TABLES,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION,NO_ZERO_DATE,NO_ZERO_IN_DATE';

function sessionSql(readOnly: boolean): string {
  const settings = [
    `sql_mode = '${strict}'`,
    `time_zone = '+00:00'`,
    `tx_isolation = 'READ-COMMITTED'`,
    `innodb_lock_wait_timeout = ${lockWaitSeconds}`,
    `tx_read_only = ${readOnly ? 1 : 0}`,
  ];
  return `set ${settings.map((setting) => `session ${setting}`).join(', ')}`;
}

/** A connection taken from the pool for one statement or one transaction. */
export class MysqlConnection implements DatabaseConnection {
  readonly #raw: PoolConnection;

  constructor(raw: PoolConnection) {
    this.#raw = raw;
  }

  async executeQuery<R>(query: CompiledQuery): Promise<QueryResult<R>> {
    const values = [...query.parameters];
    const [result] = await this.#raw.query<ResultSetHeader | RowDataPacket[]>({
      sql: query.sql,
      values,
      timeout: statementMs,
    });
    // The row's type is the caller's claim about its own SQL; no driver can know it.
    if (Array.isArray(result)) return { rows: result as unknown as R[] };
    return { rows: [], numAffectedRows: BigInt(result.affectedRows), insertId: BigInt(result.insertId) };
  }

  // biome-ignore lint/correctness/useYield: the interface asks for it and nothing here streams
  async *streamQuery<R>(): AsyncIterableIterator<QueryResult<R>> {
    throw new Error('streaming is not offered: page through the table instead');
  }

  async command(sql: string): Promise<void> {
    await this.#raw.query({ sql, timeout: statementMs });
  }

  release(): void {
    this.#raw.release();
  }

  /** For a connection whose state is not known: it must not be lent again. */
  destroy(): void {
    this.#raw.destroy();
  }
}

export interface MysqlPool {
  take(): Promise<MysqlConnection>;
  end(): Promise<void>;
}

function rawPool(config: MariadbConfig, size: number): Pool {
  return createPool({
    host: config.host,
    port: config.port,
    user: config.user,
    password: config.password,
    database: config.database,
    ...(config.ca === undefined ? {} : { ssl: { ca: config.ca } }),
    charset: 'utf8mb4_bin',
    timezone: 'Z',
    supportBigNumbers: false,
    decimalNumbers: true,
    connectTimeout: connectMs,
    connectionLimit: size,
    maxIdle: size,
    enableKeepAlive: true,
    waitForConnections: true,
    // Nothing is prepared; room for the usual 16,000 statements is half a megabyte for each connection.
    maxPreparedStatements: 1,
  });
}

/** Connections with the journal's session settings. They are made when they are first needed. */
export function mysqlPool(config: MariadbConfig, size: number, readOnly: boolean): MysqlPool {
  const pool = rawPool(config, size);
  const prepared = new WeakSet<object>();
  return {
    async take() {
      const raw = await pool.getConnection();
      const connection = new MysqlConnection(raw);
      // The pool wraps one socket anew at every turn; the inner connection is what lasts.
      if (prepared.has(raw.connection)) return connection;
      try {
        await connection.command(sessionSql(readOnly));
        prepared.add(raw.connection);
        return connection;
      } catch (error) {
        connection.destroy();
        throw error;
      }
    },
    end: () => pool.end(),
  };
}
