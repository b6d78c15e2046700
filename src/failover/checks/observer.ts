import type { Clock } from '../../clock.ts';
import type { Book, Taken } from './book.ts';
import type { Result } from './model.ts';
import { runCheck } from './run-check.ts';

export interface ObserverOptions {
  readonly book: Book;
  readonly clock: Clock;
  /** Milliseconds from any start, never going back. */
  readonly elapsed: () => number;
  /** 0 up to 1. */
  readonly random: () => number;
  readonly signal: AbortSignal;
  /** Whether a master is in planned downtime now. */
  readonly isPlanned: (master: string) => boolean;
  /** Told each result that is taken in. */
  readonly onTaken: (taken: Taken) => void;
}

/** Looks at one check; never twice at a time: who asks meanwhile gets the run that is under way. */
type Look = (id: string) => Promise<Result>;

function lookerOf(options: ObserverOptions): Look {
  const { book, clock, signal } = options;
  const under = new Map<string, Promise<Result>>();

  /** Before a failure is believed, what it depends on is looked at anew, so that the order of the checks does not matter. */
  async function parentFailed(id: string): Promise<boolean> {
    await Promise.all(book.above(id).map(look));
    return book.parentFailed(id);
  }

  async function lookOnce(id: string): Promise<Result> {
    const { instance } = book.get(id);
    const { host, timeoutMs } = instance;
    const found = await runCheck(instance.run, { host, timeoutMs, signal, now: clock.now(), elapsed: options.elapsed });
    if (signal.aborted) return 'unknown';
    const parentIsBad = found.result === 'critical' && (await parentFailed(id));
    const planned = instance.master !== undefined && options.isPlanned(instance.master);
    const around = { now: clock.now(), chance: options.random(), parentIsBad, planned };
    options.onTaken(book.take(id, found, around));
    return found.result;
  }

  function look(id: string): Promise<Result> {
    const running = under.get(id);
    if (running !== undefined) return running;
    const started = lookOnce(id).finally(() => under.delete(id));
    under.set(id, started);
    return started;
  }

  return look;
}

/** Looks once at every check of the book. */
export async function observeOnce(options: ObserverOptions): Promise<void> {
  const look = lookerOf(options);
  await Promise.all(options.book.all().map((one) => look(one.instance.id)));
}

/** Looks at every check of the book, each by itself, until the signal aborts. Resolves when all have ended. */
export async function observe(options: ObserverOptions): Promise<void> {
  const { book, clock, signal } = options;
  const look = lookerOf(options);

  async function keepLooking(id: string): Promise<void> {
    // The first runs are spread, so that a start is no burst.
    await clock.sleep(options.random() * Math.min(500, book.get(id).instance.rule.everyMs), signal);
    while (!signal.aborted) {
      await look(id);
      await clock.sleep(Math.max(10, book.get(id).state.nextAt - clock.now()), signal);
    }
  }

  await Promise.all(book.all().map((one) => keepLooking(one.instance.id)));
}
