import { messageOf } from '../errors.ts';
import type { OpenSite } from './open-site.ts';
import { scan } from './scan.ts';
import type { Branch } from './site.ts';

/** Scans, one after another. */
export interface Scans {
  /** Resolves when it is done; one that is asked for while it waits is not done twice. */
  add(branch: Branch, relative: string): Promise<void>;
  /** Those that wait or run. */
  readonly waiting: number;
  ended(): Promise<unknown>;
}

/** `busy` is told of paths to be looked at again. */
export function scans(site: OpenSite, signal: AbortSignal, busy: (path: string) => void): Scans {
  const waiting = new Map<string, Promise<void>>();
  let running = 0;
  let tail: Promise<unknown> = Promise.resolve();

  async function work(branch: Branch, relative: string): Promise<void> {
    waiting.delete(`${branch.tree.name}/${relative}`);
    if (signal.aborted) return;
    running += 1;
    try {
      const { looked, ms } = await scan(site, branch, relative, signal, busy);
      if (relative === '') site.log.info({ tree: branch.tree.name, looked, ms }, 'scanned');
    } catch (error) {
      site.log.error({ tree: branch.tree.name, reason: messageOf(error) }, 'a scan failed');
    } finally {
      running -= 1;
    }
  }

  return {
    add(branch, relative) {
      const name = `${branch.tree.name}/${relative}`;
      const known = waiting.get(name);
      if (known !== undefined) return known;
      const next = tail.then(() => work(branch, relative));
      tail = next;
      waiting.set(name, next);
      return next;
    },
    get waiting() {
      return waiting.size + running;
    },
    ended: () => tail,
  };
}
