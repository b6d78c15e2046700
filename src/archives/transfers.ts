/** Transfers that run in this process, beside the legs that wait for them: one of a kind at a time, kept alive by a lease. */
import type { ArchiveDeps } from './deps.ts';
import { hold } from './rows.ts';

export interface Transfers {
  /** Begins the work unless it runs already, here or in another process. `work` settles its row itself; throws are logged. */
  begin(
    table: 'archives' | 'restores',
    id: string,
    leg: string,
    work: (signal: AbortSignal) => Promise<void>,
  ): Promise<void>;
  /** Ends all of them and waits until they are ended. */
  close(): Promise<void>;
}

/** Few at a time, so that archives never take the disks and the line for themselves. */
const AT_ONCE = 2;

export function openTransfers(deps: ArchiveDeps): Transfers {
  const running = new Map<string, Promise<void>>();
  const stop = new AbortController();
  const signal = AbortSignal.any([deps.signal, stop.signal]);

  async function carry(
    table: 'archives' | 'restores',
    id: string,
    leg: string,
    work: (signal: AbortSignal) => Promise<void>,
  ): Promise<void> {
    const lost = new AbortController();
    const keep = setInterval(() => {
      hold(deps, table, id).then(
        (ours) => ours || lost.abort(),
        (error: unknown) => deps.log.warn({ archive: id, err: error }, 'the lease of a transfer could not be renewed'),
      );
    }, deps.limits.leaseMs / 3);
    try {
      await work(AbortSignal.any([signal, lost.signal]));
    } catch (error) {
      if (!signal.aborted) deps.log.error({ archive: id, err: error }, 'a transfer ended without saying why');
    } finally {
      clearInterval(keep);
      running.delete(`${table} ${id}`);
      if (!signal.aborted) await deps.nudge(leg);
    }
  }

  return {
    async begin(table, id, leg, work) {
      const key = `${table} ${id}`;
      if (signal.aborted || running.has(key) || running.size >= AT_ONCE) return;
      if (!(await hold(deps, table, id)) || running.has(key)) return;
      const carried = carry(table, id, leg, work).catch((error: unknown) =>
        deps.log.error({ archive: id, err: error }, 'a leg could not be told of its transfer; the sweep finds it'),
      );
      running.set(key, carried);
    },
    async close() {
      stop.abort();
      await Promise.all(running.values());
    },
  };
}
