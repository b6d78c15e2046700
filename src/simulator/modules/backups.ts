/** Backups of an account into its home directory: work that goes on after the answer. */
import type { AccountContext, AccountHandler, Entry, Module, Result } from '../handler.ts';
import { ok } from '../handler.ts';
import { table } from '../state.ts';
import { ownedHooks } from './owned.ts';

export interface Backup {
  readonly user: string;
  readonly file: string;
  readonly pid: string;
  /** Milliseconds since 1970. */
  readonly startedAt: number;
  /** From then on it is complete. */
  readonly readyAt: number;
}

/** Key: 'user/pid'. */
export const backups = table<Backup>('backups', { group: (b) => b.user });

/** How long making one takes, milliseconds. */
export const BACKUP_MS = 2_000;

const DAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'] as const;
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'] as const;

function two(n: number): string {
  return String(n).padStart(2, '0');
}

function clock(date: Date, mark: string): string {
  return [date.getUTCHours(), date.getUTCMinutes(), date.getUTCSeconds()].map(two).join(mark);
}

/** 'backup-9.26.2012_14-21-14_bob.tar.gz'. */
function fileName(at: number, user: string): string {
  const date = new Date(at);
  const day = `${date.getUTCMonth() + 1}.${date.getUTCDate()}.${date.getUTCFullYear()}`;
  return `backup-${day}_${clock(date, '-')}_${user}.tar.gz`;
}

/** 'Wed Sep 26 14:21:14 2012'. */
function localTime(at: number): string {
  const date = new Date(at);
  const day = `${DAYS[date.getUTCDay()]} ${MONTHS[date.getUTCMonth()]} ${date.getUTCDate()}`;
  return `${day} ${clock(date, ':')} ${date.getUTCFullYear()}`;
}

function start(context: AccountContext): Result {
  const { host, state, user } = context;
  const startedAt = host.now();
  const pid = String(state.next('pid', 20_000 + Math.floor(host.random() * 1_000)));
  const row = { user, file: fileName(startedAt, user), pid, startedAt, readyAt: startedAt + BACKUP_MS };
  state.of(backups).set(`${user}/${pid}`, row);
  return ok({ pid });
}

function listFull(context: AccountContext): Result {
  const { host, state, user } = context;
  const rows = state.of(backups).by(user);
  return ok(
    rows.map((backup) => ({
      file: backup.file,
      localtime: localTime(backup.startedAt),
      status: host.now() >= backup.readyAt ? 'complete' : 'inprogress',
      time: String(Math.floor(backup.startedAt / 1000)),
    })),
  );
}

/** The server's own backups, of which it has none. */
function listBackups(): Result {
  return ok([]);
}

const uapi: Readonly<Record<string, Entry<AccountHandler>>> = {
  'Backup::fullbackup_to_homedir': start,
  'Backup::list_backups': listBackups,
};

const api2: Readonly<Record<string, Entry<AccountHandler>>> = {
  'Backups::listfullbackups': { run: listFull, params: [] },
};

export const backup: Module = { uapi, api2, hooks: ownedHooks(backups) };
