/** Reads that many callers make one after the other, asked for again only when something was committed since. */

interface Stamped {
  stamp?(): number;
}

interface Kept<T> {
  readonly stamp: number;
  readonly at: number;
  readonly value: T;
}

/** Keeps what was read under a name while the journal is unchanged. */
export interface Unchanged<T> {
  get(name: string, read: () => Promise<T>): Promise<T>;
}

const MOST = 2000;

/**
 * `mostMs`: older ones are read again although nothing was committed, for what depends on the clock. A journal that
 * cannot tell whether it changed is read each time. The stamp is taken before the read, so a change in between is met.
 */
export function unchanged<T>(journal: Stamped, mostMs: number, now: () => number = Date.now): Unchanged<T> {
  const kept = new Map<string, Kept<T>>();
  return {
    async get(name, read) {
      const stamp = journal.stamp?.();
      if (stamp === undefined || Number.isNaN(stamp)) return read();
      const known = kept.get(name);
      const at = now();
      if (known !== undefined && known.stamp === stamp && at - known.at < mostMs) return known.value;
      const value = await read();
      if (kept.size >= MOST) kept.clear();
      kept.set(name, { stamp, at, value });
      return value;
    },
  };
}
