import type { Compilable, Kysely, RawBuilder, Transaction } from 'kysely';
import type { Logger } from 'pino';
import { openSqlite } from './database-sqlite.ts';
import type { Schema } from './schema.ts';

export interface SqliteConfig {
  readonly kind: 'sqlite';
  /** Made when missing. Its folder must be on a local disk: WAL does not work over a network. */
  readonly file: string;
}

export interface MariadbConfig {
  readonly kind: 'mariadb';
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
  readonly database: string;
  /** PEM of the authority that signed the server's certificate; without it the connection is not encrypted. */
  readonly ca?: string;
}

export type JournalConfig = SqliteConfig | MariadbConfig;

export interface JournalOptions {
  readonly log: Logger;
}

/** What a statement that is run again and again gives back. */
export interface PreparedResult<R> {
  readonly rows: readonly R[];
  /** Rows that an insert, update or delete met; an update that changes nothing counts too, on both databases. */
  readonly changes: number;
}

/** Builds a statement from placeholders; `now` is the database's clock. */
export type Build<S, P, R> = (db: Kysely<S>, values: P, now: RawBuilder<number>) => Compilable<R>;

export type Prepared<S, P, R> = (db: Kysely<S>, values: P) => Promise<PreparedResult<R>>;

/** The SQL tables, on SQLite or MariaDB. `S` is their shape; only tests use another than Schema. */
export interface Journal<S = Schema> {
  readonly kind: 'sqlite' | 'mariadb';
  /**
   * Reads what is committed. Each statement sees its own moment. Writing here fails.
   * Throws JournalAway when the database cannot be reached.
   */
  read<T>(work: (db: Kysely<S>) => Promise<T>): Promise<T>;
  /**
   * Runs `work` in one transaction and resolves when it is durable.
   *
   * `work` may await nothing but statements on the `db` it is given: on SQLite all writes of one turn of the event
   * loop share a transaction (each in a savepoint), on MariaDB a conflict with another transaction runs `work` again
   * from the start. A write inside a write throws JournalMisuse. When `work` throws, only its own changes are undone.
   *
   * Throws CommitUnknown when the answer to COMMIT was lost: look the ids up. JournalBusy, JournalAway: nothing written.
   */
  write<T>(work: (db: Transaction<S>) => Promise<T>): Promise<T>;
  /**
   * A statement that is built once and then run with other values: ten times cheaper than building it anew.
   * `build` sees placeholders instead of values (a list of them instead of a list): it may hand them to the query, and
   * must not look at them. The same function gives the same statement, so it is best one of a module.
   */
  prepare<P extends object, R>(build: Build<S, P, R>): Prepared<S, P, R>;
  /**
   * Another number whenever anything was committed since, by this or any other process; left out where the database
   * cannot tell. Costs microseconds: what was read under the same number is still true.
   */
  stamp?(): number;
  /** The database's clock as an SQL expression, milliseconds since 1970. */
  now(): RawBuilder<number>;
  /** Waits for the writes under way, then lets go of the database. */
  close(): Promise<void>;
}

/**
 * Opens the journal and checks that it answers. Throws JournalAway with the reason and what to do.
 * Tables are made by migrate().
 */
export async function openJournal<S = Schema>(config: JournalConfig, options: JournalOptions): Promise<Journal<S>> {
  if (config.kind === 'sqlite') return openSqlite<S>(config, options);
  const { openMariadb } = await import('./database-mariadb.ts');
  return openMariadb<S>(config, options);
}
