/**
 * Operations that a worker has just opened: the leg that follows on the other master needs not unseal, parse and look up
 * anew what never changes. Only in memory, few, and forgotten when they are used.
 */
import type { Opened } from './record.ts';

const most = 200;

export interface OpenedOperations {
  /** Gives an opened operation and forgets it. */
  take(id: string): Opened | undefined;
  keep(id: string, opened: Opened): void;
}

/** Nothing kept yet. */
export function openedOperations(): OpenedOperations {
  const kept = new Map<string, Opened>();
  return {
    take(id) {
      const opened = kept.get(id);
      kept.delete(id);
      return opened;
    },
    keep(id, opened) {
      if (kept.size >= most) {
        const [oldest] = kept.keys();
        if (oldest !== undefined) kept.delete(oldest);
      }
      kept.set(id, opened);
    },
  };
}
