import { setTimeout as pause } from 'node:timers/promises';
import { messageOf } from '../errors.ts';
import type { ArchiveDeps } from './deps.ts';
import { FilesAway } from './files-away.ts';

/** A way that fails is tried again this often before the work has failed. */
const TRIES = 3;
const PAUSE_MS = 1000;

export type Persisted<T> =
  | { readonly kind: 'done'; readonly value: T }
  | { readonly kind: 'failed'; readonly reason: string }
  /** This process stops, or has lost the work to another: nothing is written about it. */
  | { readonly kind: 'left' };

/** Does the work, again when the way to the master failed; what else goes wrong is final. */
export async function persist<T>(
  deps: Pick<ArchiveDeps, 'log'>,
  id: string,
  signal: AbortSignal,
  work: () => Promise<T>,
): Promise<Persisted<T>> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return { kind: 'done', value: await work() };
    } catch (error) {
      if (signal.aborted) return { kind: 'left' };
      if (!(error instanceof FilesAway) || attempt >= TRIES) return { kind: 'failed', reason: messageOf(error) };
      deps.log.warn({ archive: id, reason: error.message }, 'the way to a master failed; it is tried again');
      await pause(PAUSE_MS * attempt);
    }
  }
}
