import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import type { WatchStatus } from '../../../src/failover/watch/status.ts';
import type { Build } from '../../support/process-node.ts';
import { buildWatcher, openWorld, type World } from '../../support/watch-world.ts';
import { threeSites, twoSites } from '../../unit/failover/topologies.ts';

let build: Build;
let world: World | undefined;
beforeAll(async () => {
  build = await buildWatcher();
});
afterEach(async () => {
  await world?.close();
  world = undefined;
});

const soon = { timeout: 40_000, interval: 100 };

function stateOf(status: WatchStatus, master: string): string | undefined {
  return status.masters.find(({ id }) => id === master)?.state;
}

/** Waits until every watcher says these states of m1 and m2. */
async function until(one: World, watchers: readonly string[], m1: string, m2: string): Promise<void> {
  await vi.waitFor(async () => {
    for (const id of watchers) {
      const status = await one.status(id);
      expect([id, stateOf(status, 'm1'), stateOf(status, 'm2')]).toEqual([id, m1, m2]);
    }
  }, soon);
}

async function orders(one: World, id: string): Promise<readonly string[]> {
  return (await one.status(id)).orders.map(
    (order) => `${order.id} ${order.kind} ${order.from} ${order.to} ${order.by}`,
  );
}

/** Several turns later nothing was ordered. */
async function nothingOrdered(one: World, watchers: readonly string[]): Promise<void> {
  const turnOf = async (id: string): Promise<number> => Date.parse((await one.status(id)).turnAt ?? '');
  const before = await Promise.all(watchers.map(turnOf));
  await vi.waitFor(async () => {
    const now = await Promise.all(watchers.map(turnOf));
    for (const [at, turn] of now.entries()) expect(turn - (before[at] ?? 0)).toBeGreaterThan(1500);
  }, soon);
  for (const id of watchers) expect(await orders(one, id)).toEqual([]);
}

describe('two watchers at two sites', () => {
  let pair: World;
  const cut = (state: 'open' | 'cut'): void => {
    for (const [a, b] of [
      ['s3', 's4'],
      ['s3', 'm2'],
      ['s4', 'm1'],
    ] as const)
      pair.link(a, b, state);
  };
  beforeAll(async () => {
    pair = await openWorld(build, { places: twoSites.places });
  });
  afterAll(() => pair.close());
  beforeEach(() => until(pair, ['s3', 's4'], 'steady', 'steady'));

  it('a cut between the sites only warns', async () => {
    cut('cut');
    await until(pair, ['s3'], 'steady', 'unsure');
    await until(pair, ['s4'], 'unsure', 'steady');
    await nothingOrdered(pair, ['s3', 's4']);
    cut('open');
  });

  it('a cut watcher is contradicted, and a lone one never switches', async () => {
    pair.link('s4', 'm1', 'hole');
    await until(pair, ['s4'], 'cut', 'steady');
    await nothingOrdered(pair, ['s4']);
    await pair.kill('s3');
    await pair.kill('m1');
    await until(pair, ['s4'], 'unsure', 'steady');
    await nothingOrdered(pair, ['s4']);
    pair.link('s4', 'm1', 'open');
    for (const id of ['m1', 's3']) await pair.start(id);
  });

  it('order the same when a master dies, and do not go back by themselves when it returns', async () => {
    await pair.kill('m1');
    await until(pair, ['s3', 's4'], 'standby-dead', 'steady');
    const [s3, s4] = [await pair.status('s3'), await pair.status('s4')];
    expect(s3.active).toEqual({ pair: 'm2', accounts: {} });
    expect(s4.active).toEqual(s3.active);
    expect(s3.light).toBe('failed-over');
    expect(s3.orders[0]?.evidence.join()).toContain('s3: m1 is');
    await vi.waitFor(async () => expect(await orders(pair, 's3')).toEqual(await orders(pair, 's4')), soon);
    await pair.start('m1');
    await until(pair, ['s3', 's4'], 'failed-over', 'steady');
    expect((await pair.status('s3')).active?.pair).toBe('m2');
  });
});

describe('with a witness at a third site', () => {
  it('the loss of a whole site switches, by the other watcher and the witness', async () => {
    world = await openWorld(build, { places: threeSites.places });
    await until(world, ['s3', 's4'], 'steady', 'steady');
    await Promise.all([world.kill('m1'), world.kill('s3')]);
    await until(world, ['s4'], 'standby-dead', 'steady');
    const status = await world.status('s4');
    expect(status.active?.pair).toBe('m2');
    expect(status.orders[0]?.evidence.join()).toContain('w: m1 is not seen');
    // The watcher that was away hears of it, and does as ordered.
    await world.start('s3');
    await vi.waitFor(async () => expect((await (world as World).status('s3')).active?.pair).toBe('m2'), soon);
  });

  it('without an anchor nobody switches', async () => {
    world = await openWorld(build, { places: threeSites.places });
    await until(world, ['s3', 's4'], 'steady', 'steady');
    await world.kill('anchor');
    await vi.waitFor(async () => {
      const checks = (await (world as World).status('s4')).checks;
      expect(checks.find(({ id }) => id.startsWith('anchor'))?.result).toBe('critical');
    }, soon);
    await world.kill('m1');
    await until(world, ['s3', 's4'], 'unsure', 'steady');
    await nothingOrdered(world, ['s3', 's4']);
  });
});
