import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openRedis } from '../../../src/store/redis.ts';
import { startRedis, type TestRedis } from '../../support/redis.ts';
import { quiet } from './databases-quiet.ts';

let server: TestRedis;
beforeAll(async () => {
  server = await startRedis();
});
afterAll(() => server.stop());

test('a producer is told within seconds that Redis is away', async () => {
  const redis = openRedis('redis://127.0.0.1:1', { role: 'producer', log: quiet });
  const before = performance.now();
  await expect(redis.ping()).rejects.toThrow();
  expect(performance.now() - before).toBeLessThan(3_000);
  redis.disconnect();
});

test('a worker waits while Redis is away, and goes on when it is back', async () => {
  const redis = openRedis(server.url, { role: 'worker', log: quiet });
  expect(await redis.ping()).toBe('PONG');
  await server.kill();
  const waiting = redis.ping();
  await server.restart();
  expect(await waiting).toBe('PONG');
  redis.disconnect();
});

test('a producer works again when Redis is back', async () => {
  const redis = openRedis(server.url, { role: 'producer', log: quiet });
  await server.kill();
  await expect(redis.ping()).rejects.toThrow();
  await server.restart();
  await expect.poll(() => redis.ping().catch(String), { timeout: 10_000 }).toBe('PONG');
  redis.disconnect();
});

test('a producer is not held by a Redis that is frozen', async () => {
  const redis = openRedis(server.url, { role: 'producer', log: quiet });
  expect(await redis.ping()).toBe('PONG');
  const pid = Number(/process_id:(\d+)/.exec(await redis.info('server'))?.[1]);
  process.kill(pid, 'SIGSTOP');
  try {
    await expect(redis.ping()).rejects.toThrow();
  } finally {
    process.kill(pid, 'SIGCONT');
    redis.disconnect();
  }
}, 15_000);

test.each(['producer', 'worker'] as const)(
  'a %s whose connection broke as soon as it was made comes back',
  async (role) => {
    let connections = 0;
    const line = createServer((client) => {
      client.on('error', () => undefined);
      if (++connections <= 3) {
        client.once('data', () => client.destroy());
        return;
      }
      const inner = connect(server.port, '127.0.0.1');
      client.pipe(inner).pipe(client);
      client.on('close', () => inner.destroy());
    }).listen(0, '127.0.0.1');
    await once(line, 'listening');
    const address = line.address();
    const port = address === null || typeof address === 'string' ? 0 : address.port;
    const redis = openRedis(`redis://127.0.0.1:${port}`, { role, log: quiet });
    try {
      await expect.poll(() => redis.ping().catch(String), { timeout: 10_000 }).toBe('PONG');
      expect(connections).toBe(4);
    } finally {
      redis.disconnect();
      line.close();
      await once(line, 'close');
    }
  },
);
