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
  // The changes of one turn of the event loop travel as one message, each id once.
  const pending = new Set<string>();
  function flush(): void {
    const ids = [...pending];
    pending.clear();
    if (away) return;
    publisher
      .publish(channel, [own, ...ids].join(' '))
      .catch((error: unknown) => log.debug({ reason: String(error) }, 'a change was not told'));
  }
  return {
    tell(id) {
      local.tell(id);
      if (pending.size === 0) setImmediate(flush);
      pending.add(id);
    },
    watch: local.watch,
    async close() {
      publisher.disconnect();
      subscriber.disconnect();
    },
  };
}
