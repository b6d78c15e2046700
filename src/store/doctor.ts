import { type Kysely, sql } from 'kysely';
import type { Journal } from './database.ts';

export interface DoctorLine {
  /** Stable name of the check: 'journal.wal'. */
  readonly check: string;
  readonly ok: boolean;
  /** What was found, and when it is not right, what to do. */
  readonly sentence: string;
}

const mostClockDifferenceMs = 2_000;

function line(check: string, ok: boolean, found: string, remedy: string): DoctorLine {
  return { check, ok, sentence: ok ? found : `${found} ${remedy}` };
}

async function scalar<S>(db: Kysely<S>, expression: string): Promise<string> {
  const { rows } = await sql<Record<string, unknown>>`${sql.raw(expression)}`.execute(db);
  return String(Object.values(rows[0] ?? {})[0]);
}

/** The clock is asked between two looks at our own, so that a slow answer is not taken for a difference. */
async function clock<S>(journal: Journal<S>): Promise<DoctorLine> {
  const before = Date.now();
  const now = await journal.read(
    async (db) => (await sql<{ now: number }>`select ${journal.now()} as now`.execute(db)).rows[0]?.now ?? 0,
  );
  const after = Date.now();
  const difference = now < before ? before - now : Math.max(0, now - after);
  const found = `The journal's clock differs from this machine's by ${difference} ms.`;
  return line('journal.clock', difference <= mostClockDifferenceMs, found, 'Set both by NTP.');
}

async function sqlite<S>(db: Kysely<S>): Promise<readonly DoctorLine[]> {
  const mode = await scalar(db, 'pragma journal_mode');
  const version = await scalar(db, 'select sqlite_version()');
  const healthy = await scalar(db, 'pragma quick_check(1)');
  return [
    line('journal.version', true, `SQLite ${version}.`, ''),
    line(
      'journal.wal',
      mode === 'wal',
      `SQLite writes with journal_mode=${mode}.`,
      'It must be wal: is the file on a local disk?',
    ),
    line('journal.intact', healthy === 'ok', `SQLite's own check says: ${healthy}.`, 'Restore the file from a backup.'),
  ];
}

// The writer's setting, not the reader's: only the writer commits.
async function synchronous<S>(journal: Journal<S>): Promise<DoctorLine> {
  const level = await journal.write((db) => scalar(db, 'pragma synchronous'));
  return line(
    'journal.synchronous',
    level !== '0',
    `SQLite runs with synchronous=${level}, and each write is flushed to the disk before it counts.`,
    'It must be 1 (NORMAL) at least: else a power loss can spoil the file.',
  );
}

interface Variables {
  readonly flush: number;
  readonly binlog: number;
  readonly logBin: number;
  readonly doublewrite: number;
  readonly isolation: string;
  readonly version: string;
  readonly database: string;
}

const variables = sql<Variables>`select @@innodb_flush_log_at_trx_commit as flush, @@sync_binlog as binlog,
  @@log_bin as logBin, @@innodb_doublewrite as doublewrite, @@tx_isolation as isolation, @@version as version,
  @@collation_database as \`database\``;

function atLeast106(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major > 10 || (major === 10 && minor >= 6);
}

async function mariadb<S>(journal: Journal<S>): Promise<readonly DoctorLine[]> {
  const found = await journal.write(async (db) => (await variables.execute(db)).rows[0]);
  if (found === undefined) return [line('journal.version', false, 'MariaDB did not tell its settings.', '')];
  const { flush, binlog, logBin, isolation, version } = found;
  const flushed = `MariaDB commits with innodb_flush_log_at_trx_commit=${flush}.`;
  const bytes = found.database.endsWith('_bin');
  return [
    line('journal.version', atLeast106(version), `MariaDB ${version}.`, 'Tandem is tested with 10.6 and newer.'),
    line('journal.flush', flush === 1, flushed, 'It must be 1: else a power loss loses operations.'),
    line(
      'journal.doublewrite',
      found.doublewrite !== 0,
      `innodb_doublewrite=${found.doublewrite}.`,
      'Turn it on: a power loss can tear pages.',
    ),
    line(
      'journal.binlog',
      logBin === 0 || binlog === 1,
      `sync_binlog=${binlog}.`,
      'Set it to 1: a replica can lose what was accepted.',
    ),
    line(
      'journal.isolation',
      isolation === 'READ-COMMITTED',
      `Transactions run in ${isolation}.`,
      'It must be READ-COMMITTED.',
    ),
    line(
      'journal.collation',
      bytes,
      `Names are compared by ${found.database}.`,
      'It must end in _bin: run tandem migrate.',
    ),
  ];
}

/** Looks whether the journal keeps what it promises. Throws JournalAway when it does not answer. */
export async function doctorJournal<S>(journal: Journal<S>): Promise<readonly DoctorLine[]> {
  const own =
    journal.kind === 'sqlite' ? [...(await journal.read(sqlite)), await synchronous(journal)] : await mariadb(journal);
  return [...own, await clock(journal)];
}
