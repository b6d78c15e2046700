/** Speaking to one MariaDB server. The only place of this folder that opens connections. */
import { isIP } from 'node:net';
import {
  type Connection,
  type ConnectionOptions,
  createConnection,
  createPool,
  type Pool,
  type PoolConnection,
} from 'mysql2/promise';
import { messageOf } from '../../errors.ts';
import { type Access, DatabaseAway, DatabaseFailed, type Row, type Side } from '../model.ts';

/** Statements on one connection, so that session variables hold. */
export interface Session {
  /** Rows with every value as text. `??` takes a name, `?` a value. Throws DatabaseAway or DatabaseFailed. */
  rows(sql: string, values?: readonly unknown[]): Promise<readonly Row[]>;
}

/** One master's MariaDB. */
export interface Server extends Session {
  readonly side: Side;
  /** Runs `work` on a connection of its own that is thrown away afterwards: its session variables reach nobody else. */
  session<T>(work: (session: Session) => Promise<T>): Promise<T>;
  /** The same, with several statements on one way to the server and back: the first that fails ends the rest. */
  batches<T>(work: (run: RunBatch) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

/** Statements with their values; answers the rows of each. */
export type RunBatch = (
  statements: readonly (readonly [string, readonly unknown[]])[],
) => Promise<readonly (readonly Row[])[]>;

const connectMs = 5000;

const lost = new Set([
  ...['ECONNREFUSED', 'ECONNRESET', 'ETIMEDOUT', 'ENOTFOUND', 'EHOSTUNREACH', 'ENETUNREACH', 'ENOENT', 'EPIPE'],
  ...['PROTOCOL_CONNECTION_LOST', 'ER_ACCESS_DENIED_ERROR', 'ER_SERVER_SHUTDOWN', 'HANDSHAKE_SSL_ERROR'],
  ...['HANDSHAKE_NO_SSL_SUPPORT', 'ER_CON_COUNT_ERROR', 'ER_HOST_NOT_PRIVILEGED'],
]);

function codeOf(error: unknown): string {
  const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
  return typeof code === 'string' ? code : '';
}

function explained(side: Side, error: unknown): Error {
  if (
    lost.has(codeOf(error)) ||
    codeOf(error).startsWith('ERR_TLS') ||
    /certificate|closed state/i.test(messageOf(error))
  )
    return new DatabaseAway(`${side.name}: MariaDB does not answer: ${messageOf(error)}`, {
      cause: error,
      hint: `Check that it runs, and masters.${side.id}.mariadb in tandem.yaml.`,
    });
  return new DatabaseFailed(`${side.name}: ${messageOf(error)}`, { cause: error });
}

function placeOf(access: Access): ConnectionOptions {
  if (access.socket !== undefined) return { socketPath: access.socket };
  const name = isIP(access.host) === 0 ? { servername: access.host } : {};
  return {
    host: access.host,
    port: access.port,
    ssl: { ...(access.ca === undefined ? {} : { ca: access.ca }), rejectUnauthorized: true, ...name },
  };
}

function sessionOver(side: Side, connection: Pick<PoolConnection, 'query'>): Session {
  return {
    async rows(sql, values = []) {
      try {
        const [rows] = await connection.query(sql, [...values]);
        return rowsOf(rows);
      } catch (error) {
        throw explained(side, error);
      }
    },
  };
}

function rowsOf(result: unknown): readonly Row[] {
  // A statement without rows answers with a header instead of a list.
  return Array.isArray(result) ? (result as Row[]) : [];
}

type Statement = readonly [string, readonly unknown[]];

/** BINLOG goes by itself: as one of several statements the server forgets to say that more results follow. */
function groupsOf(statements: readonly Statement[]): readonly (readonly Statement[])[] {
  const groups: Statement[][] = [];
  let isOpen = false;
  for (const one of statements) {
    const isAlone = one[0].startsWith('BINLOG');
    if (isAlone || !isOpen) groups.push([one]);
    else groups.at(-1)?.push(one);
    isOpen = !isAlone;
  }
  return groups;
}

function batchOver(side: Side, connection: Pick<Connection, 'query' | 'format'>): RunBatch {
  async function send(group: readonly Statement[]): Promise<readonly (readonly Row[])[]> {
    try {
      const text = group.map(([sql, values]) => connection.format(sql, [...values])).join(';\n');
      const [results] = await connection.query(text);
      return group.length === 1 ? [rowsOf(results)] : (results as unknown[]).map(rowsOf);
    } catch (error) {
      throw explained(side, error);
    }
  }
  return async (statements) => {
    const all: (readonly Row[])[] = [];
    for (const group of groupsOf(statements)) all.push(...(await send(group)));
    return all;
  };
}

/** Opens connections as they are needed, at most eight at a time: a look at both logs holds three. The caller closes it. */
export function openServer(side: Side): Server {
  const { access } = side;
  const options: ConnectionOptions = {
    ...placeOf(access),
    user: access.user,
    ...(access.password === undefined ? {} : { password: access.password }),
    connectTimeout: connectMs,
    enableKeepAlive: true,
    charset: 'utf8mb4',
    typeCast: (field) => field.string('utf8'),
  };
  const pool: Pool = createPool({ ...options, connectionLimit: 8, maxIdle: 2, idleTimeout: 30_000 });
  async function take(): Promise<PoolConnection> {
    try {
      return await pool.getConnection();
    } catch (error) {
      throw explained(side, error);
    }
  }
  return {
    side,
    async rows(sql, values) {
      const connection = await take();
      try {
        return await sessionOver(side, connection).rows(sql, values);
      } finally {
        connection.release();
      }
    },
    async session(work) {
      const connection = await take();
      try {
        return await work(sessionOver(side, connection));
      } finally {
        connection.destroy();
      }
    },
    async batches(work) {
      let connection: Connection;
      try {
        connection = await createConnection({ ...options, multipleStatements: true });
      } catch (error) {
        throw explained(side, error);
      }
      try {
        return await work(batchOver(side, connection));
      } finally {
        connection.destroy();
      }
    },
    close: () => pool.end(),
  };
}

/** Runs statements that are not written to the binary log, so that they stay on this master. */
export function unlogged<T>(server: Server, work: (session: Session) => Promise<T>): Promise<T> {
  return server.session(async (session) => {
    await session.rows('SET SESSION sql_log_bin = 0');
    return await work(session);
  });
}
