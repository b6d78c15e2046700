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

/** A query builder that borrows a connection for each statement. */
export function queriesOver<S>(language: Language, lend: Lend): Kysely<S> {
  return new Kysely<S>(propsOf(language, lend));
}

/** A query builder bound to one open transaction and dead after `end()`. Costs about a microsecond. */
export function transactionOver<S>(language: Language, connection: DatabaseConnection) {
  let over = false;
  const lend: Lend = (use) => {
    if (over) throw new Error('this write is over: its query builder must not be kept');
    return use(connection);
  };
  return {
    db: new Transaction<S>(propsOf(language, lend)),
    end: () => {
      over = true;
    },
  };
}

/** The same statement with other values. */
export function withValues<R>(query: CompiledQuery<R>, parameters: readonly unknown[]): CompiledQuery<R> {
  return { ...query, parameters };
}
