import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { askAll } from '../../../src/failover/publish/ask.ts';
import { addresses, readAll, withoutSerials, writeZones, zoneNames } from '../../redis/failover/directory.ts';
import { type Bind, startBind } from '../../redis/failover/name-servers.ts';
import type { Build } from '../../support/process-node.ts';
import { missing, type TempDir, tempDir } from '../../support/processes.ts';
import { buildWatcher, openWorld, type World } from '../../support/watch-world.ts';
import { twoSites } from '../../unit/failover/topologies.ts';

const zones = zoneNames(60);
const watchers = ['s3', 's4'] as const;
const lacking = missing('named');
const soon = { timeout: 50_000, interval: 150 };
const override = [
  'greenMs',
  'oldestLegMs',
  'legsInDoubt',
  'holds',
  'fileLagMs',
  'databaseLagMs',
  'certificatesEqual',
] as const;
let build: Build;
let base: TempDir;
let world: World;
const binds = new Map<string, Bind>();

const dirOf = (id: string): string => join(base.path, id, 'zones');

beforeAll(async () => {
  base = tempDir('names');
  build = await buildWatcher();
  if (lacking !== undefined) return;
  for (const id of watchers) {
    writeZones(dirOf(id), zones);
    binds.set(id, await startBind({ name: id, dir: join(base.path, id, 'bind'), zonesDir: dirOf(id), zones }));
  }
  world = await openWorld(build, {
    places: twoSites.places,
    watch: (id) => ({
      publish: {
        zones: dirOf(id),
        accounts: join(base.path, 'accounts'),
        threads: 0,
        pairs: [
          { m1: addresses.m1, m2: addresses.m2 },
          { m1: '2001:db8:1::11', m2: '2001:db8:2::11' },
        ],
        servers: [
          {
            name: 'bind',
            kind: 'bind',
            rndc: [...(binds.get(id)?.rndc ?? [])],
            answers: [{ name: id, address: '127.0.0.1', port: binds.get(id)?.port }],
          },
        ],
      },
    }),
  });
});
afterAll(async () => {
  await world?.close();
  for (const bind of binds.values()) await bind.running.end('SIGTERM');
  build.remove();
  base.remove();
});

/** The address that a name server gives for a zone. */
async function answer(id: string, zone: string): Promise<readonly string[]> {
  const bind = binds.get(id);
  if (bind === undefined) return ['no server'];
  const signal = AbortSignal.timeout(5000);
  const [heard] = await askAll([{ name: zone, type: 'A' }], { address: bind.address, port: bind.port, signal });
  return heard?.kind === 'values' ? heard.values : [heard?.kind ?? 'nothing'];
}

async function allAnswer(address: string): Promise<void> {
  await vi.waitFor(async () => {
    for (const id of watchers) {
      for (const zone of [zones[0] ?? '', zones.at(-1) ?? ''])
        expect([id, await answer(id, zone)]).toEqual([id, [address]]);
    }
  }, soon);
}

describe.skipIf(lacking !== undefined)('a master dies', () => {
  it('both name servers give the other’s address, also from a watcher that was killed meanwhile, and a return restores every byte', async () => {
    const before = readAll(dirOf('s3'));
    await vi.waitFor(async () => {
      for (const id of watchers) expect((await world.status(id)).light).toBe('redundant');
    }, soon);
    await allAnswer(addresses.m1);
    await world.kill('m1');
    await vi.waitFor(async () => expect((await world.status('s3')).active?.pair).toBe('m2'), soon);
    await world.kill('s4');
    await world.start('s4');
    await allAnswer(addresses.m2);
    await vi.waitFor(async () => {
      for (const id of watchers) expect((await world.status(id)).publish?.last?.outcome.kind).toBe('done');
    }, soon);
    await world.start('m1');
    await vi.waitFor(async () => {
      for (const id of watchers) expect((await world.status(id)).masters[0]?.sight).toBe('serving');
    }, soon);
    const prepared = await world.tell('s4', { command: 'prepare', by: 'ann', from: 'm2' });
    expect(prepared.lines.join(' ')).toContain('60 of 60 zones would change');
    const back = await world.tell('s4', { command: 'return', by: 'ann', to: 'm1', override: [...override] });
    expect(back.exit).toBe('done');
    await allAnswer(addresses.m1);
    for (const id of watchers) expect(withoutSerials(readAll(dirOf(id)))).toEqual(withoutSerials(before));
  });
});
