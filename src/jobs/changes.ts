/** Who watches operations is told at once, also across processes while Redis is there; else their polls find it. */
import type { Logger } from '../log.ts';
import type { Changes } from '../operations/deps.ts';
import { openRedis } from '../store/redis.ts';

export interface OpenChanges extends Changes {
  close(): Promise<void>;
}

/** Tells listeners of this process only. */
export function localChanges(): Changes & { readonly listeners: ReadonlySet<(id: string) => void> } {
  const listeners = new Set<(id: string) => void>();
  return {
    listeners,
    tell(id) {
      for (const listener of listeners) listener(id);
    },
    watch(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
}

/** A message costs both sides more than what is told, and nobody sees the difference; milliseconds. */
const TOGETHER_MS = 20;

/** Tells listeners of every process on this Redis. A lost message costs a poll, nothing else. */
export function openChanges(url: string, channel: string, log: Logger): OpenChanges {
  const local = localChanges();
  const publisher = openRedis(url, { role: 'producer', log });
  const subscriber = openRedis(url, { role: 'worker', log });
  const own = `${process.pid}.${Math.random().toString(36).slice(2)}`;
  let away = true;
  publisher.on('ready', () => {
    away = false;
  });
  publisher.on('close', () => {
    away = true;
  });
  subscriber.on('message', (_channel: string, message: string) => {
    const [sender, ...ids] = message.split(' ');
    if (sender !== own) for (const id of ids) local.tell(id);
  });
  subscriber
    .subscribe(channel)
    .catch((error: unknown) => log.debug({ reason: String(error) }, 'changes are polled for'));
  // The changes of a moment travel as one message, each id once. The first after a quiet time goes at once.
  const pending = new Set<string>();
  let nextAt = 0;
  function flush(): void {
    const ids = [...pending];
    pending.clear();
    nextAt = performance.now() + TOGETHER_MS;
    if (away) return;
    publisher
      .publish(channel, [own, ...ids].join(' '))
      .catch((error: unknown) => log.debug({ reason: String(error) }, 'a change was not told'));
  }
  function plan(): void {
    const wait = nextAt - performance.now();
    if (wait > 0) setTimeout(flush, wait).unref();
    else setImmediate(flush);
  }
  return {
    tell(id) {
      local.tell(id);
      if (pending.size === 0) plan();
      pending.add(id);
    },
    watch: local.watch,
    async close() {
      publisher.disconnect();
      subscriber.disconnect();
    },
  };
}
