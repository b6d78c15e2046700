/** Delays that end with the simulator. */
export interface Timers {
  later(ms: number, work: () => void): void;
  /** Forgets all that have not run. */
  close(): void;
}

export function createTimers(): Timers {
  const running = new Set<NodeJS.Timeout>();
  return {
    later(ms, work) {
      const timer = setTimeout(() => {
        running.delete(timer);
        work();
      }, ms);
      running.add(timer);
    },
    close() {
      for (const timer of running) clearTimeout(timer);
      running.clear();
    },
  };
}
