import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import type { WatchStatus } from '../../../src/failover/watch/status.ts';
import type { Build } from '../../support/process-node.ts';
import { buildWatcher, openWorld, type World } from '../../support/watch-world.ts';
import { threeSites, twoSites } from '../../unit/failover/topologies.ts';

let build: Build;
let world: World | undefined;
beforeAll(async () => {
  build = await buildWatcher();
});
afterAll(() => build.remove());
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
  for (const id of watchers) {
    const before = (await one.status(id)).turnAt ?? '';
    await vi.waitFor(
      async () => expect(Date.parse((await one.status(id)).turnAt ?? '') - Date.parse(before)).toBeGreaterThan(2000),
      soon,
    );
    expect(await orders(one, id)).toEqual([]);
  }
}

describe('two watchers at two sites', () => {
  it('order the same when a master dies, and do not go back by themselves when it returns', async () => {
    world = await openWorld(build, { places: twoSites.places });
    await until(world, ['s3', 's4'], 'steady', 'steady');
    await world.kill('m1');
    await until(world, ['s3', 's4'], 'standby-dead', 'steady');
    const [s3, s4] = [await world.status('s3'), await world.status('s4')];
    expect(s3.active).toEqual({ pair: 'm2', accounts: {} });
    expect(s4.active).toEqual(s3.active);
    expect(s3.light).toBe('failed-over');
    expect(s3.orders[0]?.evidence.join()).toContain('s3: m1 is');
    await vi.waitFor(
      async () => expect(await orders(world as World, 's3')).toEqual(await orders(world as World, 's4')),
      soon,
    );
    await world.start('m1');
    await until(world, ['s3', 's4'], 'failed-over', 'steady');
    expect((await world.status('s3')).active?.pair).toBe('m2');
  });

  it('a cut between the sites only warns', async () => {
    world = await openWorld(build, { places: twoSites.places });
    await until(world, ['s3', 's4'], 'steady', 'steady');
    for (const [a, b] of [
      ['s3', 's4'],
      ['s3', 'm2'],
      ['s4', 'm1'],
    ] as const)
      world.link(a, b, 'hole');
    await until(world, ['s3'], 'steady', 'unsure');
    await until(world, ['s4'], 'unsure', 'steady');
    await nothingOrdered(world, ['s3', 's4']);
    for (const [a, b] of [
      ['s3', 's4'],
      ['s3', 'm2'],
      ['s4', 'm1'],
    ] as const)
      world.link(a, b, 'open');
    await until(world, ['s3', 's4'], 'steady', 'steady');
    expect(await orders(world, 's4')).toEqual([]);
  });

  it('a lone watcher never switches, and a cut watcher is contradicted', async () => {
    world = await openWorld(build, { places: twoSites.places });
    await until(world, ['s3', 's4'], 'steady', 'steady');
    world.link('s4', 'm1', 'cut');
    await until(world, ['s4'], 'cut', 'steady');
    await nothingOrdered(world, ['s4']);
    await world.kill('s3');
    await world.kill('m1');
    await until(world, ['s4'], 'unsure', 'steady');
    await nothingOrdered(world, ['s4']);
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
