import { existsSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { askRedis, startRedis, type TestRedis } from '../../support/redis.ts';

describe('the Redis of a test', () => {
  let redis: TestRedis;
  beforeAll(async () => {
    redis = await startRedis();
  });
  afterAll(() => redis.stop());

  it('is not the one that the project shares, and listens on loopback only', async () => {
    expect(redis.url).not.toBe(inject('redisUrl'));
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
});
