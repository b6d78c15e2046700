import { createHash } from 'node:crypto';
import { createReadStream, rmSync } from 'node:fs';
import type { BulkLine } from './bulk-line.ts';
import { helper } from './events.ts';

/**
 * A large file that the other side has no version of goes over whole, in up to four pieces at once. One channel of ssh
 * waits for its window, whatever the line could; and rsync has nothing to save where there is nothing to compare with.
 */

const most = 4;
const leastPiece = 2 * 1024 * 1024;

export interface Copy {
  readonly tree: string;
  /** Path of the spool here. */
  readonly spool: string;
  readonly id: string;
  readonly size: number;
  /** From here to there. */
  readonly push: boolean;
}

interface Piece {
  readonly at: number;
  readonly length: number;
}

/** Where what came in pieces lies in a spool, until its digest is known to be the right one. */
export function wholePath(spool: string, id: string): string {
  return `${spool}/in/${id}.whole`;
}

export function piecesOf(size: number): readonly Piece[] {
  const count = Math.max(1, Math.min(most, Math.floor(size / leastPiece)));
  const length = Math.ceil(size / count);
  return Array.from({ length: count }, (_, n) => ({ at: n * length, length: Math.min(length, size - n * length) }));
}

/** Copies; rejects when any piece failed, the others are ended then. */
export async function copyInPieces(line: BulkLine, copy: Copy, signal: AbortSignal): Promise<void> {
  const { tree, spool, id, size, push } = copy;
  const failed = new AbortController();
  const either = AbortSignal.any([signal, failed.signal]);
  if (!push) for (const path of [wholePath(spool, id), `${spool}/in/${id}`]) rmSync(path, { force: true });
  const all = piecesOf(size).map(async ({ at, length }) => {
    const [here, there] = push ? ['out', 'in'] : ['in', 'out'];
    const file = push ? `${spool}/out/${id}` : wholePath(spool, id);
    const piece = [String(at), String(length)];
    try {
      await line.run(
        [helper('piece'), here, file, ...piece],
        `piece ${tree}/${there}/${id} ${piece.join(' ')}`,
        either,
      );
    } catch (error) {
      failed.abort();
      throw error;
    }
  });
  const ends = await Promise.allSettled(all);
  const why = ends.find((end) => end.status === 'rejected');
  if (why !== undefined) throw why.reason;
}

/** The digest of a file in a spool, as of a state. */
export async function digestOfFile(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const part of createReadStream(path, { highWaterMark: 1 << 20 })) hash.update(part);
  return hash.digest('hex').slice(0, 32);
}
