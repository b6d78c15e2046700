/**
 * The journal on MariaDB (one server, or Galera): a transaction for each write, READ COMMITTED.
 *
 *   take a connection · BEGIN · work · COMMIT
 *     conflict (deadlock, lock wait, failed certification) anywhere   → rolled back, all of it again, a little later
 *     connection lost before COMMIT was sent                          → nothing happened: again on a new connection
 *     connection lost during COMMIT                                   → CommitUnknown: the caller looks its ids up
 */

import { AsyncLocalStorage } from 'node:async_hooks';
import { setTimeout as delay } from 'node:timers/promises';
import { sql, type Transaction } from 'kysely';
import { AppError } from '../errors.ts';
import type { Journal, JournalOptions, MariadbConfig } from './database.ts';
import {
  CommitUnknown,
  errnoOf,
  isConflict,
  isConnectionLost,
  JournalAway,
  JournalBusy,
  JournalMisuse,
} from './database-errors.ts';
import { preparer } from './database-prepare.ts';
import { queriesOver, transactionOver } from './dialect-kysely.ts';
import { type MysqlConnection, type MysqlPool, mariadbLanguage, mysqlPool } from './dialect-mysql.ts';

const readers = 5;
const writers = 10;
const mostTries = 12;
const firstPauseMs = 4;
const longestPauseMs = 250;
const notReady = 1047;

type Work<S, T> = (db: Transaction<S>) => Promise<T>;

function pause(attempt: number): Promise<void> {
  return delay(Math.random() * Math.min(longestPauseMs, firstPauseMs * 2 ** attempt));
}

async function rollBack(connection: MysqlConnection): Promise<void> {
  try {
    await connection.command('rollback');
    connection.release();
  } catch {
    // Without a sure rollback the connection is worth nothing; the server rolls back when it is gone.
    connection.destroy();
  }
}

async function commit(connection: MysqlConnection): Promise<void> {
  try {
    await connection.command('commit');
  } catch (error) {
    // "Node not ready" is a conflict before COMMIT; as the answer to it, it proves nothing.
    if (isConflict(error) && errnoOf(error) !== notReady) throw error;
    throw new CommitUnknown('journal: the answer to COMMIT was lost', { cause: error });
  }
}

/** One try of a write. The connection goes back to the pool, or is destroyed when its state is not known. */
async function attempt<S, T>(pool: MysqlPool, work: Work<S, T>): Promise<T> {
  const connection = await pool.take();
  const scope = transactionOver<S>(mariadbLanguage, connection);
  try {
    await connection.command('begin');
    const value = await work(scope.db);
    scope.end();
    await commit(connection);
    connection.release();
    return value;
  } catch (error) {
    scope.end();
    if (error instanceof CommitUnknown) connection.destroy();
    else await rollBack(connection);
    throw error;
  }
}

function mayRepeat(error: unknown): boolean {
  return !(error instanceof CommitUnknown) && (isConflict(error) || isConnectionLost(error));
}

function away(error: unknown, what: string): JournalAway {
  return new JournalAway(`journal: ${what} failed, MariaDB cannot be used`, {
    cause: error,
    hint: 'Check that MariaDB runs and that host, port, database, user and password are right.',
  });
}

function explain(error: unknown, what: string): unknown {
  if (error instanceof CommitUnknown) return error;
  if (isConflict(error)) return new JournalBusy(`journal: ${what} kept meeting other transactions`, { cause: error });
  return isConnectionLost(error) ? away(error, what) : error;
}

async function again<T>(what: string, once: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await once();
    } catch (error) {
      if (tries >= mostTries || !mayRepeat(error)) throw explain(error, what);
      await pause(tries);
    }
  }
}

async function lend<T>(pool: MysqlPool, use: (connection: MysqlConnection) => Promise<T>): Promise<T> {
  const connection = await pool.take();
  try {
    const value = await use(connection);
    connection.release();
    return value;
  } catch (error) {
    if (isConnectionLost(error)) connection.destroy();
    else connection.release();
    throw error;
  }
}

/** Opens the journal in a MariaDB database. Throws JournalAway when the server does not answer. */
export async function openMariadb<S>(config: MariadbConfig, { log }: JournalOptions): Promise<Journal<S>> {
  const readPool = mysqlPool(config, readers, true);
  const writePool = mysqlPool(config, writers, false);
  const reads = queriesOver<S>(mariadbLanguage, (use) => again('a read', () => lend(readPool, use)));
  const inside = new AsyncLocalStorage<true>();
  const under = new Set<Promise<unknown>>();
  const now = () => sql<number>`cast(unix_timestamp(current_timestamp(3)) * 1000 as unsigned)`;
  let closed = false;

  async function close(): Promise<void> {
    closed = true;
    await Promise.allSettled(under);
    await Promise.all([readPool.end(), writePool.end()]);
  }

  async function track<T>(started: Promise<T>): Promise<T> {
    under.add(started);
    try {
      return await started;
    } finally {
      under.delete(started);
    }
  }

  function open(): void {
    if (closed) throw new JournalMisuse('the journal is closed');
  }

  try {
    await again('opening', () => lend(writePool, (connection) => connection.command('select 1')));
  } catch (error) {
    await close();
    throw error instanceof AppError ? error : away(error, 'opening');
  }
  log.debug({ host: config.host, database: config.database }, 'journal opened');
  return {
    kind: 'mariadb',
    async read(work) {
      open();
      return track(work(reads));
    },
    async write(work) {
      open();
      if (inside.getStore() === true) throw new JournalMisuse('a write inside a write');
      return track(again('a write', () => inside.run(true, () => attempt(writePool, work))));
    },
    prepare: preparer(reads, now),
    now,
    close,
  };
}
