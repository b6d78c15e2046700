/** Speaking to one PostgreSQL server. The only place of this folder that opens connections. */
import { isIP } from 'node:net';
import pg from 'pg';
import { messageOf } from '../../errors.ts';
import { type Access, DatabaseAway, DatabaseFailed, type Row, type Side } from '../model.ts';

/** Statements on one connection to one database. */
export interface Session {
  /** Rows with every value as text; `$1` takes a value. Throws DatabaseAway or DatabaseFailed. */
  rows(sql: string, values?: readonly unknown[]): Promise<readonly Row[]>;
}

/** One master's PostgreSQL. */
export interface PgServer {
  readonly side: Side;
  /** Runs `work` on a connection of its own to a database. */
  in<T>(database: string, work: (session: Session) => Promise<T>): Promise<T>;
  /** The same in one transaction. */
  transaction<T>(database: string, work: (session: Session) => Promise<T>): Promise<T>;
  /** Runs `work` on a connection that speaks the replication protocol to a database. */
  replication<T>(database: string, work: (session: Session) => Promise<T>): Promise<T>;
  /** A connection that speaks the replication protocol; the caller ends it. */
  replicationClient(database: string): Promise<pg.Client>;
  /** A connection that sends statements without waiting for answers to the ones before; the caller ends it. */
  pipelineClient(database: string, name: string): Promise<pg.Client>;
}

/** Where servers are looked at and changed as a whole. */
export const maintenance = 'postgres';

const connectMs = 5000;
const lost = new Set([
  ...['ECONNREFUSED', 'ECONNRESET', 'ETIMEDOUT', 'ENOTFOUND', 'EHOSTUNREACH', 'ENETUNREACH', 'ENOENT', 'EPIPE'],
  ...['28P01', '28000', '57P01', '57P02', '57P03', '53300', '08006', '08001', '08004'],
]);
const lostWords =
  /connection terminated|timeout expired|timeout exceeded|certificate|does not support SSL|not queryable/i;

/** SQLSTATE or the system's own code; '' where there is none. */
export function codeOf(error: unknown): string {
  const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
  return typeof code === 'string' ? code : '';
}

/** An error of the library as one of ours. */
export function explained(side: Side, error: unknown): Error {
  if (error instanceof DatabaseAway || error instanceof DatabaseFailed) return error;
  const code = codeOf(error);
  // What has an SQLSTATE was said by the server, which is there.
  const isLost =
    code.length === 5 && !code.startsWith('E')
      ? lost.has(code)
      : lost.has(code) || code.startsWith('ERR_TLS') || lostWords.test(messageOf(error));
  if (isLost)
    return new DatabaseAway(`${side.name}: PostgreSQL does not answer: ${messageOf(error)}`, {
      cause: error,
      hint: `Check that it runs, and masters.${side.id}.postgres in tandem.yaml.`,
    });
  return new DatabaseFailed(`${side.name}: ${messageOf(error)}`, { cause: error });
}

function placeOf(access: Access): pg.ClientConfig {
  const who = {
    user: access.user,
    port: access.port,
    ...(access.password === undefined ? {} : { password: access.password }),
  };
  if (access.socket !== undefined) return { ...who, host: access.socket };
  const name = isIP(access.host) === 0 ? { servername: access.host } : {};
  return {
    ...who,
    host: access.host,
    ssl: { ...(access.ca === undefined ? {} : { ca: access.ca }), rejectUnauthorized: true, ...name },
  };
}

/**
 * A customer can set the search path of a database and make functions and operators that fit better than the server's own:
 * ours finds none. And the same value is the same text on both masters, whatever their databases' settings are.
 */
const plainly =
  '-c search_path=pg_catalog -c datestyle=iso -c intervalstyle=postgres -c bytea_output=hex -c extra_float_digits=1 -c lc_monetary=C';
/** Our sessions are not touched by a fence, and what they define is not taken for a customer's. */
const ours = `${plainly} -c tandem.off=1 -c default_transaction_read_only=off -c statement_timeout=0`;
/** Where definitions of customers are made, their literals are read in the database's own time zone. */
const exactly = `${ours} -c timezone=UTC`;

const asText = { getTypeParser: () => (value: string | null) => value };

function sessionOver(side: Side, client: pg.Client): Session {
  return {
    async rows(sql, values) {
      try {
        const answer: unknown = values === undefined ? await client.query(sql) : await client.query(sql, [...values]);
        // Several statements answer with a list of results; the last one counts.
        const result = Array.isArray(answer) ? answer.at(-1) : answer;
        return (result as pg.QueryResult<Row>).rows;
      } catch (error) {
        throw explained(side, error);
      }
    },
  };
}

async function connected(side: Side, config: pg.ClientConfig): Promise<pg.Client> {
  const client = new pg.Client({
    ...placeOf(side.access),
    connectionTimeoutMillis: connectMs,
    keepAlive: true,
    ...config,
  });
  // Without a listener, a connection that breaks between two statements would end the process; the next one tells.
  client.on('error', () => {});
  try {
    await client.connect();
  } catch (error) {
    throw explained(side, error);
  }
  return client;
}

/** Opens a connection for each piece of work: customers' databases must not be kept busy by ours. */
export function openPgServer(side: Side): PgServer {
  async function on<T>(config: pg.ClientConfig, work: (session: Session) => Promise<T>): Promise<T> {
    const client = await connected(side, config);
    try {
      return await work(sessionOver(side, client));
    } finally {
      await client.end();
    }
  }
  const plain = (database: string, options: string): pg.ClientConfig => ({
    ...{ database, options, application_name: 'tandem', types: asText },
  });
  const exact = (database: string): pg.ClientConfig => plain(database, exactly);
  // The library passes it on, though its types do not name it.
  const replicating = (database: string): pg.ClientConfig => ({
    ...plain(database, `${plainly} -c timezone=UTC`),
    ...{ replication: 'database' },
  });
  return {
    side,
    in: (database, work) => on(exact(database), work),
    transaction: (database, work) =>
      on(exact(database), async (session) => {
        await session.rows('BEGIN');
        const result = await work(session);
        await session.rows('COMMIT');
        return result;
      }),
    replication: (database, work) => on(replicating(database), work),
    replicationClient: (database) => connected(side, replicating(database)),
    pipelineClient: (database, name) =>
      connected(side, { ...plain(database, ours), application_name: name, ...{ pipeline: true } }),
  };
}

/** The first value of the first row, or ''. */
export async function oneValue(session: Session, sql: string, values?: readonly unknown[]): Promise<string> {
  const [row] = await session.rows(sql, values);
  return Object.values(row ?? {})[0] ?? '';
}

export { sqlName, sqlText } from './sql-text.ts';
