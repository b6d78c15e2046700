/** Slow, unhurried work of a web process. */
import { systemClock } from '../clock.ts';
import { loop } from '../loop.ts';
import type { Core } from './core.ts';

const EVERY_MS = 600_000;

/** Forgets sessions that ended. Stops with the core. */
export function startHousekeeping(core: Core): void {
  loop({
    name: 'sessions',
    everyMs: EVERY_MS,
    jitter: 0.2,
    turn: () => core.auth.sessions.sweep(),
    signal: core.lifecycle.signal,
    clock: systemClock,
    log: core.log,
  });
}
