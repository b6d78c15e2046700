/** Reads that many callers make one after the other, asked for again only when something was committed since. */

interface Stamped {
  stamp?(): number;
}

interface Kept<T> {
  /** NaN: the journal cannot tell. */
  readonly stamp: number;
  readonly at: number;
  readonly value: T;
}

/** Keeps what was read under a name while the journal is unchanged. */
export interface Unchanged<T> {
  /** No promise where it is there already. */
  get(name: string, read: () => Promise<T>): T | Promise<T>;
  /** What was read before, or is being read, is not kept: call it around a change that this process makes. */
  forget(): void;
}

export interface UnchangedOptions {
  /** Older ones are read again although nothing was committed, for what depends on the clock. */
  readonly mostMs: number;
  /** How long a journal that cannot tell whether it changed is believed; default 0: it is read each time. */
  readonly blindMs?: number;
  readonly now?: () => number;
}

const MOST = 2000;

/** The stamp is taken before the read, so a change in between is met. */
export function unchanged<T>(
  journal: Stamped,
  { mostMs, blindMs = 0, now = Date.now }: UnchangedOptions,
): Unchanged<T> {
  const kept = new Map<string, Kept<T>>();
  let changes = 0;

  function still({ stamp, at }: Kept<T>, current: number, time: number): boolean {
    return Number.isNaN(current) ? time - at < blindMs : stamp === current && time - at < mostMs;
  }

  async function readAnew(name: string, stamp: number, at: number, read: () => Promise<T>): Promise<T> {
    const before = changes;
    const value = await read();
    if (changes !== before || (Number.isNaN(stamp) && blindMs === 0)) return value;
    if (kept.size >= MOST) kept.clear();
    kept.set(name, { stamp, at, value });
    return value;
  }

  return {
    get(name, read) {
      const stamp = journal.stamp?.() ?? Number.NaN;
      const at = now();
      const known = kept.get(name);
      if (known !== undefined && still(known, stamp, at)) return known.value;
      return readAnew(name, stamp, at, read);
    },
    forget() {
      changes += 1;
      kept.clear();
    },
  };
}
