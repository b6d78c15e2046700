import type { Instance } from '../checks/declare.ts';
import { runCheck } from '../checks/run-check.ts';

/** The witness's own eyes: can it see a master? No state, no memory but of the last second. */

/** Two rounds of it end before a watcher stops waiting. */
const waitMs = 900;
const freshMs = 1000;

export interface EyesOptions {
  readonly instances: readonly Instance[];
  /** Milliseconds from any start, never going back. */
  readonly elapsed: () => number;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  readonly signal: AbortSignal;
}

type Sees = Record<string, boolean>;

/** A master is seen when any of its vital checks is well; not seen when none is, twice. */
async function sees(vital: readonly Instance[], options: EyesOptions): Promise<boolean> {
  const { elapsed, now, signal } = options;
  for (let round = 0; round < 2; round += 1) {
    const found = await Promise.all(
      vital.map(({ run, host, timeoutMs }) =>
        runCheck(run, { host, timeoutMs: Math.min(timeoutMs, waitMs), signal, now: now(), elapsed }),
      ),
    );
    if (found.some(({ result }) => result === 'ok' || result === 'warning')) return true;
    // It could not look, which is not the same as not seeing.
    if (found.every(({ result }) => result === 'unknown')) throw new Error('the checks cannot be made here');
  }
  return false;
}

/** Answers for every master; of one that it cannot look at it says nothing. Two watchers that ask at once get one look. */
export function openEyes(options: EyesOptions): () => Promise<Sees> {
  const { instances, elapsed } = options;
  const masters = [...new Set(instances.flatMap(({ master }) => (master === undefined ? [] : [master])))];
  let last: { readonly at: number; readonly look: Promise<Sees> } | undefined;

  async function look(): Promise<Sees> {
    const found = await Promise.allSettled(
      masters.map((id) =>
        sees(
          instances.filter(({ master, vital }) => master === id && vital),
          options,
        ),
      ),
    );
    return Object.fromEntries(
      found.flatMap((one, at) => (one.status === 'fulfilled' ? [[masters[at] ?? '', one.value]] : [])),
    );
  }

  return () => {
    if (last === undefined || elapsed() - last.at > freshMs) last = { at: elapsed(), look: look() };
    return last.look;
  };
}
