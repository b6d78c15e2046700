import { afterAll, beforeAll, expect, inject, vi } from 'vitest';
import { stillRunning } from './processes.ts';
import { askRedis } from './redis.ts';

/** Connections on the shared Redis, this question's own one left out; undefined in projects without it. */
async function clients(): Promise<number | undefined> {
  const url = inject('redisUrl');
  if (url === undefined) return undefined;
  const list = String(await askRedis(Number(new URL(url).port), 'CLIENT', 'LIST'));
  return list.trim().split('\n').length - 1;
}

let before: number | undefined;
beforeAll(async () => {
  before = await clients();
});

// Registered first, so it runs after the file's own afterAll hooks. The server notices a closed socket a moment later.
afterAll(async () => {
  await vi.waitFor(async () => expect(await clients(), 'connections left open on Redis').toBe(before), 3000);
  expect(stillRunning(), 'processes left running').toEqual([]);
});
