/** Backups of an account into its home directory: work that goes on after the answer. */
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import type { AccountContext, AccountHandler, Entry, Module, Result } from '../handler.ts';
import { no, ok } from '../handler.ts';
import { homeOf } from '../home.ts';
import { Refusal } from '../params.ts';
import { table } from '../state.ts';
import { mysqlStore } from './database-store.ts';
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

/** What is in it: the home without older backups, and a dump of each database. Made at once; told to be under way. */
function pack(context: AccountContext, file: string, withHome: boolean): void {
  const { account, host, state, user } = context;
  if (host.files === undefined) return;
  const home = homeOf(context);
  const held = mkdtempSync(join(tmpdir(), 'simulated-backup-'));
  const top = join(held, file.replace(/\.tar\.gz$/u, ''));
  try {
    mkdirSync(join(top, 'mysql'), { recursive: true });
    for (const { name } of state.of(mysqlStore.mappedDatabases).by(user))
      writeFileSync(join(top, 'mysql', `${name}.sql`), '-- dump\n');
    if (withHome) {
      const real = home.real(account.homedir);
      const isOld = (from: string): boolean => dirname(from) === real && /^backup-.*\.tar\.gz$/u.test(basename(from));
      cpSync(real, join(top, 'homedir'), { recursive: true, verbatimSymlinks: true, filter: (from) => !isOld(from) });
    }
    const done = spawnSync('tar', ['-C', held, '-czf', home.real(file), basename(top)], { encoding: 'utf8' });
    if (done.status !== 0) throw new Refusal(done.stderr.slice(0, 200));
    home.mark(file);
  } finally {
    rmSync(held, { recursive: true, force: true });
  }
}

function start(context: AccountContext): Result {
  const { host, params, state, user } = context;
  const startedAt = host.now();
  const pid = String(state.next('pid', 20_000 + Math.floor(host.random() * 1_000)));
  const row = { user, file: fileName(startedAt, user), pid, startedAt, readyAt: startedAt + BACKUP_MS };
  pack(context, row.file, params.get('homedir') !== 'skip');
  state.of(backups).set(`${user}/${pid}`, row);
  return ok({ pid });
}

function isThere(context: AccountContext, file: string): boolean {
  return context.host.files === undefined || homeOf(context).stat(file) !== undefined;
}

function listFull(context: AccountContext): Result {
  const { host, state, user } = context;
  const rows = state
    .of(backups)
    .by(user)
    .filter((backup) => isThere(context, backup.file));
  return ok(
    rows.map((backup) => ({
      file: backup.file,
      localtime: localTime(backup.startedAt),
      status: host.now() >= backup.readyAt ? 'complete' : 'inprogress',
      time: String(Math.floor(backup.startedAt / 1000)),
    })),
  );
}

/** Files of a backup that lies in the home, back to where they were, or below `directory`. */
function restoreFiles(context: AccountContext): Result {
  const { account, params } = context;
  const home = homeOf(context);
  const source = home.path(params.require('backup'));
  if (home.stat(source)?.isFile() !== true) return no(`The backup file “${source}” does not exist.`);
  const to = home.path(params.get('directory') ?? account.homedir);
  const top = basename(source).replace(/\.tar\.gz$/u, '');
  const args = ['-C', home.real(to), '-xzf', home.real(source), '--strip-components=2', '--no-same-owner'];
  const done = spawnSync('tar', [...args, `${top}/homedir`], { encoding: 'utf8' });
  if (done.status !== 0) return no(`The backup file “${source}” could not be restored.`);
  home.mark(to);
  return ok({ log_id: 'restorefiles', log_path: `${account.homedir}/.cpanel/logs/restorefiles`, messages: ['Done.'] });
}

/** The server's own backups, of which it has none. */
function listBackups(): Result {
  return ok([]);
}

const uapi: Readonly<Record<string, Entry<AccountHandler>>> = {
  'Backup::fullbackup_to_homedir': start,
  'Backup::list_backups': listBackups,
  'Backup::restore_files': { run: restoreFiles, params: ['backup-#'] },
};

const api2: Readonly<Record<string, Entry<AccountHandler>>> = {
  'Backups::listfullbackups': { run: listFull, params: [] },
};

export const backup: Module = { uapi, api2, hooks: ownedHooks(backups) };
