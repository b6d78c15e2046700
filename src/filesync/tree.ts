import { closeSync, constants, openSync, readdirSync } from 'node:fs';
import type { Fingerprint } from './model.ts';
import { openAt } from './open.ts';
import { here, type Stat, statAt } from './statx.ts';

const pathOnly = 0o10000000;
const directory = pathOnly | constants.O_DIRECTORY | constants.O_NOFOLLOW;

/** Nanosecond times and the rest of lstat. */
export interface Looked {
  readonly kind: 'file' | 'directory' | 'link' | 'other';
  readonly print: Fingerprint;
  readonly links: number;
  readonly device: number;
}

/** The bytes of a path for Node's functions. */
export function bytes(path: string): Buffer {
  return Buffer.from(path, 'latin1');
}

/** Code of a failed call, '' for another error. */
export function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';
}

/** Whether an error says that a path, or a directory above it, is not there. */
export function isGone(error: unknown): boolean {
  return ['ENOENT', 'ENOTDIR', 'ELOOP'].includes(codeOf(error));
}

/** For so long after a change a further one might not show in the times. */
export const raceMs = 40;

/** Whether a file's content was written so lately that a further write might not show in its times. */
export function isFresh({ mtime }: { readonly mtime: string | bigint }, nowMs: number): boolean {
  return Number(mtime) / 1e6 > nowMs - raceMs;
}

const kinds = new Map<number, Looked['kind']>([
  [constants.S_IFREG, 'file'],
  [constants.S_IFDIR, 'directory'],
  [constants.S_IFLNK, 'link'],
]);

/** What kind of thing a mode tells of. */
export function kindOf(mode: number): Looked['kind'] {
  return kinds.get(mode & constants.S_IFMT) ?? 'other';
}

/** What the kernel said of a path, as of `nowMs`. */
export function lookedAt(stat: Stat, nowMs: number): Looked {
  const { mode, links, uid, gid, ino, size, device, mtime, ctime } = stat;
  const isRacy = Math.max(Number(mtime), Number(ctime)) / 1e6 > nowMs - raceMs;
  const print: Fingerprint = {
    ino,
    size,
    mtime: String(mtime),
    ctime: String(ctime),
    mode: mode & 0o7777,
    uid,
    gid,
    ...(isRacy ? { racy: true } : {}),
  };
  return { kind: kindOf(mode), print, links, device };
}

/** What lies at a path, which is not followed; undefined when nothing does. */
export function look(path: string, nowMs: number): Looked | undefined {
  const stat = statAt(here, path);
  return stat === undefined ? undefined : lookedAt(stat, nowMs);
}

/**
 * A tree whose paths are walked component by component without following any link, so that whoever may write below it
 * cannot lead the agent out of it. Directories stay open until `forget`, which ends each batch.
 */
export class Tree {
  readonly name: string;
  readonly root: string;
  private readonly top: number;
  private readonly open = new Map<string, number>();
  private readonly listed = new Map<string, ReadonlyMap<string, string>>();

  constructor(name: string, root: string) {
    this.name = name;
    this.root = root;
    this.top = openSync(bytes(root), pathOnly | constants.O_DIRECTORY);
  }

  /** A path for system calls that stays inside, whatever is swapped above the last component. Throws ENOENT and the like. */
  at(relative: string): string {
    const slash = relative.lastIndexOf('/');
    return `/proc/self/fd/${this.above(relative, slash)}/${relative.slice(slash + 1)}`;
  }

  /** The open directory that a path lies in; `slash` is where its name begins, less one. */
  private above(relative: string, slash: number): number {
    return slash < 0 ? this.top : this.directory(relative.slice(0, slash));
  }

  /** What the kernel says of a path; undefined also when a directory above is missing or no directory. */
  stat(relative: string): Stat | undefined {
    const slash = relative.lastIndexOf('/');
    try {
      return statAt(this.above(relative, slash), relative === '' ? '.' : relative.slice(slash + 1));
    } catch (error) {
      if (isGone(error)) return undefined;
      throw error;
    }
  }

  /** Opens what lies at a path, whatever is swapped above the last component. Throws ENOENT and the like. */
  opened(relative: string, flags: number): number {
    const slash = relative.lastIndexOf('/');
    return openAt(this.above(relative, slash), relative.slice(slash + 1), flags);
  }

  private directory(relative: string): number {
    if (relative === '') return this.top;
    const known = this.open.get(relative);
    if (known !== undefined) return known;
    const fd = this.opened(relative, directory);
    this.open.set(relative, fd);
    return fd;
  }

  /** What lies there; undefined also when a directory above is missing or no directory. */
  look(relative: string, nowMs: number): Looked | undefined {
    const stat = this.stat(relative);
    return stat === undefined ? undefined : lookedAt(stat, nowMs);
  }

  /** Whether the directory above a path is there; it then stays open. */
  hasAbove(relative: string): boolean {
    try {
      this.at(relative);
      return true;
    } catch (error) {
      if (isGone(error)) return false;
      throw error;
    }
  }

  /** Names in a directory. */
  names(relative: string): string[] {
    const fd = this.directory(relative);
    return readdirSync(bytes(`/proc/self/fd/${fd}`), { encoding: 'latin1' });
  }

  /** The full name of the message in a Maildir folder; the folder is listed once until `forget`, or again when `fresh`. */
  message(relative: string, name: string, fresh: boolean): string | undefined {
    let listed = fresh ? undefined : this.listed.get(relative);
    if (listed === undefined) {
      listed = new Map(this.namesOrNone(relative).map((one) => [one.split(':', 1)[0] ?? one, one]));
      this.listed.set(relative, listed);
    }
    return listed.get(name);
  }

  private namesOrNone(relative: string): string[] {
    try {
      return this.names(relative);
    } catch (error) {
      if (isGone(error)) return [];
      throw error;
    }
  }

  /** Closes what `at` opened: after it, paths are walked anew. */
  forget(): void {
    for (const fd of this.open.values()) closeSync(fd);
    this.open.clear();
    this.listed.clear();
  }

  close(): void {
    this.forget();
    closeSync(this.top);
  }
}
