/** Speaking to one MariaDB server. The only place of this folder that opens connections. */
import { isIP } from 'node:net';
import { escape as quotedValue } from 'mysql2';
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
import { sqlName } from '../repair/columns.ts';
import { whileLong } from './packet.ts';
import { type Patience, whileReachable } from './patience.ts';

/** Statements on one connection, so that session variables hold. */
export interface Session {
  /** Rows with every value as text. `??` takes a name, `?` a value. Throws DatabaseAway or DatabaseFailed. */
  rows(sql: string, values?: readonly unknown[]): Promise<readonly Row[]>;
}

/** One master's MariaDB. */
export interface Server extends Session {
  readonly side: Side;
  /** Runs `work` on a connection of its own that is thrown away afterwards: its session variables reach nobody else. */
  session<T>(work: (session: Session) => Promise<T>, size?: Size): Promise<T>;
  /** The same, with several statements on one way to the server and back: the first that fails ends the rest. */
  batches<T>(work: (run: RunBatch) => Promise<T>, size?: Size): Promise<T>;
  close(): Promise<void>;
}

/** 'long': statements and values may be longer than the server lets applications send. */
export type Size = 'usual' | 'long';

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

/** The statement with its names and values in it. A dot in a name is a letter like any other, and so is a question mark. */
function filled(sql: string, values: readonly unknown[]): string {
  let at = 0;
  return sql.replaceAll(/`(?:[^`]|``)*`|\?\??/g, (mark) => {
    if (mark.startsWith('`') || at >= values.length) return mark;
    const value = values[at++];
    return mark === '??' ? sqlName(String(value)) : quotedValue(value as Parameters<typeof quotedValue>[0]);
  });
}

/** What is asked of one connection. */
interface Asking {
  readonly side: Side;
  readonly patience: Patience;
}

async function ask(
  { side, patience }: Asking,
  connection: Pick<Connection, 'query' | 'destroy'>,
  text: string,
): Promise<unknown> {
  try {
    const [result] = await whileReachable(
      connection.query(text),
      patience,
      () => connection.destroy(),
      () => new DatabaseAway(`${side.name}: MariaDB can no longer be reached.`),
    );
    return result;
  } catch (error) {
    throw error instanceof DatabaseAway ? error : explained(side, error);
  }
}

function sessionOver(asking: Asking, connection: Pick<Connection, 'query' | 'destroy'>): Session {
  return {
    rows: async (sql, values = []) => rowsOf(await ask(asking, connection, filled(sql, values))),
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

function batchOver(asking: Asking, connection: Pick<Connection, 'query' | 'destroy'>): RunBatch {
  async function send(group: readonly Statement[]): Promise<readonly (readonly Row[])[]> {
    const text = group.map(([sql, values]) => filled(sql, values)).join(';\n');
    const results = await ask(asking, connection, text);
    return group.length === 1 ? [rowsOf(results)] : (results as unknown[]).map(rowsOf);
  }
  return async (statements) => {
    const all: (readonly Row[])[] = [];
    for (const group of groupsOf(statements)) all.push(...(await send(group)));
    return all;
  };
}

function optionsOf({ access }: Side): ConnectionOptions {
  return {
    ...placeOf(access),
    user: access.user,
    ...(access.password === undefined ? {} : { password: access.password }),
    connectTimeout: connectMs,
    enableKeepAlive: true,
    keepAliveInitialDelay: 10_000,
    charset: 'utf8mb4',
    typeCast: (field) => field.string('utf8'),
    // Nothing is prepared; room for the usual 16,000 statements is half a megabyte and a millisecond for each connection.
    maxPreparedStatements: 1,
  };
}

/** Whether a new connection passes; a server that refuses one has answered. */
export async function isReachable(side: Side): Promise<boolean> {
  try {
    const connection = await createConnection(optionsOf(side));
    try {
      await connection.query({ sql: 'SELECT 1', timeout: connectMs });
    } finally {
      connection.destroy();
    }
    return true;
  } catch (error) {
    return codeOf(error).startsWith('ER_');
  }
}

const askEveryMs = 10_000;
/**
 * A look at both logs holds a moment open while it reads them, and a lock as long. A customer's lock on a table is not
 * waited for until it goes. What the server lets its applications use must not change what a statement here means, nor
 * what is written: a backslash in a value, a number 0 in a key, a day that does not exist, an hour that comes twice.
 */
const keepOpen = `SET SESSION wait_timeout = 86400, lock_wait_timeout = 60, time_zone = '+00:00',
  sql_mode = 'STRICT_ALL_TABLES,NO_ENGINE_SUBSTITUTION,NO_AUTO_VALUE_ON_ZERO,ALLOW_INVALID_DATES'`;

/** Opens connections as they are needed, at most eight at a time: a look at both logs holds three. The caller closes it. */
export function openServer(side: Side, options: { readonly askEveryMs: number } = { askEveryMs }): Server {
  const pool: Pool = createPool({ ...optionsOf(side), connectionLimit: 8, maxIdle: 2, idleTimeout: 30_000 });
  // It goes ahead of whatever the connection was opened for; where it fails, that fails as well and says why.
  pool.pool.on('connection', (connection) => void connection.query(keepOpen, () => undefined));
  const asking: Asking = { side, patience: { everyMs: options.askEveryMs, isReachable: () => isReachable(side) } };
  async function take(): Promise<PoolConnection> {
    try {
      return await pool.getConnection();
    } catch (error) {
      throw explained(side, error);
    }
  }
  async function opened(size: Size, options: ConnectionOptions = {}): Promise<Connection> {
    const open = async (): Promise<Connection> => {
      try {
        const made = await createConnection({ ...optionsOf(side), ...options });
        await made.query(keepOpen);
        return made;
      } catch (error) {
        throw explained(side, error);
      }
    };
    if (size === 'usual') return await open();
    const connection = await take();
    try {
      return await whileLong(sessionOver(asking, connection), open);
    } finally {
      connection.release();
    }
  }
  return {
    side,
    async rows(sql, values) {
      const connection = await take();
      try {
        return await sessionOver(asking, connection).rows(sql, values);
      } finally {
        connection.release();
      }
    },
    async session(work, size = 'usual') {
      const connection = size === 'usual' ? await take() : await opened(size);
      try {
        return await work(sessionOver(asking, connection));
      } finally {
        connection.destroy();
      }
    },
    async batches(work, size = 'usual') {
      const connection = await opened(size, { multipleStatements: true });
      try {
        return await work(batchOver(asking, connection));
      } finally {
        connection.destroy();
      }
    },
    close: () => pool.end(),
  };
}

/** Runs statements that are not written to the binary log, so that they stay on this master. */
export function unlogged<T>(server: Server, work: (session: Session) => Promise<T>, size?: Size): Promise<T> {
  return server.session(async (session) => {
    await session.rows('SET SESSION sql_log_bin = 0');
    return await work(session);
  }, size);
}
