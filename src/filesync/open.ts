import { constants } from 'node:fs';
import koffi from 'koffi';
import { CallFailed, callFailed } from './native.ts';

/**
 * Opening by name from an open directory, and writing at once what is in memory: a first sync does both for every file,
 * and Node's own way, by a path through /proc and with a buffer for it, costs twice as much.
 */

const longestPath = 4096;
const closeOnExec = 0o2000000;
const text = Buffer.alloc(longestPath + 1);

type OpenAt = (at: number, path: Buffer, flags: number, mode: number) => number;
type Write = (fd: number, bytes: Buffer, length: number) => number | bigint;
let loaded: { readonly open: OpenAt; readonly write: Write } | undefined;

function calls(): { readonly open: OpenAt; readonly write: Write } {
  if (loaded === undefined) {
    const libc = koffi.load('libc.so.6');
    loaded = {
      open: libc.func('int openat(int, const uint8_t*, int, unsigned int)') as OpenAt,
      write: libc.func('long write(int, const uint8_t*, size_t)') as Write,
    };
  }
  return loaded;
}

/**
 * Opens what a path, whose characters are bytes, leads to from an open directory; a path that begins with '/' needs none.
 * No other program inherits it. Throws CallFailed.
 */
export function openAt(at: number, path: string, flags: number, mode = 0): number {
  if (path.length > longestPath) throw new CallFailed('openat', 'ENAMETOOLONG');
  if (path.includes('\0')) throw new CallFailed('openat', 'EINVAL');
  text[text.write(path, 0, 'latin1')] = 0;
  const fd = calls().open(at, text, flags | closeOnExec, mode);
  if (fd < 0) throw callFailed('openat');
  return fd;
}

/** Opens a directory that is none of a link's, from another one. Throws CallFailed. */
export function openDirectory(at: number, path: string): number {
  return openAt(at, path, constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW);
}

/** Writes all of it where the file's end is. Throws CallFailed. */
export function writeAll(fd: number, bytes: Buffer): void {
  for (let left = bytes; left.length > 0; ) {
    const written = Number(calls().write(fd, left, left.length));
    if (written < 0) throw callFailed('write');
    left = left.subarray(written);
  }
}
