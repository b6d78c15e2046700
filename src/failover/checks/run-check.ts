import { messageOf } from '../../errors.ts';
import { type Finding, oneLine, type Runner } from './kind.ts';

/** Faults of this machine, not of the one that is checked: they say nothing about it. */
const ownFaults = new Set([
  ...['EMFILE', 'ENFILE', 'ENOMEM', 'ENOBUFS', 'EADDRNOTAVAIL', 'EACCES', 'EPERM', 'ENOENT', 'EAGAIN'],
  ...['ENOTFOUND', 'EAI_AGAIN', 'EAI_FAIL', 'ERR_INVALID_URL', 'ERR_INVALID_ARG_TYPE'],
]);

/** This process slept (a paused machine, a stopped process): what ran out meanwhile proves nothing. */
const sleptMs = 1500;

function judged(error: unknown, tookMs: number, timeoutMs: number): Finding {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  if (tookMs > timeoutMs + sleptMs) {
    return { result: 'unknown', text: `this watcher itself stood still for ${Math.round(tookMs / 1000)} s` };
  }
  if (ownFaults.has(code)) return { result: 'unknown', text: oneLine(`cannot be checked: ${messageOf(error)}`) };
  if (tookMs >= timeoutMs) return { result: 'critical', text: `no answer in ${timeoutMs} ms` };
  return { result: 'critical', text: oneLine(messageOf(error)) };
}

export interface RunOptions {
  readonly host: string;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
  /** Milliseconds since 1970. */
  readonly now: number;
  /** Milliseconds from any start, never going back. */
  readonly elapsed: () => number;
}

/** Runs a check once, within its time. Never rejects. */
export async function runCheck(runner: Runner, options: RunOptions): Promise<Finding & { readonly ms: number }> {
  const { host, timeoutMs, now, elapsed } = options;
  const begun = elapsed();
  const over = new AbortController();
  const timer = setTimeout(() => over.abort(new Error('no answer in time')), timeoutMs);
  const stop = (): void => over.abort(new Error('stopped'));
  options.signal.addEventListener('abort', stop, { once: true });
  try {
    const cut = new Promise<never>((_, reject) => {
      over.signal.addEventListener('abort', () => reject(over.signal.reason), { once: true });
    });
    const found = await Promise.race([runner(host, { signal: over.signal, timeoutMs, now }), cut]);
    return { ...found, text: oneLine(found.text), ms: elapsed() - begun };
  } catch (error) {
    const ms = elapsed() - begun;
    if (options.signal.aborted) return { result: 'unknown', text: 'the watcher was stopped', ms };
    return { ...judged(error, ms, timeoutMs), ms };
  } finally {
    clearTimeout(timer);
    options.signal.removeEventListener('abort', stop);
    over.abort(new Error('over'));
  }
}
