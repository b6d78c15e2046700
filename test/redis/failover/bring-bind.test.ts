import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { askAll } from '../../../src/failover/publish/ask.ts';
import { bindPublisher } from '../../../src/failover/publish/bind.ts';
import type { Publish } from '../../../src/failover/publish/model.ts';
import { activeOf, nextOrder, type Order, standing } from '../../../src/failover/verdict/orders.ts';
import { missing, type TempDir, tempDir } from '../../support/processes.ts';
import { addresses, open, order, readAll, withoutSerials, writeZones, zoneNames } from './directory.ts';
import { type Bind, startBind } from './name-servers.ts';

const lacking = missing('named');
const zones = zoneNames(120);
const { signal } = new AbortController();
let base: TempDir;
let dir: string;
let bind: Bind;
let publish: Publish;

beforeAll(async () => {
  base = tempDir('bring');
  dir = join(base.path, 'zones');
  writeZones(dir, zones);
  if (lacking !== undefined) return;
  bind = await startBind({ name: 's3', dir: join(base.path, 'bind'), zonesDir: dir, zones });
  publish = await open(base.path, dir, [bindPublisher({ name: 'bind', servers: [bind], rndc: bind.rndc })], {
    patienceMs: 30_000,
  });
});
beforeEach((ctx) => {
  if (lacking !== undefined) ctx.skip(lacking);
});
afterAll(async () => {
  await publish?.close();
  await bind?.running.end('SIGTERM');
  base.remove();
});

/** One more order of a person. */
function give(orders: readonly Order[], wanted: Pick<Order, 'kind' | 'from' | 'to' | 'accounts'>): readonly Order[] {
  return [...orders, nextOrder(orders, { ...wanted, node: 's3', at: orders.length, by: 'ann', evidence: [] })];
}

async function addressesOf(zone: string): Promise<readonly string[]> {
  const [heard] = await askAll([{ name: zone, type: 'A' }], { ...bind, signal });
  return heard?.kind === 'values' ? heard.values : [heard?.kind ?? ''];
}

describe('an order, with BIND', () => {
  it('is answered by the name server, and a return leaves every byte but the serials', async () => {
    const before = readAll(dir);
    const there = await publish.bring(order(1, 'm2'), signal);
    expect(there).toMatchObject({ kind: 'done', counts: { zones: 120, changed: 120, left: 0 }, stragglers: [] });
    expect(await addressesOf('cust00007.example')).toEqual([addresses.m2]);
    expect(await addressesOf('www1.cust00007.example')).toEqual([addresses.m1]);
    expect(await publish.bring(order(1, 'm2'), signal)).toMatchObject({ kind: 'done', counts: { changed: 0 } });
    const back = await publish.bring(order(2, 'm1'), signal);
    expect(back).toMatchObject({ kind: 'done', counts: { changed: 120 } });
    expect(await addressesOf('cust00007.example')).toEqual([addresses.m1]);
    expect(withoutSerials(readAll(dir))).toEqual(withoutSerials(before));
  });

  it('moves one account alone', async () => {
    writeFileSync(join(base.path, 'userdomains'), 'cust00003.example: bob\n*: nobody\n');
    const done = await publish.bring(order(3, 'm1', { bob: 'm2' }), signal);
    expect(done).toMatchObject({ kind: 'done', counts: { changed: 1 } });
    expect((await publish.state()).moved).toMatchObject([
      { zone: 'cust00003.example', account: 'bob', pointsAt: 'm2' },
    ]);
    expect(await addressesOf('cust00003.example')).toEqual([addresses.m2]);
    expect(await publish.bring(order(4, 'm1'), signal)).toMatchObject({ kind: 'done', counts: { changed: 1 } });
  });

  it('leaves accounts where they are that no switch moves, and what belongs to the other master stays there', async () => {
    writeFileSync(join(base.path, 'userdomains'), 'cust00003.example: bob\ncust00004.example: eve\n');
    const homes = give([], { kind: 'return', from: 'm1', to: 'm2', accounts: ['bob'] });
    const dead = give(homes, { kind: 'switch', from: 'm1', to: 'm2' });
    const back = give(dead, { kind: 'return', from: 'm2', to: 'm1' });
    const end = give(back, { kind: 'return', from: 'm2', to: 'm1', accounts: ['bob'] });
    const before = readAll(dir);
    const shown = async () =>
      Promise.all(
        ['cust00003', 'cust00004', 'cust00007'].map(async (zone) => (await addressesOf(`${zone}.example`))[0]),
      );
    const bring = async (orders: readonly Order[], epoch: number) => {
      const stands = standing(orders);
      if (stands.kind === 'conflict') throw new Error('nobody contradicts here');
      const { pair, accounts } = activeOf(stands, 'm1', ['eve']);
      expect(await publish.bring(order(epoch, pair, accounts), signal)).toMatchObject({ kind: 'done' });
      return shown();
    };
    const { m1, m2 } = addresses;
    expect(await bring(homes, 40)).toEqual([m2, m1, m1]);
    expect(await bring(dead, 41)).toEqual([m2, m1, m2]);
    expect(await bring(back, 42)).toEqual([m2, m1, m1]);
    expect(await bring(end, 43)).toEqual([m1, m1, m1]);
    expect(withoutSerials(readAll(dir))).toEqual(withoutSerials(before));
  });

  it('leaves a broken zone alone, says so, and stops nobody else', async () => {
    const file = join(dir, 'cust00005.example.db');
    const whole = readFileSync(file, 'latin1');
    writeFileSync(file, `${whole}t TXT "open\n`);
    const done = await publish.bring(order(50, 'm2'), signal);
    expect(done).toMatchObject({ kind: 'done', counts: { changed: 119, left: 1 } });
    expect(done.left).toEqual([
      { zone: 'cust00005.example', line: expect.any(Number), reason: 'a quote is not closed in its line' },
    ]);
    writeFileSync(file, whole);
    expect(await publish.bring(order(51, 'm1'), signal)).toMatchObject({ kind: 'done', counts: { left: 0 } });
  });

  it('names a name server that does not answer, and what it answers instead', async () => {
    const other = { ...bind, name: 's4', port: 1 };
    await publish.close();
    const both = bindPublisher({ name: 'bind', servers: [bind, other], rndc: bind.rndc });
    publish = await open(base.path, dir, [both], { patienceMs: 200, pushes: 2 });
    const done = await publish.bring(order(52, 'm2'), signal, { only: new Set(['cust00001.example']) });
    expect(done.kind).toBe('stragglers');
    expect(done.stragglers).toMatchObject([{ server: 's4', zones: 1, examples: ['cust00001.example'] }]);
  });
});
