import koffi, { type LibraryHandle } from 'koffi';
import { AppError } from '../errors.ts';
import type { Stretch } from './memory.ts';

/** System calls that Node has not got. Paths are byte strings; nothing follows a link in the last component. */
export interface Native {
  /** Moves; fails with EEXIST when something is at `to`. */
  renameNew(from: string, to: string): void;
  /** Swaps two existing names in one step. */
  exchange(one: string, two: string): void;
  /** Sets access and modification time, nanoseconds since 1970, decimal. */
  setTime(path: string, nanoseconds: string): void;
  /** The same for an open file. */
  setTimeOf(fd: number, nanoseconds: string): void;
  attributeNames(path: string): string[];
  /** The same for an open file. */
  attributeNamesOf(fd: number): string[];
  attribute(path: string, name: string): Buffer | undefined;
  setAttribute(path: string, name: string, value: Buffer): void;
  removeAttribute(path: string, name: string): void;
  /** Takes the file for this process alone until it ends. False when another has it. */
  lock(fd: number): boolean;
  /** Everything written to the file system of `fd` so far is on disk when it resolves. */
  syncFileSystem(fd: number): Promise<void>;
  /** Gives memory that the C library holds and nobody uses back to the system. */
  trimMemory(): void;
  /** Takes pages of files out of this process; they are read again when they are touched. Nothing in them may be changed. */
  letGo(stretch: Stretch): void;
}

/** A system call said no; `code` as in Node: 'ENOENT', 'EEXIST' … */
export class CallFailed extends Error {
  readonly code: string;
  constructor(call: string, code: string) {
    super(`${call}: ${code}`);
    this.code = code;
  }
}

/** This machine's C library lacks what file sync needs. */
export class NoNative extends AppError {
  readonly code = 'filesync.no-native';
  readonly retry = 'never';
}

const here = -100;
const noReplace = 1;
const swap = 2;
const noFollow = 0x100;
const lockNow = 6;
const notNeeded = 4;

const names = new Map(Object.entries(koffi.os.errno).map(([name, number]) => [number, name]));

function zero(path: string): Buffer {
  return Buffer.from(`${path}\0`, 'latin1');
}

/** The error of the call that just failed. */
export function callFailed(call: string): CallFailed {
  return new CallFailed(call, names.get(koffi.errno()) ?? `errno ${koffi.errno()}`);
}

/** Loads the C library. Throws NoNative when it is not glibc 2.28 or later. */
export function openNative(): Native {
  try {
    return bound(koffi.load('libc.so.6'));
  } catch (cause) {
    throw new NoNative('file sync needs glibc 2.28 or later on this machine', { cause });
  }
}

const times = new BigInt64Array(4);

/** Access and modification time for the kernel, in memory that the next call uses again. */
function timesOf(nanoseconds: string): BigInt64Array {
  const whole = BigInt(nanoseconds);
  times[0] = times[2] = whole / 1_000_000_000n;
  times[1] = times[3] = whole % 1_000_000_000n;
  return times;
}

function bound(libc: LibraryHandle): Native {
  const renameat2 = libc.func('int renameat2(int, const uint8_t*, int, const uint8_t*, unsigned int)');
  const utimensat = libc.func('int utimensat(int, const uint8_t*, const int64_t*, int)');
  const futimens = libc.func('int futimens(int, const int64_t*)');
  const list = libc.func('long llistxattr(const uint8_t*, uint8_t*, size_t)');
  const listOf = libc.func('long flistxattr(int, uint8_t*, size_t)');
  const get = libc.func('long lgetxattr(const uint8_t*, const uint8_t*, uint8_t*, size_t)');
  const set = libc.func('int lsetxattr(const uint8_t*, const uint8_t*, const uint8_t*, size_t, int)');
  const remove = libc.func('int lremovexattr(const uint8_t*, const uint8_t*)');
  const syncfs = libc.func('int syncfs(int)');
  const mallocTrim = libc.func('int malloc_trim(size_t)');
  const madvise = libc.func('int madvise(uintptr_t, size_t, int)');
  const flock = libc.func('int flock(int, int)');
  const space = Buffer.alloc(65_536);
  const rename = (from: string, to: string, how: number): void => {
    if (renameat2(here, zero(from), here, zero(to), how) !== 0) throw callFailed('renameat2');
  };
  const namesIn = (answer: number | bigint, call: string): string[] => {
    const length = Number(answer);
    if (length === 0) return [];
    if (length > 0)
      return space
        .toString('latin1', 0, length)
        .split('\0')
        .filter((name) => name !== '');
    const error = callFailed(call);
    if (error.code === 'ENOTSUP' || error.code === 'EOPNOTSUPP') return [];
    throw error;
  };
  return {
    renameNew: (from, to) => rename(from, to, noReplace),
    exchange: (one, two) => rename(one, two, swap),
    setTime(path, nanoseconds) {
      if (utimensat(here, zero(path), timesOf(nanoseconds), noFollow) !== 0) throw callFailed('utimensat');
    },
    setTimeOf(fd, nanoseconds) {
      if (futimens(fd, timesOf(nanoseconds)) !== 0) throw callFailed('futimens');
    },
    attributeNames: (path) => namesIn(list(zero(path), space, space.length), 'llistxattr'),
    attributeNamesOf: (fd) => namesIn(listOf(fd, space, space.length), 'flistxattr'),
    attribute(path, name) {
      const length = Number(get(zero(path), zero(name), space, space.length));
      if (length >= 0) return Buffer.from(space.subarray(0, length));
      const error = callFailed('lgetxattr');
      if (error.code === 'ENODATA') return undefined;
      throw error;
    },
    setAttribute(path, name, value) {
      if (set(zero(path), zero(name), value, value.length, 0) !== 0) throw callFailed('lsetxattr');
    },
    removeAttribute(path, name) {
      if (remove(zero(path), zero(name)) !== 0) throw callFailed('lremovexattr');
    },
    trimMemory: () => void mallocTrim(0),
    // It is advice: a kernel that does not follow it leaves everything as it is.
    letGo: ({ from, length }) => void madvise(from, length, notNeeded),
    lock: (fd) => flock(fd, lockNow) === 0,
    syncFileSystem: (fd) =>
      new Promise((resolve, reject) => {
        syncfs.async(fd, (error: unknown, result: number) => {
          if (error === null && result === 0) resolve();
          else reject(error ?? new CallFailed('syncfs', 'EIO'));
        });
      }),
  };
}
