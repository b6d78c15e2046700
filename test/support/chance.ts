export interface Chance {
  /** From 0 up to, and without, `below`. */
  int(below: number): number;
  pick<T>(list: readonly T[]): T;
  /** True with this probability. */
  happens(probability: number): boolean;
}

/** mulberry32: small, and the same everywhere. Numbers from 0 up to, and without, 1. */
export function randomOf(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** The same seed gives the same history of choices. */
export function chanceOf(seed: number): Chance {
  const next = randomOf(seed);
  const int = (below: number) => Math.floor(next() * below);
  return {
    int,
    pick<T>(list: readonly T[]): T {
      const found = list[int(list.length)];
      if (found === undefined) throw new RangeError('nothing to pick from');
      return found;
    },
    happens: (probability) => next() < probability,
  };
}
