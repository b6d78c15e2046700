import { type FileHandle, open as openFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { sql } from 'kysely';
import type { Journal, JournalOptions, SqliteConfig } from './database.ts';
import { isSqliteBusy, JournalAway, JournalBusy, JournalMisuse } from './database-errors.ts';
import { type Flush, GroupCommit } from './database-group-commit.ts';
import { preparer } from './database-prepare.ts';
import { queriesOver, transactionOver } from './dialect-kysely.ts';
import { SqliteConnection, sqliteLanguage } from './dialect-sqlite.ts';

/** How long one try for the lock may block the process; between tries the event loop runs. */
const blockMs = 2;
/** Reads only wait while a WAL is being recovered or restarted. */
const readBlockMs = 2_000;
const openTriesMs = 10_000;
/**
 * A checkpoint writes each changed page once and waits for the disk, inside COMMIT and with the lock: 64 MB of WAL make
 * it rare, and most pages of it are the same ones again.
 */
const checkpointPages = 16_000;
/** Negative: KiB. What one transaction changes must fit, or it is written to the WAL twice. */
const cacheKib = -16_384;
/**
 * The file is read where the system's page cache already holds it, not copied page by page: a connection forgets all
 * its pages whenever the other process has committed, so it reads the same ones many times a second.
 */
const mappedBytes = 2 ** 30;

function connect(file: string): { reader: SqliteConnection; writer: SqliteConnection } {
  const writer = new SqliteConnection(file, blockMs);
  writer.exec('pragma journal_mode = wal');
  // COMMIT does not flush: openFlush does, beside the event loop and without the lock. Checkpoints still flush first.
  writer.exec('pragma synchronous = normal');
  writer.exec(`pragma wal_autocheckpoint = ${checkpointPages}`);
  writer.exec(`pragma cache_size = ${cacheKib}`);
  // What a savepoint would undo is kept in memory, not in a file of its own under /var/tmp.
  writer.exec('pragma temp_store = memory');
  writer.exec('pragma foreign_keys = on');
  const reader = new SqliteConnection(file, readBlockMs);
  reader.exec('pragma query_only = on');
  for (const connection of [reader, writer]) connection.exec(`pragma mmap_size = ${mappedBytes}`);
  return { reader, writer };
}

// Two processes that open a new file at once both want to turn WAL on, and one is told that it is locked.
async function connectPatiently(file: string) {
  const until = Date.now() + openTriesMs;
  for (;;) {
    try {
      return connect(file);
    } catch (error) {
      if (isSqliteBusy(error) && Date.now() < until) await delay(20 + Math.random() * 60);
      else if (isSqliteBusy(error))
        throw new JournalBusy(`journal ${file}: locked by another process`, { cause: error });
      else
        throw new JournalAway(`journal ${file}: cannot be opened`, {
          cause: error,
          hint: 'Check that its folder exists, is writable and has space.',
        });
    }
  }
}

/**
 * Flushes the WAL, which holds every commit since the last checkpoint, of all processes: what synchronous=FULL does
 * inside COMMIT. SQLite's locks lie on other files, so that closing this handle drops none of them.
 */
function openFlush(file: string): { readonly flush: Flush; close(): Promise<void> } {
  let handle: FileHandle | undefined;
  return {
    async flush() {
      // There as long as a connection is open; made by the first transaction.
      handle ??= await openFile(`${file}-wal`, 'r+');
      await handle.datasync();
    },
    close: async () => handle?.close(),
  };
}

/** Opens the journal in one SQLite file, WAL; each write is flushed to the disk. Several processes may share the file. */
export async function openSqlite<S>(config: SqliteConfig, { log }: JournalOptions): Promise<Journal<S>> {
  const { reader, writer } = await connectPatiently(config.file);
  const reads = queriesOver<S>(sqliteLanguage, (use) => use(reader));
  const wal = openFlush(config.file);
  const group = new GroupCommit<S>(writer, () => transactionOver<S>(sqliteLanguage, writer), log, wal.flush);
  const now = () => sql<number>`cast(round(unixepoch('subsec') * 1000) as integer)`;
  let closed = false;
  let stampOfTurn: number | undefined;
  function open(): void {
    if (closed) throw new JournalMisuse('the journal is closed');
  }
  return {
    kind: 'sqlite',
    async read(work) {
      open();
      return work(reads);
    },
    async write(work) {
      open();
      return group.write(work);
    },
    prepare: preparer(reads, now),
    stamp() {
      open();
      // Asked for several times by each request: once in a turn of the event loop is enough, as no write is told done in it.
      if (stampOfTurn === undefined) {
        stampOfTurn = reader.dataVersion();
        setImmediate(() => {
          stampOfTurn = undefined;
        });
      }
      return stampOfTurn;
    },
    now,
    async close() {
      closed = true;
      await group.idle();
      await wal.close();
      reader.close();
      // SQLite would do it at the last close, which comes only when the statements are collected.
      writer.exec('pragma wal_checkpoint(truncate)');
      writer.close();
    },
  };
}
