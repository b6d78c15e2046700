import { createHash } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import type { Known } from './model.ts';
import type { Site } from './site.ts';
import { canonical } from './states.ts';

/**
 * Both sides' memories compared, a directory at a time: whatever was lost on one side without anybody noticing (a database
 * put back from a copy, a fault of a disk or of this program) is found. A side says one short digest for each directory;
 * where the other's differs, both offer anew all that lies right in it, and what to do is decided as always.
 */

/** A directory's key and the digest over what is known right in it; 'pending' while something there is yet to be sent. */
export type DirectoryDigest = readonly [string, string];

/** So many directories are told of in one message. */
export const mostDigests = 1000;
const chunk = 500;
const restMs = 5;

function above(key: string): string {
  return key.slice(0, key.lastIndexOf('/'));
}

function mixed(sum: Buffer, key: string, { version, state }: Known): void {
  const one = createHash('sha256')
    .update(`${key}\0${version.join(',')}\0${canonical(state)}`, 'latin1')
    .digest();
  for (let n = 0; n < sum.length; n++) sum[n] = (sum[n] ?? 0) ^ (one[n] ?? 0);
}

/**
 * One digest for each directory of all trees, in order of their keys. Slow on purpose: it rests between the steps. Holds
 * about 200 bytes for each directory.
 */
export async function digests(site: Site, signal: AbortSignal): Promise<readonly DirectoryDigest[]> {
  const sums = new Map<string, Buffer | 'pending'>();
  let looked = 0;
  for (const tree of site.trees.keys()) {
    for (const [key, known] of site.store.under(tree)) {
      if (++looked % chunk === 0) await pause(restMs);
      if (signal.aborted) return [];
      added(sums, key, known);
    }
  }
  return [...sums]
    .map(([key, sum]): DirectoryDigest => [key, sum === 'pending' ? sum : sum.toString('hex')])
    .sort(([a], [b]) => (a < b ? -1 : 1));
}

function added(sums: Map<string, Buffer | 'pending'>, key: string, known: Known): void {
  const directory = above(key);
  const sum = sums.get(directory) ?? Buffer.alloc(16);
  if (known.pending) sums.set(directory, 'pending');
  else if (known.state.kind !== 'absent') {
    if (sum !== 'pending') mixed(sum, key, known);
    sums.set(directory, sum);
  }
}

/** What one message says: digests of all directories whose keys lie after `after` and up to `until`. */
export interface Told {
  readonly after: string;
  /** '' in the last message: up to the end. */
  readonly until: string;
  readonly all: readonly DirectoryDigest[];
}

/** All digests as messages. */
export function toldIn(all: readonly DirectoryDigest[]): readonly Told[] {
  const told: Told[] = [];
  let after = '';
  for (let from = 0; from < all.length || from === 0; from += mostDigests) {
    const some = all.slice(from, from + mostDigests);
    const until = from + mostDigests < all.length ? (some.at(-1)?.[0] ?? '') : '';
    told.push({ after, until, all: some });
    after = until;
  }
  return told;
}

/** The directories that are not the same on both sides. What is being sent is left to that. */
export function differing(mine: readonly DirectoryDigest[], told: Told): readonly string[] {
  const theirs = new Map(told.all);
  const ours = new Map(mine.filter(([key]) => key > told.after && (told.until === '' || key <= told.until)));
  const all = new Set([...theirs.keys(), ...ours.keys()]);
  return [...all].filter((key) => {
    const [a, b] = [ours.get(key), theirs.get(key)];
    return a !== b && a !== 'pending' && b !== 'pending';
  });
}

/** What lies right in a directory and is to be offered anew. */
export function offeredAnew(site: Site, directory: string): readonly string[] {
  return [...site.store.under(directory)]
    .filter(([key, known]) => above(key) === directory && known.state.kind !== 'absent' && !known.pending)
    .map(([key]) => key);
}
