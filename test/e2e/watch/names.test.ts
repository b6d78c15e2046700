import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:https';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { selfSigned } from '../../../src/certificates.ts';
import type { PlacementWish } from '../../../src/failover/placement/model.ts';
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
let worker: Awaited<ReturnType<typeof startWorker>>;
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
  worker = await startWorker(base.path);
  world = await openWorld(build, {
    places: twoSites.places,
    watch: (id) => ({
      ...(id === 's3' ? { worker: worker.section } : {}),
      limits: { holdDownMs: 0, perDay: 9 },
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
  await worker?.close();
  for (const bind of binds.values()) await bind.running.end('SIGTERM');
  base.remove();
});

/** A web role's JSON API, as far as a watcher asks it. */
async function startWorker(dir: string) {
  const { cert, key } = await selfSigned({ names: ['127.0.0.1', 'localhost'], days: 1 });
  writeFileSync(join(dir, 'worker.pem'), cert);
  writeFileSync(join(dir, 'worker.token'), 'token');
  const told = { placement: { homes: {}, unprotected: [] } as PlacementWish };
  const answers: Readonly<Record<string, () => unknown>> = {
    placement: () => told.placement,
    active: () => ({ seq: 0 }),
    open: () => ({ open: 0 }),
    waiting: () => ({ oldestLegMs: 0, legsInDoubt: 0, holds: 0, certificatesEqual: true }),
  };
  const server = createServer({ cert, key }, (request, response) => {
    const word = (request.url ?? '').split('?')[0]?.split('/').at(-1) ?? '';
    request.resume();
    response.setHeader('content-type', 'application/json').end(JSON.stringify(answers[word]?.() ?? {}));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const at = server.address();
  const port = at === null || typeof at === 'string' ? 0 : at.port;
  const section = {
    url: `https://localhost:${port}`,
    tokenFile: join(dir, 'worker.token'),
    ca: join(dir, 'worker.pem'),
  };
  return Object.assign(told, {
    section,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  });
}

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
    const drilled = await world.tell('s3', { command: 'drill', by: 'ann', real: true, zones: [zones[3] ?? ''] });
    expect(drilled).toMatchObject({ exit: 'done', data: { outcomes: [{ kind: 'done' }, { kind: 'done' }] } });
    expect((await world.tell('s3', { command: 'drill', by: 'ann' })).sentence).toContain('60 of 60');
    expect((await world.status('s3')).orders).toEqual([]);
    const high = () => watchers.map((id) => [...readAll(dirOf(id)).values()].join('').match(/^ftp\t14400/gm)?.length);
    const [many] = high();
    await world.tell('s4', { command: 'ttl', by: 'ann', care: 'lower' });
    await vi.waitFor(() => expect(high()).toEqual([undefined, undefined]), soon);
    await world.tell('s3', { command: 'ttl', by: 'ann', care: 'raise' });
    await vi.waitFor(() => expect(high()).toEqual([many, many]), soon);
    // Drafts may still lie beside the zones when the first values are high again.
    await vi.waitFor(() => {
      for (const id of watchers) expect(withoutSerials(readAll(dirOf(id)))).toEqual(withoutSerials(before));
    }, soon);
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

  it('moves only what lives there and is protected, by what the watchers keep themselves, and each goes back where it belongs', async () => {
    const before = readAll(dirOf('s3'));
    const { m1, m2 } = addresses;
    const [bobs = '', eves = '', others = ''] = zones.slice(5);
    writeFileSync(join(base.path, 'accounts'), `${bobs}: bob\n${eves}: eve\n`);
    worker.placement = { homes: { bob: 'm2' }, unprotected: ['eve'] };
    const shown = (wanted: readonly string[]) =>
      vi.waitFor(async () => {
        for (const id of watchers) {
          const answers = await Promise.all([bobs, eves, others].map((zone) => answer(id, zone)));
          expect([id, ...answers.flat()]).toEqual([id, ...wanted]);
        }
      }, soon);
    // The other one hears it from the one that may ask; nothing moves while the gate is closed, and the reason is told.
    await vi.waitFor(async () => {
      for (const id of watchers) {
        const { placement } = await world.status(id);
        expect(placement).toMatchObject({ homes: 1, unprotected: 1, waiting: ['bob'] });
      }
      expect((await world.status('s3')).placement.why).toContain('The gate to m2 is closed.');
    }, soon);
    const forced = (to: string, account?: string) =>
      world.tell('s4', {
        ...{ command: 'return', by: 'ann', to, override: [...override] },
        ...(account === undefined ? {} : { account }),
      });
    expect((await forced('m2', 'bob')).exit).toBe('done');
    await shown([m2, m1, m1]);
    // From here on nobody tells anything more: what counts lies in the watchers' own files.
    await worker.close();
    await world.kill('s4');
    await world.start('s4');
    await world.kill('m1');
    await shown([m2, m1, m2]);
    await world.start('m1');
    await vi.waitFor(async () => {
      for (const id of watchers) expect((await world.status(id)).masters[0]?.sight).toBe('serving');
    }, soon);
    expect((await forced('m1')).exit).toBe('done');
    await shown([m2, m1, m1]);
    expect((await forced('m1', 'bob')).exit).toBe('done');
    await shown([m1, m1, m1]);
    for (const id of watchers) expect(withoutSerials(readAll(dirOf(id)))).toEqual(withoutSerials(before));
  });
});
