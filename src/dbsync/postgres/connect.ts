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
  /**
   * Looks at the server as a whole, on a connection to the first of these databases that takes one; the last one must. A
   * watched server keeps it for the next look: only for databases that are Tandem's own.
   */
  looking<T>(databases: readonly string[], work: (session: Session, database: string) => Promise<T>): Promise<T>;
  /** The same as `in`, in one transaction. */
  transaction<T>(database: string, work: (session: Session) => Promise<T>): Promise<T>;
  /** Runs `work` on a connection that writes rows of customers as they were written on the other master. */
  writing<T>(database: string, work: (session: Session) => Promise<T>): Promise<T>;
  /** Runs `work` on a connection that speaks the replication protocol to a database. */
  replication<T>(database: string, work: (session: Session) => Promise<T>): Promise<T>;
  /** A connection that speaks the replication protocol; the caller ends it. */
  replicationClient(database: string): Promise<pg.Client>;
  /** A connection that sends statements without waiting for answers to the ones before; the caller ends it. */
  pipelineClient(database: string, name: string): Promise<pg.Client>;
  /** Ends what a watched server keeps. */
  close(): Promise<void>;
}

/** Where servers are looked at and changed as a whole. */
export const maintenance = 'postgres';

const connectMs = 5000;
const lost = new Set([
  ...['ECONNREFUSED', 'ECONNRESET', 'ETIMEDOUT', 'ENOTFOUND', 'EHOSTUNREACH', 'ENETUNREACH', 'ENOENT', 'EPIPE'],
  ...['28P01', '28000', '57P01', '57P02', '57P03', '53300', '08006', '08001', '08004'],
]);
const lostWords =
  /connection terminated|timeout expired|timeout exceeded|read timeout|certificate|does not support SSL|not queryable/i;

/** SQLSTATE or the system's own code; '' where there is none. */
export function codeOf(error: unknown): string {
  const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
  return typeof code === 'string' ? code : '';
}

const mostWords = 1000;

/** What a customer's code says when it fails is shown to people: no more than they can read, and nothing that steers a terminal. */
function wordsOf(error: unknown): string {
  const words = messageOf(error);
  const shown = words.length > mostWords ? `${words.slice(0, mostWords)} …` : words;
  return shown.replaceAll(/\p{Cc}+/gu, ' ');
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
    return new DatabaseAway(`${side.name}: PostgreSQL does not answer: ${wordsOf(error)}`, {
      cause: error,
      hint: `Check that it runs, and masters.${side.id}.postgres in tandem.yaml.`,
    });
  return new DatabaseFailed(`${side.name}: ${wordsOf(error)}`, { cause: error });
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
 * A database's owner gives every session in it settings, Tandem's among them: another role, libraries that are not there,
 * values that are read otherwise. And he can make functions and operators that fit better than the server's own, so the
 * path has none but those; temporary relations and types would come first if they were not named last.
 */
const plainly = [
  ...['role=none', 'local_preload_libraries=', 'search_path=pg_catalog,pg_temp'],
  ...['datestyle=iso', 'intervalstyle=postgres', 'bytea_output=hex', 'extra_float_digits=1', 'lc_monetary=C'],
  ...['array_nulls=on', 'xmloption=content', 'quote_all_identifiers=off', 'standard_conforming_strings=on'],
  ...['transform_null_equals=off', 'default_transaction_isolation=read\\ committed', 'plpgsql.extra_errors=none'],
  ...['statement_timeout=0', 'idle_in_transaction_session_timeout=0', 'idle_session_timeout=0'],
];
/**
 * Our sessions are not touched by a fence, and what they define is not taken for a customer's. A customer's lock holds up
 * one piece of work for a moment, not all.
 */
const ours = [...plainly, 'tandem.off=1', 'default_transaction_read_only=off', 'lock_timeout=10s'];
/** Where definitions of customers are made, their literals are read in the database's own time zone. */
const exactly = [...ours, 'timezone=UTC'];
/**
 * Where rows of customers are written, their code may run and set what it likes: RESET ALL leads back to these. Triggers
 * and foreign keys did their work where the rows were written first.
 */
const writing = [
  ...['session_replication_role=replica', 'row_security=off', 'client_min_messages=error', 'jit=off'],
  'lock_timeout=30s',
];

/** Settings as a connection takes them. */
export function asOptions(settings: readonly string[]): string {
  return settings.map((one) => `-c ${one}`).join(' ');
}

/** For the server's own programs, which set the rest themselves. */
export const programOptions = asOptions([
  ...['role=none', 'local_preload_libraries=', 'tandem.off=1', 'default_transaction_read_only=off'],
  ...['array_nulls=on', 'transform_null_equals=off', 'default_transaction_isolation=read\\ committed'],
]);

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

/** No such database, or it takes no connections. */
const notThere = new Set(['3D000', '55000']);
/** A kept connection may have been cut without a word. */
const lookMs = 10_000;

type Kept = { readonly client: pg.Client; readonly database: string };

/** Each connection is a process of the server: what looks every second keeps one. */
function lookingOn(
  side: Side,
  isWatched: boolean,
  connect: (database: string) => Promise<pg.Client>,
): Pick<PgServer, 'looking' | 'close'> {
  let kept: Kept | undefined;
  async function opened(databases: readonly string[]): Promise<Kept> {
    const [database = maintenance, ...others] = databases;
    try {
      return { database, client: await connect(database) };
    } catch (error) {
      const code = error instanceof DatabaseFailed ? codeOf(error.cause) : '';
      if (others.length === 0 || !notThere.has(code)) throw error;
      return await opened(others);
    }
  }
  async function look<T>(
    one: Kept,
    databases: readonly string[],
    work: (session: Session, database: string) => Promise<T>,
  ): Promise<T> {
    try {
      const seen = await work(sessionOver(side, one.client), one.database);
      if (isWatched && kept === undefined && one.database === databases[0]) kept = one;
      else await one.client.end();
      return seen;
    } catch (error) {
      // What went wrong is told; that the connection cannot be ended either says no more.
      void one.client.end().catch(() => {});
      throw error;
    }
  }
  return {
    async looking(databases, work) {
      const before = kept;
      kept = undefined;
      try {
        if (before !== undefined) return await look(before, databases, work);
      } catch (error) {
        // It may be no more than this connection that is gone.
        if (!(error instanceof DatabaseAway)) throw error;
      }
      return await look(await opened(databases), databases, work);
    },
    async close() {
      const last = kept;
      kept = undefined;
      await last?.client.end();
    },
  };
}

/**
 * Opens a connection for each piece of work: customers' databases must not be kept busy by ours. A watched server keeps
 * the one that it is looked at with; the caller closes it.
 */
export function openPgServer(side: Side, { watched = false }: { readonly watched?: boolean } = {}): PgServer {
  async function on<T>(config: pg.ClientConfig, work: (session: Session) => Promise<T>): Promise<T> {
    const client = await connected(side, config);
    try {
      return await work(sessionOver(side, client));
    } finally {
      await client.end();
    }
  }
  const plain = (database: string, settings: readonly string[]): pg.ClientConfig => ({
    ...{ database, options: asOptions(settings), application_name: 'tandem', types: asText },
  });
  const exact = (database: string): pg.ClientConfig => plain(database, exactly);
  // The library passes it on, though its types do not name it.
  const replicating = (database: string): pg.ClientConfig => ({
    ...plain(database, [...plainly, 'timezone=UTC']),
    ...{ replication: 'database' },
  });
  const asking = (database: string): pg.ClientConfig => ({ ...exact(database), query_timeout: lookMs });
  return {
    side,
    ...lookingOn(side, watched, (database) => connected(side, asking(database))),
    in: (database, work) => on(exact(database), work),
    transaction: (database, work) =>
      on(exact(database), async (session) => {
        await session.rows('BEGIN');
        const result = await work(session);
        await session.rows('COMMIT');
        return result;
      }),
    writing: (database, work) => on(plain(database, [...exactly, ...writing]), work),
    replication: (database, work) => on(replicating(database), work),
    replicationClient: (database) => connected(side, replicating(database)),
    pipelineClient: (database, name) =>
      connected(side, {
        ...plain(database, [...ours, ...writing, 'synchronous_commit=off']),
        ...{ application_name: name, pipeline: true },
      }),
  };
}

/** The first value of the first row, or ''. */
export async function oneValue(session: Session, sql: string, values?: readonly unknown[]): Promise<string> {
  const [row] = await session.rows(sql, values);
  return Object.values(row ?? {})[0] ?? '';
}

export { sqlName, sqlText } from './sql-text.ts';
