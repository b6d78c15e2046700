/**
 * Group commit. All writes that were asked for meanwhile share one transaction and one flush of the disk:
 *
 *   BEGIN IMMEDIATE · work of each write · COMMIT · flush · all promises resolve
 *
 * When one of them throws, the transaction is rolled back and made again with a savepoint around each, so that only that
 * one is undone: a savepoint copies every page before it is changed, which is more work than the change.
 *
 * The flush runs beside the event loop and after the file's lock was given back, so neither this process nor another
 * one waits for the disk; what is asked for until it ends makes the next transaction.
 *
 * The SQLite connection is synchronous, so a `work` that awaits only its own statements runs to its end without the
 * event loop turning once. If the loop does turn while a work is unfinished, that work waits for something else (most
 * often for another write, which could never start), and it is rolled back alone.
 */

import { setTimeout as delay } from 'node:timers/promises';
import type { Transaction } from 'kysely';
import type { Logger } from 'pino';
import { CommitUnknown, isSqliteBusy, JournalAway, JournalBusy, JournalMisuse } from './database-errors.ts';
import type { SqliteConnection } from './dialect-sqlite.ts';

/** Resolves when everything committed so far is on the disk. */
export type Flush = () => Promise<void>;

const DISK = 'Check the disk: is it full or failing?';

/**
 * While many writes come, the next transaction waits for so long that it holds many of them, milliseconds: each begins,
 * ends and writes the pages that all of them touch once. Whoever writes alone waits for nobody.
 */
const gatherMs = 4;
const manyWrites = 4;

/** Bounds the time that one transaction keeps the event loop and the file's lock. */
const mostWrites = 256;

type Settled = { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly error: unknown };

interface Waiting<S> {
  readonly work: (db: Transaction<S>) => Promise<unknown>;
  readonly settle: (result: Settled) => void;
}

/** Works that wait for what cannot come; begun again they would ask for it twice. */
type Stuck<S> = Map<Waiting<S>, Settled>;

interface Scope<S> {
  readonly db: Transaction<S>;
  end(): void;
}

const stuck = 'a write waited for something other than its own statements, perhaps for another write: it was undone';

/** Runs one work to its end, or gives it up when the event loop turns first. */
function finish<S>(waiting: Waiting<S>, scope: Scope<S>): Promise<Settled> {
  return new Promise((resolve) => {
    const guard = setImmediate(() => resolve({ ok: false, error: new JournalMisuse(stuck) }));
    function done(result: Settled): void {
      clearImmediate(guard);
      resolve(result);
    }
    Promise.resolve(scope.db)
      .then(waiting.work)
      .then(
        (value) => done({ ok: true, value }),
        (error: unknown) => done({ ok: false, error }),
      );
  });
}

function rollBack(writer: SqliteConnection): void {
  if (writer.inTransaction) writer.exec('rollback');
}

/** False when another process has the lock. */
function begin(writer: SqliteConnection): boolean {
  try {
    writer.exec('begin immediate');
    return true;
  } catch (error) {
    if (isSqliteBusy(error)) return false;
    throw new JournalAway('journal: cannot start a transaction', { cause: error });
  }
}

async function beginPatiently(writer: SqliteConnection, patienceMs: number): Promise<void> {
  const until = performance.now() + patienceMs;
  while (!begin(writer)) {
    if (performance.now() > until) throw new JournalBusy('journal: locked by another process');
    await delay(1 + Math.random() * 4);
  }
}

function commit(writer: SqliteConnection): void {
  try {
    writer.exec('commit');
  } catch (error) {
    rollBack(writer);
    throw new CommitUnknown('journal: COMMIT failed', { cause: error, hint: DISK });
  }
}

async function flushed(flush: Flush): Promise<void> {
  try {
    await flush();
  } catch (error) {
    throw new CommitUnknown('journal: what was committed did not reach the disk', { cause: error, hint: DISK });
  }
}

/** The writes of one SQLite connection, which nothing else may use. */
export class GroupCommit<S> {
  readonly #writer: SqliteConnection;
  readonly #openScope: () => Scope<S>;
  readonly #log: Logger;
  readonly #flush: Flush;
  readonly #patienceMs: number;
  #queue: Waiting<S>[] = [];
  #running: Promise<void> | undefined;
  #lastWrites = 0;

  /**
   * `openScope` gives the query builder for one write; `flush` makes durable what COMMIT alone does not; `patienceMs` is
   * how long writes wait for the file's lock in all.
   */
  constructor(writer: SqliteConnection, openScope: () => Scope<S>, log: Logger, flush: Flush, patienceMs = 30_000) {
    this.#writer = writer;
    this.#openScope = openScope;
    this.#log = log;
    this.#flush = flush;
    this.#patienceMs = patienceMs;
  }

  /** Resolves when the transaction that holds this write is durable. */
  write<T>(work: (db: Transaction<S>) => Promise<T>): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      const settle = (result: Settled): void => {
        // The value is what this very work gave.
        if (result.ok) resolve(result.value as T);
        else reject(result.error);
      };
      this.#queue.push({ work, settle });
      this.#running ??= this.#run();
    });
  }

  /** Resolves when nothing is queued or under way. */
  async idle(): Promise<void> {
    while (this.#running !== undefined) await this.#running;
  }

  async #run(): Promise<void> {
    while (this.#queue.length > 0) {
      await this.#gather();
      await this.#turn();
    }
    this.#running = undefined;
  }

  #gather(): Promise<void> {
    const isBusy = this.#lastWrites >= manyWrites && this.#queue.length < mostWrites;
    return new Promise((resolve) => {
      if (isBusy) setTimeout(resolve, gatherMs);
      else setImmediate(resolve);
    });
  }

  async #turn(): Promise<void> {
    let batch: readonly Waiting<S>[] = this.#queue;
    try {
      await beginPatiently(this.#writer, this.#patienceMs);
      batch = this.#queue.splice(0, mostWrites);
      this.#lastWrites = batch.length;
      const results = await this.#runBatch(batch);
      await flushed(this.#flush);
      for (const [index, result] of results.entries()) batch[index]?.settle(result);
    } catch (error) {
      if (batch === this.#queue) this.#queue = [];
      this.#log.error({ err: error, writes: batch.length }, 'journal writes failed');
      for (const waiting of batch) waiting.settle({ ok: false, error });
    }
  }

  async #runBatch(batch: readonly Waiting<S>[]): Promise<readonly Settled[]> {
    try {
      const stuck: Stuck<S> = new Map();
      const results = (await this.#runPlainly(batch, stuck)) ?? (await this.#runApart(batch, stuck));
      commit(this.#writer);
      return results;
    } catch (error) {
      rollBack(this.#writer);
      if (error instanceof CommitUnknown) throw error;
      throw new JournalAway('journal: the transaction was lost', { cause: error });
    }
  }

  /** undefined when one failed: nothing was done then, and a new transaction is open. */
  async #runPlainly(batch: readonly Waiting<S>[], stuck: Stuck<S>): Promise<readonly Settled[] | undefined> {
    const results: Settled[] = [];
    for (const waiting of batch) {
      const result = await this.#work(waiting);
      if (result.ok) results.push(result);
      else {
        if (result.error instanceof JournalMisuse) stuck.set(waiting, result);
        break;
      }
    }
    if (results.length === batch.length) return results;
    rollBack(this.#writer);
    await beginPatiently(this.#writer, this.#patienceMs);
    return undefined;
  }

  async #runApart(batch: readonly Waiting<S>[], stuck: Stuck<S>): Promise<readonly Settled[]> {
    const results: Settled[] = [];
    for (const waiting of batch) results.push(stuck.get(waiting) ?? (await this.#runInSavepoint(waiting)));
    return results;
  }

  async #work(waiting: Waiting<S>): Promise<Settled> {
    const scope = this.#openScope();
    const result = await finish(waiting, scope);
    scope.end();
    return result;
  }

  async #runInSavepoint(waiting: Waiting<S>): Promise<Settled> {
    this.#writer.exec('savepoint w');
    const result = await this.#work(waiting);
    // SQLite undoes the whole transaction by itself when the disk is full or fails.
    if (!this.#writer.inTransaction) throw result.ok ? new Error('the transaction vanished') : result.error;
    if (!result.ok) this.#writer.exec('rollback to w');
    this.#writer.exec('release w');
    return result;
  }
}
