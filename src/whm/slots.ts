/**
 * Lets at most `limit` callers go on at a time; the others wait in the order in which they came, the patient ones behind
 * all others.
 */
export interface Slots {
  /**
   * true at once when a slot is free; else whether one came free within `ms`, before `signal` and before `close`.
   * Patient callers leave a few slots free, so that a flood of them holds nobody else up.
   */
  take(ms: number, signal?: AbortSignal, isPatient?: boolean): true | Promise<boolean>;
  /** Gives back what a `true` had granted. */
  give(): void;
  /** Sends all who wait away, and lets nobody in any more. Resolves when all slots were given back. */
  close(): Promise<void>;
}

type Waiter = (granted: boolean) => void;

/** Slots that patient callers never take. */
function reserveOf(limit: number): number {
  return Math.min(2, Math.floor(limit / 4));
}

/** A counter and two queues; timers only for those who wait. */
export function slotsOf(limit: number): Slots {
  const reserve = reserveOf(limit);
  let free = limit;
  let closed = false;
  let isIdle = (): void => {};
  let idle: Promise<void> | undefined;
  const hurried = new Set<Waiter>();
  const patient = new Set<Waiter>();

  function wait(queue: Set<Waiter>, ms: number, signal: AbortSignal | undefined): Promise<boolean> {
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

  function next(): Waiter | undefined {
    const [first] = hurried;
    if (first !== undefined || free < reserve) return first;
    const [later] = patient;
    return later;
  }

  return {
    take(ms, signal, isPatient = false) {
      if (closed) return Promise.resolve(false);
      if (free <= (isPatient ? reserve : 0)) return wait(isPatient ? patient : hurried, ms, signal);
      free -= 1;
      return true;
    },
    give() {
      const waiter = next();
      if (waiter !== undefined) return waiter(true);
      free += 1;
      if (free === limit) isIdle();
    },
    close() {
      closed = true;
      for (const waiter of [...hurried, ...patient]) waiter(false);
      idle ??= free === limit ? Promise.resolve() : new Promise((resolve) => (isIdle = resolve));
      return idle;
    },
  };
}
