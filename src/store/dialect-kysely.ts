import {
  type CompiledQuery,
  type DatabaseConnection,
  DefaultQueryExecutor,
  type Dialect,
  type DialectAdapter,
  type Driver,
  Kysely,
  type QueryCompiler,
  Transaction,
} from 'kysely';
import type { PreparedResult } from './database.ts';

/** The parts of a Kysely dialect that build statements; they hold no connection. */
export interface Language {
  readonly adapter: DialectAdapter;
  readonly compiler: QueryCompiler;
}

/** Lends a connection for one statement. */
export type Lend = <T>(use: (connection: DatabaseConnection) => Promise<T>) => Promise<T>;

function refuse(): never {
  throw new Error('connections and transactions belong to the journal: use read() and write()');
}

// Kysely asks a driver for connections only in connection() and transaction(), which the journal does not offer.
const noDriver: Driver = {
  init: async () => {},
  acquireConnection: refuse,
  beginTransaction: refuse,
  commitTransaction: refuse,
  rollbackTransaction: refuse,
  releaseConnection: refuse,
  destroy: async () => {},
};

function propsOf(language: Language, lend: Lend) {
  const dialect: Dialect = {
    createAdapter: () => language.adapter,
    createDriver: () => noDriver,
    createQueryCompiler: () => language.compiler,
    createIntrospector: refuse,
  };
  const executor = new DefaultQueryExecutor(language.compiler, language.adapter, { provideConnection: lend });
  return { config: { dialect }, dialect, driver: noDriver, executor };
}

/**
 * The way from a query builder to its connection, past Kysely's executor: for statements that were built before, the
 * executor's plugins, transforms and promises cost more than SQLite itself.
 */
const lenders = new WeakMap<object, Lend>();

/** A connection whose database is in this very process: it answers before it returns. */
export interface DirectConnection extends DatabaseConnection {
  run<R>(sql: string, parameters: readonly unknown[]): PreparedResult<R>;
}

function isDirect(connection: DatabaseConnection): connection is DirectConnection {
  return 'run' in connection;
}

async function viaDriver<R>(connection: DatabaseConnection, query: CompiledQuery<R>): Promise<PreparedResult<R>> {
  const { rows, numAffectedRows = 0n } = await connection.executeQuery<R>(query);
  return { rows, changes: Number(numAffectedRows) };
}

/** Runs a statement that was built before, with these values, on the connection of this query builder. */
export function runBuilt<R>(
  on: object,
  query: CompiledQuery<R>,
  parameters: readonly unknown[],
): Promise<PreparedResult<R>> {
  const lend = lenders.get(on);
  if (lend === undefined) throw new Error('this query builder does not belong to the journal');
  return lend((connection) =>
    isDirect(connection)
      ? Promise.resolve(connection.run<R>(query.sql, parameters))
      : viaDriver(connection, { ...query, parameters }),
  );
}

/** A query builder that borrows a connection for each statement. */
export function queriesOver<S>(language: Language, lend: Lend): Kysely<S> {
  const db = new Kysely<S>(propsOf(language, lend));
  lenders.set(db, lend);
  return db;
}

/** A query builder bound to one open transaction and dead after `end()`. Costs about a microsecond. */
export function transactionOver<S>(language: Language, connection: DatabaseConnection) {
  let over = false;
  const lend: Lend = (use) => {
    if (over) throw new Error('this write is over: its query builder must not be kept');
    return use(connection);
  };
  const db = new Transaction<S>(propsOf(language, lend));
  lenders.set(db, lend);
  return {
    db,
    end: () => {
      over = true;
    },
  };
}
