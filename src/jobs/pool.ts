/** Runs legs of one master, at most as many at once as there are slots. Knows ids only. */
export interface Pool {
  /** Runs the leg when a slot is free; the same leg is never queued twice. Resolves when it was run. */
  run(leg: string): Promise<void>;
  /** How many may run at once from now on, until a time of performance.now(): rights are leased. */
  resize(slots: number, until: number): void;
  /** Starts nothing beyond this many until the next resize; returns how many run. */
  shrink(slots: number): number;
  /** Legs that run at this moment. */
  running(): readonly string[];
  /** Legs that run or wait for a slot. */
  readonly size: number;
  /** Waits for what runs; what only waits is dropped, because the journal still has it. */
  drain(): Promise<void>;
}

/** A pool with no slots yet. `work` must not throw. */
export function openPool(work: (leg: string) => Promise<void>): Pool {
  let slots = 0;
  let validUntil = 0;
  let closed = false;
  const waiting = new Map<string, { start: () => void; drop: () => void; ended: Promise<void> }>();
  const active = new Map<string, Promise<void>>();

  function fill(): void {
    while (active.size < slots && !closed && performance.now() < validUntil) {
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
    resize(count, until) {
      slots = count;
      validUntil = until;
      fill();
    },
    shrink(count) {
      slots = Math.min(slots, count);
      return active.size;
    },
    running: () => [...active.keys()],
    get size() {
      return active.size + waiting.size;
    },
    async drain() {
      closed = true;
      for (const entry of waiting.values()) entry.drop();
      waiting.clear();
      await Promise.all(active.values());
    },
  };
}
