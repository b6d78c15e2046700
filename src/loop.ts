import type { Clock } from './clock.ts';
import { messageOf } from './errors.ts';
import type { Logger } from './log.ts';

export interface LoopOptions {
  /** For the log. */
  readonly name: string;
  /** Pause between the end of one turn and the start of the next. */
  readonly everyMs: number;
  /** 0.1: the pause differs by up to a tenth either way, so that nodes do not march in step. Default 0. */
  readonly jitter?: number;
  /** One turn; the signal aborts when the loop is to stop. */
  readonly turn: (signal: AbortSignal) => Promise<unknown>;
  readonly signal: AbortSignal;
  readonly clock: Clock;
  readonly log: Logger;
  /** 0 to 1; default Math.random. */
  readonly random?: () => number;
}

export interface Loop {
  /** Starts the next turn without waiting for the pause to end; during a turn: one more right after it. */
  wake(): void;
  /** Resolves when the signal has aborted and the running turn has ended. */
  readonly ended: Promise<void>;
}

async function takeTurn(options: LoopOptions): Promise<void> {
  try {
    await options.turn(options.signal);
  } catch (error) {
    // A turn looks at the state, not at an event: the next one finds again what this one left.
    if (!options.signal.aborted) options.log.warn({ loop: options.name, reason: messageOf(error) }, 'turn failed');
  }
}

/** Repeats `turn`, the first at once, never two at a time. A failed turn is logged and the loop goes on. */
export function loop(options: LoopOptions): Loop {
  const { signal, clock, everyMs, jitter = 0, random = Math.random } = options;
  let woken = false;
  let pause = new AbortController();
  // One listener for all pauses: a signal made of two for each pause is most of what an idle loop would cost.
  signal.addEventListener('abort', () => pause.abort(), { once: true });

  async function run(): Promise<void> {
    while (!signal.aborted) {
      woken = false;
      await takeTurn(options);
      if (signal.aborted) return;
      if (pause.signal.aborted) pause = new AbortController();
      if (woken) continue;
      await clock.sleep(everyMs * (1 + jitter * (2 * random() - 1)), pause.signal);
    }
  }

  return {
    wake() {
      woken = true;
      pause.abort();
    },
    ended: run(),
  };
}
