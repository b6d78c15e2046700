import { Redis, type RedisOptions } from 'ioredis';
import type { Logger } from 'pino';

export interface RedisUse {
  /**
   * 'producer' answers within seconds when Redis is away: a person waits, and the sweep finds what it could not add.
   * 'worker' waits for ever and goes on when Redis is back, as Bull's blocking connections must.
   */
  readonly role: 'producer' | 'worker';
  readonly log: Logger;
}

const connectMs = 3_000;
const producerAnswerMs = 2_000;
const longestPauseMs = 2_000;

function optionsOf(role: RedisUse['role']): RedisOptions {
  const common: RedisOptions = {
    connectTimeout: connectMs,
    retryStrategy: (times) => Math.min(times * 100, longestPauseMs),
    // After a failover the old primary answers READONLY: leave it, and say the command again.
    reconnectOnError: (error) => (error.message.startsWith('READONLY') ? 2 : false),
    // ioredis 5.11 without ready check calls a connection ready when its CLIENT SETINFO failed because the connection
    // broke: it then never reconnects, and every command waits for ever. So SETINFO is not sent.
    disableClientInfo: true,
  };
  // Bull refuses other values on the connections that it blocks on, and the process dies of it (bull issue 1873).
  if (role === 'worker') return { ...common, maxRetriesPerRequest: null, enableReadyCheck: false };
  return { ...common, maxRetriesPerRequest: 1, commandTimeout: producerAnswerMs };
}

/**
 * A connection to Redis, made in the background; it never throws because Redis is away. The caller closes it.
 * `url` is redis://, rediss:// or unix:///path/to/socket.
 */
export function openRedis(url: string, { role, log }: RedisUse): Redis {
  const client = new Redis(url.replace(/^unix:\/\//, ''), optionsOf(role));
  // An 'error' event nobody listens to would end the process. One line an outage, not one a second.
  let away = false;
  client.on('error', (error) => {
    if (!away) log.warn({ err: error, role }, 'redis away');
    away = true;
  });
  client.on('ready', () => {
    if (away) log.info({ role }, 'redis back');
    away = false;
  });
  return client;
}
