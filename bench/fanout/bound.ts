/**
 * How fast the work can be done at all when each account's changes come in their order: with a journal that costs
 * nothing. The bare loop keeps no order, so it always fills its places; and nothing of it is killed.
 */
import type { WorkItem } from './work.ts';

export interface BoundOptions {
  /** Places on each of the two masters. */
  readonly inFlight: number;
  /** At which shares of all changes the worker is killed, every second of its calls being a change. It is back at once. */
  readonly killAt: readonly number[];
  /** How long a call that was under way keeps its account closed, in legs: legs all take equally long. */
  readonly closedLegs: number;
}

interface Lane {
  /** Changes that the lead, and the follower, have still to make. */
  readonly left: [lead: number, follower: number];
  /** For each of the two: until which turn it is closed. */
  readonly closed: [lead: number, follower: number];
}

/** Every account's lane, with all its changes before it. */
function lanesOf(work: readonly WorkItem[]): readonly Lane[] {
  const counts = new Map<string, number>();
  for (const { account } of work) counts.set(account, (counts.get(account) ?? 0) + 1);
  return [...counts.values()].map((n) => ({ left: [n, n], closed: [0, 0] }));
}

/** The lanes that one master works on in this turn: the longest first, which is best for chains of equal steps. */
function chosen(lanes: readonly Lane[], side: 0 | 1, turn: number, inFlight: number): readonly Lane[] {
  const ready = lanes.filter(({ left, closed }) => {
    const may = side === 0 ? left[0] > 0 : left[1] > left[0];
    return may && closed[side] <= turn;
  });
  return ready.sort((a, b) => b.left[side] - a.left[side]).slice(0, inFlight);
}

/** One turn of one master; returns how many changes were made. In a killed one every second lane is closed for a while. */
function take(steps: readonly Lane[], side: 0 | 1, closedUntil: number | undefined): number {
  for (const [at, lane] of steps.entries()) {
    if (closedUntil === undefined) lane.left[side] -= 1;
    else if (at % 2 === 0) lane.closed[side] = closedUntil;
  }
  return closedUntil === undefined ? steps.length : 0;
}

/** The share of the bare loop that can be reached at best: its turns, each of a full house, by ours. */
export function boundOf(work: readonly WorkItem[], { inFlight, killAt, closedLegs }: BoundOptions): number {
  const lanes = lanesOf(work);
  const all = 2 * work.length;
  const kills = [...killAt];
  let turn = 0;
  for (let made = 0; made < all; turn++) {
    const isKilled = kills[0] !== undefined && made >= kills[0] * all;
    if (isKilled) kills.shift();
    const closedUntil = isKilled ? turn + closedLegs : undefined;
    // Both choose before either moves: what the lead makes in this turn its follower may make in the next.
    const lead = chosen(lanes, 0, turn, inFlight);
    const follower = chosen(lanes, 1, turn, inFlight);
    made += take(lead, 0, closedUntil) + take(follower, 1, closedUntil);
  }
  return Math.ceil(work.length / inFlight) / turn;
}
