import { closeSync, constants, readFileSync, readSync } from 'node:fs';
import type { Branch } from './site.ts';
import { isGone } from './tree.ts';

const noAtime = 0o1000000;
const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK | noAtime;

/** Does something with an open file. Answers undefined when it is gone or no file any more. */
export function withFile<T>(branch: Branch, relative: string, act: (fd: number) => T): T | undefined {
  let fd: number;
  try {
    fd = branch.tree.opened(relative, flags);
  } catch (error) {
    if (isGone(error)) return undefined;
    throw error;
  }
  try {
    return act(fd);
  } finally {
    closeSync(fd);
  }
}

/** The bytes of a small file, or undefined when it is gone or no file any more. */
export function contentOf(branch: Branch, relative: string): Buffer | undefined {
  return withFile(branch, relative, (fd) => readFileSync(fd));
}

const slabBytes = 64 * 1024;
let slab = Buffer.alloc(0);

/** The bytes of a file that should have so many; of one that has more, one more, and of one that has less, all. */
export function bytesOf(fd: number, size: number): Buffer {
  // Memory of its own for each of many small files costs more than reading it.
  const room = size + 1;
  if (room > slabBytes / 4) return partRead(fd, Buffer.allocUnsafeSlow(room));
  if (room > slab.length) slab = Buffer.allocUnsafeSlow(slabBytes);
  const content = partRead(fd, slab.subarray(0, room));
  slab = slab.subarray(content.length);
  return content;
}

function partRead(fd: number, into: Buffer): Buffer {
  let length = 0;
  for (let got = -1; got !== 0 && length < into.length - 1; length += got)
    got = readSync(fd, into, length, into.length - length, null);
  return into.subarray(0, length);
}
