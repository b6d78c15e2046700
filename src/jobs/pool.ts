import type { Reserved } from '../operations/run.ts';
import { Line } from './line.ts';

/**
 * Runs legs of one master, the oldest first: an account of which much is asked is then served more often, and its work
 * ends with that of the others. A slot is the right to have one call in flight; a leg spends half its time in the
 * journal, and more while requests are accepted, so four times as many legs as slots are under way. Knows ids only.
 */
export interface Pool {
  /** Runs the leg when there is room; the same leg is never queued twice. Resolves when it was run. */
  run(leg: string): Promise<void>;
  /** Whether the leg runs or waits for room here. */
  has(leg: string): boolean;
  /** Waits for a slot; call what it gives when the call is over. */
  enter(): Promise<() => void>;
  /** Waits until a slot is free or about to be, for a call that is noted before it leaves. */
  reserve(): Promise<Reserved>;
  /** How many calls may be in flight from now on, until a time of performance.now(): slots are leased. */
  resize(slots: number, until: number): void;
  /** Starts no call beyond this many until the next resize; returns how many are in flight. */
  shrink(slots: number): number;
  /** Legs that run at this moment. */
  running(): readonly string[];
  /** Legs that run or wait for room. */
  readonly size: number;
  /** Waits for what runs; what only waits is dropped, because the journal still has it. */
  drain(): Promise<void>;
}

const LEGS_PER_SLOT = 4;

/** Puts a leg in its place, the oldest last. Legs are named after their operations, and those after their time. */
function enqueue(queue: string[], leg: string): void {
  let from = 0;
  let to = queue.length;
  while (from < to) {
    const middle = Math.floor((from + to) / 2);
    if ((queue[middle] ?? '') > leg) from = middle + 1;
    else to = middle;
  }
  queue.splice(from, 0, leg);
}

/** A pool with no slots yet. `work` must not throw. */
export function openPool(work: (leg: string) => Promise<void>): Pool {
  let slots = 0;
  let validUntil = 0;
  let closed = false;
  /** What waits, the oldest last. */
  const queue: string[] = [];
  const waiting = new Map<string, { start: () => void; drop: () => void; ended: Promise<void> }>();
  const active = new Map<string, Promise<void>>();
  const calls = new Line(() => (performance.now() < validUntil ? slots : 0));

  function fill(): void {
    while (active.size < slots * LEGS_PER_SLOT && !closed && performance.now() < validUntil) {
      const leg = queue.pop();
      const entry = leg === undefined ? undefined : waiting.get(leg);
      if (leg === undefined || entry === undefined) return;
      waiting.delete(leg);
      const ended = work(leg).finally(() => {
        active.delete(leg);
        entry.start();
        fill();
      });
      active.set(leg, ended);
    }
  }

  return {
    run(leg) {
      const running = active.get(leg);
      if (running !== undefined) return running;
      const queued = waiting.get(leg);
      if (queued !== undefined) return queued.ended;
      if (closed) return Promise.resolve();
      let start = () => {};
      const ended = new Promise<void>((resolve) => {
        start = resolve;
      });
      waiting.set(leg, { start, drop: start, ended });
      enqueue(queue, leg);
      fill();
      return ended;
    },
    has: (leg) => active.has(leg) || waiting.has(leg),
    enter: () => calls.enter(),
    reserve: () => calls.reserve(),
    resize(count, until) {
      slots = count;
      validUntil = until;
      calls.admit();
      fill();
    },
    shrink(count) {
      slots = Math.min(slots, count);
      return calls.inFlight;
    },
    running: () => [...active.keys()],
    get size() {
      return active.size + waiting.size;
    },
    async drain() {
      closed = true;
      for (const entry of waiting.values()) entry.drop();
      waiting.clear();
      queue.length = 0;
      calls.close();
      await Promise.all(active.values());
    },
  };
}
