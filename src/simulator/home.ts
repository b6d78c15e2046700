/**
 * The home of an account as real files below the simulator's folder. Every path of a call is taken apart, must lie in
 * the home, and may not leave it through a link either.
 */
import {
  chmodSync,
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  type Stats,
  statSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join, normalize, relative } from 'node:path';
import { type AccountContext, Refusal } from './handler.ts';
import { table } from './state.ts';

/** How often a path was changed by a call: what a call does to files must be seen by the referee too. */
export interface FileMark {
  readonly user: string;
  readonly times: number;
}

/** Key: 'user/path'. */
export const fileMarks = table<FileMark>('fileMarks', { group: (mark) => mark.user });

/** One entry of a folder. */
export interface HomeEntry {
  /** As cPanel says it: '/home/bob/public_html/a.txt'. */
  readonly path: string;
  readonly stats: Stats;
}

export interface Home {
  /** '/home/bob/x' or 'x' → '/home/bob/x'. Refuses what is not in the home. */
  path(given: string): string;
  /** Where a path of the home is on this machine; parents are checked for links that lead away. */
  real(path: string): string;
  stat(path: string): Stats | undefined;
  list(path: string): readonly HomeEntry[];
  read(path: string): Buffer;
  write(path: string, content: string | Buffer): void;
  makeFolder(path: string, mode: number): void;
  rename(from: string, to: string): void;
  copy(from: string, to: string): void;
  remove(path: string): void;
  chmod(path: string, mode: number): void;
  mark(path: string): void;
}

const SKELETON = ['public_html', 'mail', 'etc', 'public_ftp', 'tmp', 'logs', '.htpasswds'] as const;

/** Makes a home with cPanel's folders; does nothing where there is one. */
export function makeHome(root: string): void {
  if (existsSync(root)) return;
  for (const name of SKELETON) mkdirSync(join(root, name), { recursive: true, mode: 0o755 });
}

function outside(given: string): Refusal {
  return new Refusal(`You do not have permission to access “${given}”.`);
}

/** The file or folder itself when it is there, else the nearest parent that is: with links followed. */
function nearest(path: string): string {
  return existsSync(path) ? realpathSync(path) : nearest(dirname(path));
}

/** Opens the home of the account that the call is for; made with cPanel's folders when it is not there yet. */
export function homeOf(context: Pick<AccountContext, 'account' | 'host' | 'state' | 'user'>): Home {
  const { account, host, state, user } = context;
  if (host.files === undefined) throw new Refusal('The home directory is not available.');
  const disk = host.files.root;
  const root = join(disk, account.homedir);
  makeHome(root);
  const top = realpathSync(root);
  const isIn = (path: string): boolean => path === top || path.startsWith(`${top}/`);

  function path(given: string): string {
    if (given.includes('\0')) throw outside(given);
    const whole = normalize(given.startsWith('/') ? given : `${account.homedir}/${given}`).replace(/(.)\/+$/u, '$1');
    if (whole !== account.homedir && !whole.startsWith(`${account.homedir}/`)) throw outside(given);
    return whole;
  }
  function real(given: string): string {
    const at = join(disk, path(given));
    if (!isIn(nearest(dirname(at))) && at !== root) throw outside(given);
    return at;
  }
  /** Follows the last link too: what is read or written must lie in the home as well. */
  function target(given: string): string {
    const at = real(given);
    if (existsSync(at) && !isIn(realpathSync(at))) throw outside(given);
    return at;
  }
  function mark(given: string): void {
    const key = `${user}/${relative(account.homedir, path(given))}`;
    const before = state.of(fileMarks).get(key)?.times ?? 0;
    state.of(fileMarks).set(key, { user, times: before + 1 });
  }
  return {
    path,
    real,
    mark,
    stat: (given) => lstatSync(real(given), { throwIfNoEntry: false }),
    list: (given) =>
      readdirSync(target(given))
        .sort()
        .map((name) => ({ path: `${path(given)}/${name}`, stats: lstatSync(join(target(given), name)) })),
    read: (given) => readFileSync(target(given)),
    write(given, content) {
      writeFileSync(target(given), content);
      mark(given);
    },
    makeFolder(given, mode) {
      mkdirSync(real(given), { mode });
      mark(given);
    },
    rename(from, to) {
      renameSync(real(from), real(to));
      mark(from);
      mark(to);
    },
    copy(from, to) {
      cpSync(target(from), real(to), { recursive: true, verbatimSymlinks: true });
      mark(to);
    },
    remove(given) {
      if (path(given) === account.homedir) throw outside(given);
      rmSync(real(given), { recursive: true, force: true });
      mark(given);
    },
    chmod(given, mode) {
      chmodSync(target(given), mode);
      mark(given);
    },
  };
}

/** Bytes of everything below a folder. */
export function sizeOf(folder: string): number {
  const stats = statSync(folder, { throwIfNoEntry: false });
  if (stats === undefined) return 0;
  if (!stats.isDirectory()) return stats.size;
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => !entry.isSymbolicLink())
    .reduce((sum, entry) => sum + sizeOf(join(folder, entry.name)), 0);
}

/** 'a.txt' of '/home/bob/a.txt'. */
export function nameOf(path: string): string {
  return basename(path);
}
