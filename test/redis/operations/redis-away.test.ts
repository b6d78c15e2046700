import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { accountOf, countOf, deskOf } from '../../support/chaos.ts';
import { startPair, type TestPair } from '../../support/pair.ts';
import { startRedis, type TestRedis } from '../../support/redis.ts';

let redis: TestRedis;
let pair: TestPair;
const names = Array.from({ length: 12 }, (_, i) => `acc${i}`);
beforeEach(async () => {
  redis = await startRedis();
  pair = await startPair({ redisUrl: redis.url });
  await deskOf(pair).run('package.add', { name: 'gold' });
});
afterEach(async () => {
  await pair.close();
  await redis.stop();
});

async function allDone(): Promise<void> {
  const desk = deskOf(pair);
  const accepted = await Promise.all(names.map((name) => desk.accept('account.create', accountOf(name))));
  for (const { id } of accepted) expect((await desk.final(id)).state).toBe('done');
  for (const sim of [pair.m1, pair.m2]) expect(await countOf(sim, 'createacct')).toBe(names.length);
}

describe('work goes on when Redis', () => {
  it('is killed, and stays away', async () => {
    await redis.kill();
    await allDone();
    expect((await pair.core.reads.status()).redis).toBe('away');
  });

  it('is emptied in the middle', async () => {
    const work = allDone();
    await redis.wipe();
    await redis.wipe();
    await work;
  });

  it('is killed in the middle and comes back empty', async () => {
    const work = allDone();
    await redis.kill();
    await redis.restart();
    await redis.wipe();
    await work;
  });
});

describe('work goes on without Redis', () => {
  it('from the start to the end', async () => {
    const bare = await startPair();
    try {
      const desk = deskOf(bare);
      await desk.run('package.add', { name: 'gold' });
      expect((await desk.run('account.create', accountOf('bob'))).state).toBe('done');
    } finally {
      await bare.close();
    }
  });
});
