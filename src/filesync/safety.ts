/** The brake on mass change. Pure: time comes as an argument. */

export interface BrakeLimit {
  readonly seconds: number;
  /** So many deletions and overwrites are always allowed in the time … */
  readonly most: number;
  /** … and this share of the account's files, where that is more. */
  readonly share: number;
}

export interface BrakeLimits {
  readonly windows: readonly BrakeLimit[];
  /** Beyond this share of an account's files it is braked also below `most`, if it has at least `wholeFrom` files. */
  readonly whole: number;
  readonly wholeFrom: number;
}

/** A deleted theme or a restored site passes; a home that empties or is encrypted does not. */
export const defaultBrake: BrakeLimits = {
  windows: [
    { seconds: 60, most: 2000, share: 0.25 },
    { seconds: 3600, most: 5000, share: 0.5 },
    { seconds: 86_400, most: 20_000, share: 0.75 },
  ],
  whole: 0.8,
  wholeFrom: 50,
};

/** Counts of destructive changes by time; immutable. */
export interface Tally {
  /** [ten-second slot, changes], oldest first. */
  readonly slots: readonly (readonly [number, number])[];
}

export const emptyTally: Tally = { slots: [] };
const slotSeconds = 10;

/** One more destructive change at `nowMs`. */
export function counted(tally: Tally, nowMs: number, changes = 1): Tally {
  const slot = Math.floor(nowMs / 1000 / slotSeconds);
  const last = tally.slots.at(-1);
  if (last !== undefined && last[0] >= slot) {
    return { slots: [...tally.slots.slice(0, -1), [last[0], last[1] + changes]] };
  }
  const oldest = slot - 86_400 / slotSeconds;
  return { slots: [...tally.slots.filter(([at]) => at > oldest), [slot, changes]] };
}

/** Why an account that had so many files must be held, or undefined. */
export function brakeVerdict(
  tally: Tally,
  files: number,
  nowMs: number,
  limits: BrakeLimits = defaultBrake,
): string | undefined {
  for (const { seconds, most, share } of limits.windows) {
    const from = Math.floor((nowMs / 1000 - seconds) / slotSeconds);
    const changes = tally.slots.reduce((sum, [at, count]) => (at > from ? sum + count : sum), 0);
    const usual = Math.max(most, Math.floor(share * files));
    const whole = files >= limits.wholeFrom ? Math.floor(limits.whole * files) : Number.POSITIVE_INFINITY;
    if (changes > Math.min(usual, whole)) return `${changes} of ${files} files deleted or replaced within ${seconds} s`;
  }
  return undefined;
}
