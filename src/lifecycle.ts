import { messageOf } from './errors.ts';
import type { Logger } from './log.ts';

/** What was opened, to be closed in reverse order. */
export interface Lifecycle {
  /** Remembers how to close something; `fn` runs once. After closing has begun it runs at once. */
  onClose(name: string, fn: () => unknown): void;
  /** Closes everything, last opened first, each within its time; never rejects. Later calls wait for the first. */
  closeAll(): Promise<void>;
  /** Aborts when closing begins: loops and long waits stop on it. */
  readonly signal: AbortSignal;
}

export interface LifecycleOptions {
  readonly log: Logger;
  /** How long one part may take to close before the next one's turn. */
  readonly limitMs?: number;
}

interface Part {
  readonly name: string;
  readonly fn: () => unknown;
}

async function closeOne(part: Part, log: Logger, limitMs: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<'late'>((resolve) => {
    timer = setTimeout(() => resolve('late'), limitMs);
  });
  try {
    const result = await Promise.race([Promise.resolve().then(part.fn), late]);
    if (result === 'late') log.warn({ part: part.name, limitMs }, 'part did not close in time');
  } catch (error) {
    // The other parts must still be closed.
    log.warn({ part: part.name, reason: messageOf(error) }, 'part failed to close');
  } finally {
    clearTimeout(timer);
  }
}

/** An empty close stack. */
export function createLifecycle(options: LifecycleOptions): Lifecycle {
  const { log, limitMs = 10_000 } = options;
  const parts: Part[] = [];
  const stopping = new AbortController();
  let closing: Promise<void> | undefined;
  async function close(): Promise<void> {
    stopping.abort();
    for (let part = parts.pop(); part !== undefined; part = parts.pop()) await closeOne(part, log, limitMs);
  }
  return {
    signal: stopping.signal,
    onClose(name, fn) {
      parts.push({ name, fn });
      if (closing !== undefined) closing = closing.then(close);
    },
    closeAll() {
      closing ??= close();
      return closing;
    },
  };
}

/**
 * Closes everything on SIGTERM or SIGINT, then ends the process with 0. A second signal ends it at once. Only main
 * installs this. Answers the way to take the handlers off again.
 */
export function closeOnSignals(lifecycle: Lifecycle, log: Logger, exit: (code: number) => void): () => void {
  const signals = ['SIGTERM', 'SIGINT'] as const;
  let asked = false;
  function onSignal(signal: NodeJS.Signals): void {
    if (asked) {
      exit(1);
      return;
    }
    asked = true;
    log.info({ signal }, 'closing');
    void lifecycle.closeAll().then(() => exit(0));
  }
  for (const signal of signals) process.on(signal, onSignal);
  return () => {
    for (const signal of signals) process.removeListener(signal, onSignal);
  };
}
