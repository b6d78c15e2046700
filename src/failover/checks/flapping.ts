/**
 * Flapping as Nagios counts it: of the last 21 results each change weighs from 0.8 (oldest) to 1.2 (newest); it begins
 * at 30 % and ends below 20 %.
 */

const size = 21;
const high = 0.3;
const low = 0.2;

/** The weighted share of changes among the last results, 0 to 1. Results that are not there yet count as unchanged. */
export function changeShare(changes: readonly boolean[]): number {
  const recent = changes.slice(-size);
  const offset = size - recent.length;
  const weighed = recent.reduce((sum, changed, at) => {
    return sum + (changed ? 0.8 + (0.4 * (at + offset)) / (size - 1) : 0);
  }, 0);
  return weighed / size;
}

/** Whether it flaps now, given whether it did before: between the two limits nothing changes. */
export function isFlapping(changes: readonly boolean[], before: boolean): boolean {
  const share = changeShare(changes);
  return before ? share >= low : share >= high;
}
