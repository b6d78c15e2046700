/** Which masters are active, as the watcher on this machine has it: for what must know it without a journal. */
import type { LoadOptions } from '../config.ts';
import { loadWatchConfig } from '../config-watch.ts';
import type { ActiveMasters } from '../dbsync/writers.ts';
import { AppError } from '../errors.ts';
import { tellWatcher } from '../failover/control/socket.ts';
import type { WatchStatus } from '../failover/watch/status.ts';

const askEveryMs = 5000;

function socketOf(options: LoadOptions): string | undefined {
  try {
    return loadWatchConfig(options).socket;
  } catch (error) {
    // No watcher is configured on this machine.
    if (!(error instanceof AppError)) throw error;
    return undefined;
  }
}

/** What the watcher on this machine says now; undefined where none runs. */
export async function askActive(options: LoadOptions): Promise<ActiveMasters | undefined> {
  const socket = socketOf(options);
  return socket === undefined ? undefined : (await asked(socket))?.active;
}

async function asked(socket: string): Promise<{ readonly active: ActiveMasters | undefined } | undefined> {
  try {
    // The watcher's own document, over a socket that only its user can open.
    const { active } = (await tellWatcher(socket, { command: 'status', history: 0 })).data as WatchStatus;
    return { active };
  } catch {
    // It is being restarted, or does not run.
    return undefined;
  }
}

/**
 * A function that answers what the watcher said last; undefined while none runs here, and while
 * orders contradict each other. It asks by itself, at most every five seconds, and never waits.
 */
export function activeMasters(options: LoadOptions, now: () => number): () => ActiveMasters | undefined {
  const socket = socketOf(options);
  let last: ActiveMasters | undefined;
  let askedAt = Number.NEGATIVE_INFINITY;
  return () => {
    if (socket !== undefined && now() - askedAt >= askEveryMs) {
      askedAt = now();
      void asked(socket).then((found) => {
        // What was said last stands while it says nothing; that orders contradict each other is a word too.
        if (found !== undefined) last = found.active;
      });
    }
    return last;
  };
}
