import { existsSync } from 'node:fs';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { askRedis, startRedis, type TestRedis } from '../../support/redis.ts';

describe('the Redis of a test', () => {
  let redis: TestRedis;
  beforeAll(async () => {
    redis = await startRedis();
  });
  afterAll(() => redis.stop());

  it('listens on loopback only, with the durability of the product', async () => {
    expect(await askRedis(redis.port, 'CONFIG', 'GET', 'bind')).toEqual(['bind', '127.0.0.1']);
    expect(await askRedis(redis.port, 'CONFIG', 'GET', 'appendfsync')).toEqual(['appendfsync', 'everysec']);
  });

  it('keeps what reached its file when it is killed and started again', async () => {
    await askRedis(redis.port, 'SET', 'kept', 'yes');
    await redis.restart();
    expect(await askRedis(redis.port, 'GET', 'kept')).toBe('yes');
  });

  it('answers nobody while it is killed', async () => {
    await redis.kill();
    await expect(askRedis(redis.port, 'PING')).rejects.toThrow();
    await redis.restart();
    expect(await askRedis(redis.port, 'PING')).toBe('PONG');
  });

  it('is empty after a wipe, also after a restart', async () => {
    await askRedis(redis.port, 'SET', 'gone', 'yes');
    await redis.wipe();
    await redis.restart();
    expect(await askRedis(redis.port, 'DBSIZE')).toBe(0);
  });

  it('leaves no directory behind', async () => {
    const other = await startRedis();
    await other.stop();
    expect(existsSync(other.dir)).toBe(false);
  });

  it('tells a connection that a test forgot', async () => {
    const other = await startRedis();
    const forgotten = new Redis(other.url, { retryStrategy: () => null });
    await forgotten.ping();
    await expect(other.stop()).rejects.toThrow('connections left open on Redis');
    forgotten.disconnect();
  });
});
