/** Lets at most `limit` callers go on at a time; the others wait in the order in which they came. */
export interface Slots {
  /** true at once when a slot is free; else whether one came free within `ms`, before `signal` and before `close`. */
  take(ms: number, signal?: AbortSignal): true | Promise<boolean>;
  /** Gives back what a `true` had granted. */
  give(): void;
  /** Sends all who wait away, and lets nobody in any more. */
  close(): void;
}

type Waiter = (granted: boolean) => void;

/** A counter and a queue; timers only for those who wait. */
export function slotsOf(limit: number): Slots {
  let free = limit;
  let closed = false;
  const queue = new Set<Waiter>();

  function wait(ms: number, signal: AbortSignal | undefined): Promise<boolean> {
    return new Promise((resolve) => {
      const leave = (): void => waiter(false);
      const timer = setTimeout(leave, ms);
      const waiter: Waiter = (granted) => {
        clearTimeout(timer);
        queue.delete(waiter);
        signal?.removeEventListener('abort', leave);
        resolve(granted);
      };
      queue.add(waiter);
      signal?.addEventListener('abort', leave);
    });
  }

  return {
    take(ms, signal) {
      if (closed) return Promise.resolve(false);
      if (free === 0) return wait(ms, signal);
      free -= 1;
      return true;
    },
    give() {
      const [next] = queue;
      if (next === undefined) free += 1;
      else next(true);
    },
    close() {
      closed = true;
      for (const waiter of queue) waiter(false);
    },
  };
}
