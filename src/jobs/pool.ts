import { LeaseLost } from '../errors.ts';

/**
 * Runs legs of one master. A slot is the right to have one call in flight; a leg spends half its time in the journal, so
 * twice as many legs as slots are under way. Knows ids only.
 */
export interface Pool {
  /** Runs the leg when there is room; the same leg is never queued twice. Resolves when it was run. */
  run(leg: string): Promise<void>;
  /** Whether the leg runs or waits for room here. */
  has(leg: string): boolean;
  /** Waits for a slot; call what it gives when the call is over. */
  enter(): Promise<() => void>;
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

const LEGS_PER_SLOT = 2;

interface Line {
  enter(): Promise<() => void>;
  /** Lets in whoever waits and has room now. */
  admit(): void;
  inFlight(): number;
  /** Whoever still waits is sent away: their legs go on elsewhere. */
  close(): void;
}

interface Waiter {
  readonly go: () => void;
  readonly sendAway: (error: Error) => void;
}

function openLine(room: () => number): Line {
  const waiters: Waiter[] = [];
  let inside = 0;
  let closed = false;
  function leave(): void {
    inside -= 1;
    admit();
  }
  function admit(): void {
    while (inside < room() && waiters.length > 0) {
      inside += 1;
      waiters.shift()?.go();
    }
  }
  return {
    enter() {
      if (closed) return Promise.reject(new LeaseLost('the worker is stopping'));
      return new Promise((resolve, reject) => {
        waiters.push({ go: () => resolve(leave), sendAway: reject });
        admit();
      });
    },
    admit,
    inFlight: () => inside,
    close() {
      closed = true;
      for (const waiter of waiters.splice(0)) waiter.sendAway(new LeaseLost('the worker is stopping'));
    },
  };
}

/** A pool with no slots yet. `work` must not throw. */
export function openPool(work: (leg: string) => Promise<void>): Pool {
  let slots = 0;
  let validUntil = 0;
  let closed = false;
  const waiting = new Map<string, { start: () => void; drop: () => void; ended: Promise<void> }>();
  const active = new Map<string, Promise<void>>();
  const calls = openLine(() => (performance.now() < validUntil ? slots : 0));

  function fill(): void {
    while (active.size < slots * LEGS_PER_SLOT && !closed && performance.now() < validUntil) {
      const next = waiting.entries().next();
      if (next.done === true) return;
      const [leg, entry] = next.value;
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
      fill();
      return ended;
    },
    has: (leg) => active.has(leg) || waiting.has(leg),
    enter: calls.enter,
    resize(count, until) {
      slots = count;
      validUntil = until;
      calls.admit();
      fill();
    },
    shrink(count) {
      slots = Math.min(slots, count);
      return calls.inFlight();
    },
    running: () => [...active.keys()],
    get size() {
      return active.size + waiting.size;
    },
    async drain() {
      closed = true;
      for (const entry of waiting.values()) entry.drop();
      waiting.clear();
      calls.close();
      await Promise.all(active.values());
    },
  };
}
