/** Which Redis a process uses: the configured one, or the embedded one that a running worker or web started. */
import { join } from 'node:path';
import type { Config } from '../config.ts';
import { messageOf } from '../errors.ts';
import type { Lifecycle } from '../lifecycle.ts';
import type { Logger } from '../log.ts';
import { startEmbeddedRedis } from '../store/embedded-redis.ts';
import { EmbeddedRedisTaken } from '../store/embedded-redis-errors.ts';
import { embeddedRedisUrl } from '../store/embedded-redis-folder.ts';

/** Starts the embedded server for a role that lives long; where another process of ours has it, that one is used. */
export async function redisForRole(config: Config, log: Logger, lifecycle: Lifecycle): Promise<string | undefined> {
  if (config.redis.kind === 'url') return config.redis.url;
  const dir = join(config.stateDir, 'redis');
  try {
    const starting = startEmbeddedRedis({ dir, log });
    // Before it has started: a signal that comes meanwhile must not leave a server behind.
    lifecycle.onClose('redis', () =>
      starting.then(
        (redis) => redis.close(),
        () => undefined,
      ),
    );
    return (await starting).url;
  } catch (error) {
    if (error instanceof EmbeddedRedisTaken) return embeddedRedisUrl(dir);
    // The journal is the queue: without Redis the workers' sweep is the clock, and only the wake-ups are slower.
    log.warn({ reason: messageOf(error) }, 'no redis; the journal is polled instead');
    return undefined;
  }
}

/** For a command that ends soon: it only ever uses what runs already. */
export function redisForCommand(config: Config): string {
  return config.redis.kind === 'url' ? config.redis.url : embeddedRedisUrl(join(config.stateDir, 'redis'));
}
