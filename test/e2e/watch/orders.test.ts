import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { randomOf } from '../../support/chance.ts';
import type { Build } from '../../support/process-node.ts';
import { run } from '../../support/processes.ts';
import { buildWatcher, openWorld, type World } from '../../support/watch-world.ts';
import { threeSites, twoSites } from '../../unit/failover/topologies.ts';

let build: Build;
beforeAll(async () => {
  build = await buildWatcher();
});

const soon = { timeout: 40_000, interval: 100 };
const runs = Number(process.env['TANDEM_TEST_SEEDS'] ?? 2);

async function bothSay(world: World, pair: string): Promise<void> {
  await vi.waitFor(async () => {
    for (const id of ['s3', 's4']) expect([id, (await world.status(id)).active?.pair]).toEqual([id, pair]);
  }, soon);
}

async function steady(world: World): Promise<void> {
  await vi.waitFor(async () => {
    for (const id of ['s3', 's4']) {
      const { masters, others } = await world.status(id);
      expect([masters.map(({ state }) => state), others.every(({ answers }) => answers)]).toEqual([
        ['steady', 'steady'],
        true,
      ]);
    }
  }, soon);
}

async function ordersOf(world: World, id: string): Promise<readonly string[]> {
  return (await world.status(id)).orders.map((order) => order.id);
}

describe('people at two watchers', () => {
  let world: World;
  beforeAll(async () => {
    world = await openWorld(build, { places: twoSites.places });
    await steady(world);
  });
  afterAll(() => world.close());

  it('a hold said to one is kept by both, and nothing switches until it is released', async () => {
    const said = await world.tell('s3', { command: 'hold', by: 'ann', reason: 'moving racks' });
    expect(said).toMatchObject({ exit: 'done', lines: [] });
    expect((await world.status('s4')).hold).toEqual({ by: 'ann', reason: 'moving racks' });
    await world.tell('s4', { command: 'release', by: 'bob' });
    expect((await world.status('s3')).hold).toBeUndefined();
  });

  it('windows of two masters do not overlap', async () => {
    const [from, until] = [Date.now(), Date.now() + 60_000];
    const window = { command: 'downtime', by: 'ann', from, until, reason: 'kernel' } as const;
    expect((await world.tell('s3', { ...window, master: 'm1' })).exit).toBe('done');
    expect((await world.tell('s4', { ...window, master: 'm2' })).exit).toBe('refused');
    const [{ id } = { id: '' }] = (await world.status('s4')).downtime;
    expect((await world.tell('s4', { command: 'end-downtime', by: 'ann', id })).exit).toBe('done');
  });

  it('a switch by hand is carried by both, and a return waits for its gate', async () => {
    const prepared = await world.tell('s3', { command: 'prepare', by: 'ann', from: 'm1' });
    expect(prepared.exit).toBe('done');
    expect(await ordersOf(world, 's3')).toEqual([]);
    expect((await world.tell('s3', { command: 'switch', by: 'ann', from: 'm1' })).exit).toBe('done');
    await bothSay(world, 'm2');
    const refused = await world.tell('s4', { command: 'return', by: 'ann', to: 'm1' });
    expect(refused.exit).toBe('refused');
    expect(refused.lines.join(' ')).toContain('databases: Nothing is known');
    const override = [
      'greenMs',
      'oldestLegMs',
      'legsInDoubt',
      'holds',
      'fileLagMs',
      'databaseLagMs',
      'certificatesEqual',
    ] as const;
    expect((await world.tell('s4', { command: 'return', by: 'ann', to: 'm1', override: [...override] })).exit).toBe(
      'done',
    );
    await bothSay(world, 'm1');
  });

  it('an account moves alone', async () => {
    expect((await world.tell('s3', { command: 'switch', by: 'ann', from: 'm1', account: 'bob' })).exit).toBe('done');
    await vi.waitFor(
      async () => expect((await world.status('s4')).active).toEqual({ pair: 'm1', accounts: { bob: 'm2' } }),
      soon,
    );
  });

  it('without the other watcher an order needs a second word, and contradicting ones are settled when they meet', async () => {
    world.link('s3', 's4', 'cut');
    await vi.waitFor(async () => expect((await world.status('s3')).others[0]?.answers).toBe(false), soon);
    const lone = await world.tell('s3', { command: 'switch', by: 'ann', from: 'm1' });
    expect([lone.exit, lone.sentence]).toEqual(['refused', expect.stringContaining('second time')]);
    expect((await world.tell('s3', { command: 'switch', by: 'ann', from: 'm1', secondWord: true })).exit).toBe('done');
    expect((await world.tell('s4', { command: 'switch', by: 'eve', from: 'm2', secondWord: true })).exit).toBe('done');
    expect((await world.status('s3')).active?.pair).toBe('m2');
    expect((await world.status('s4')).active?.pair).toBe('m1');
    world.link('s3', 's4', 'open');
    await vi.waitFor(async () => {
      const [s3, s4] = [await world.status('s3'), await world.status('s4')];
      expect([s3.conflict, s4.conflict]).toEqual([[], []]);
      expect(s3.active).toEqual(s4.active);
      expect(await ordersOf(world, 's3')).toEqual(await ordersOf(world, 's4'));
    }, soon);
  });

  it('works with the files alone where no watcher runs, and both hear of it later', async () => {
    await world.kill('s4');
    const cli = async (...words: string[]) => {
      const argv = [build.script, 'failover', ...words, '--config', world.configFile('s4'), '--json'];
      const child = run(process.execPath, argv);
      await child.exited;
      const document =
        child
          .output()
          .split('\n')
          .find((line) => line.startsWith('{"')) ?? '{}';
      return { status: child.child.exitCode, document: JSON.parse(document) as unknown };
    };
    expect(await cli('hold', 'night work')).toMatchObject({ status: 0, document: { exit: 'done', lines: [] } });
    const { document } = await cli('status');
    expect(document).toMatchObject({ node: 's4', running: false, hold: { reason: 'night work' } });
    expect((await cli('switch', 'm9')).status).toBe(2);
    expect((await world.status('s3')).hold).toMatchObject({ reason: 'night work' });
    await world.start('s4');
    await vi.waitFor(async () => expect((await world.status('s4')).hold).toMatchObject({ reason: 'night work' }), soon);
  });
});

describe('killed at any moment', () => {
  it(
    'both end with the same orders, whole, however often watchers are killed around a death',
    async () => {
      const world = await openWorld(build, {
        places: threeSites.places,
        watch: { limits: { holdDownMs: 0, perDay: 1000 } },
      });
      try {
        await steady(world);
        const random = randomOf(runs);
        for (let round = 0; round < runs; round += 1) {
          const [dead, other] = round % 2 === 0 ? ['m1', 'm2'] : ['m2', 'm1'];
          await world.kill(dead as string);
          const victim = random() < 0.5 ? 's3' : 's4';
          await new Promise((resolve) => setTimeout(resolve, random() * 2500));
          await world.kill(victim);
          await world.start(victim);
          await bothSay(world, other as string);
          await world.start(dead as string);
          await vi.waitFor(async () => {
            for (const id of ['s3', 's4']) {
              const { masters } = await world.status(id);
              expect(masters.every(({ sight }) => sight === 'serving')).toBe(true);
            }
          }, soon);
        }
        await vi.waitFor(async () => expect(await ordersOf(world, 's3')).toEqual(await ordersOf(world, 's4')), soon);
        // What a crash leaves half written is cut off; a damaged line in the middle is said, and the rest counts.
        const before = await ordersOf(world, 's3');
        const log = join(world.dir, 's3', 'watch', 'orders.log');
        await world.kill('s3');
        appendFileSync(log, '12345678 {"order":{"epoch":9');
        await world.start('s3');
        await vi.waitFor(async () => expect(await ordersOf(world, 's3')).toEqual(before), soon);
        await world.kill('s3');
        writeFileSync(log, readFileSync(log, 'utf8').replace('"kind":"switch"', '"kind":"swatch"'));
        await world.start('s3');
        await vi.waitFor(async () => {
          const { warnings } = await world.status('s3');
          expect(warnings.join()).toContain('1 lines of the order log are damaged');
          expect(await ordersOf(world, 's3')).toEqual(before);
        }, soon);
      } finally {
        await world.close();
      }
    },
    120_000 + runs * 30_000,
  );
});
