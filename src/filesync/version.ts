import type { Side, Version } from './model.ts';

export type Order = 'equal' | 'newer' | 'older' | 'crossed';

/** How `a` stands to `b`; *crossed* when each knows a change that the other does not. */
export function order(a: Version, b: Version): Order {
  const ahead = a[0] > b[0] || a[1] > b[1];
  const behind = a[0] < b[0] || a[1] < b[1];
  if (ahead && behind) return 'crossed';
  if (ahead) return 'newer';
  return behind ? 'older' : 'equal';
}

/** Knows what both know. */
export function joined(a: Version, b: Version): Version {
  return [Math.max(a[0], b[0]), Math.max(a[1], b[1])];
}

/** The version after a change at `side`; `count` is that side's counter. */
export function bumped(version: Version, side: Side, count: number): Version {
  return side === 1 ? [count, version[1]] : [version[0], count];
}

/**
 * The next number of a side's counter. It follows the clock (microseconds), so that an agent that lost its database
 * never gives a number twice, and it never goes back with the clock.
 */
export function nextCount(last: number, nowMs: number): number {
  return Math.max(last + 1, Math.floor(nowMs * 1000));
}
