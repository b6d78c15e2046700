import { AppError } from '../errors.ts';

/** The answer to COMMIT was lost: the transaction may or may not have happened. Look its ids up. */
export class CommitUnknown extends AppError {
  readonly code = 'journal.commit-unknown';
  readonly retry = 'later';
}

/** The journal cannot be reached, or answers with a failure of its own. Nothing was written. */
export class JournalAway extends AppError {
  readonly code = 'journal.away';
  readonly retry = 'later';
}

/** Others kept the journal locked for too long. Nothing was written. */
export class JournalBusy extends AppError {
  readonly code = 'journal.busy';
  readonly retry = 'later';
}

/** The journal was used in a way that cannot work: a programming error. The write was rolled back. */
export class JournalMisuse extends AppError {
  readonly code = 'journal.misuse';
  readonly retry = 'never';
}

/** The journal was written by a newer Tandem. */
export class JournalTooNew extends AppError {
  readonly code = 'journal.too-new';
  readonly retry = 'never';
}

/** What database drivers put on their errors; each driver fills a part. */
interface DriverError {
  readonly code?: unknown;
  readonly errcode?: unknown;
  readonly errno?: unknown;
  readonly fatal?: unknown;
}

function driverError(error: unknown): DriverError {
  return typeof error === 'object' && error !== null ? error : {};
}

/** MariaDB's error number, undefined when the error did not come from its server. */
export function errnoOf(error: unknown): number | undefined {
  const { errno } = driverError(error);
  return typeof errno === 'number' ? errno : undefined;
}

// SQLITE_CONSTRAINT_PRIMARYKEY, SQLITE_CONSTRAINT_UNIQUE: https://sqlite.org/rescode.html
const sqliteDuplicates: ReadonlySet<unknown> = new Set([1555, 2067]);

/** Whether an insert or update met a row with the same key, on either database. */
export function isDuplicate(error: unknown): boolean {
  return errnoOf(error) === 1062 || sqliteDuplicates.has(driverError(error).errcode);
}

/** SQLITE_BUSY and its extended codes (snapshot, recovery): another connection holds the lock. */
export function isSqliteBusy(error: unknown): boolean {
  const { errcode } = driverError(error);
  return typeof errcode === 'number' && (errcode & 0xff) === 5;
}

// Deadlock or failed Galera certification, lock wait time-out, snapshot conflict, node not ready:
// https://mariadb.com/kb/en/mariadb-error-codes/
const mariadbConflicts: ReadonlySet<unknown> = new Set([1213, 1205, 1020, 1047]);

/** Whether MariaDB gave the transaction up in favour of another, so that all of it may be made again. */
export function isConflict(error: unknown): boolean {
  return mariadbConflicts.has(errnoOf(error));
}

// ER_SERVER_SHUTDOWN, ER_NORMAL_SHUTDOWN, ER_CONNECTION_KILLED, ER_CON_COUNT_ERROR, ER_UNKNOWN_COM_ERROR
const mariadbGone: ReadonlySet<unknown> = new Set([1053, 1077, 1927, 1040]);
const lostCodes = /^(PROTOCOL_|ECONN|EPIPE|ETIMEDOUT|EHOST|ENET|ENOTFOUND|EAI_AGAIN|ENOENT|POOL_CLOSED)/;

/** Whether the connection to MariaDB broke, timed out or could not be made. */
export function isConnectionLost(error: unknown): boolean {
  const { code, fatal } = driverError(error);
  if (mariadbGone.has(errnoOf(error))) return true;
  return (typeof code === 'string' && lostCodes.test(code)) || (fatal === true && !isConflict(error));
}
