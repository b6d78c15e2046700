import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { askAll } from '../../../src/failover/publish/ask.ts';
import { bindPublisher } from '../../../src/failover/publish/bind.ts';
import type { Publish } from '../../../src/failover/publish/model.ts';
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
    patienceMs: 3000,
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

  it('leaves a broken zone alone, says so, and stops nobody else', async () => {
    const file = join(dir, 'cust00005.example.db');
    const whole = readFileSync(file, 'latin1');
    writeFileSync(file, `${whole}t TXT "open\n`);
    const done = await publish.bring(order(5, 'm2'), signal);
    expect(done).toMatchObject({ kind: 'done', counts: { changed: 119, left: 1 } });
    expect(done.left).toEqual([
      { zone: 'cust00005.example', line: expect.any(Number), reason: 'a quote is not closed in its line' },
    ]);
    writeFileSync(file, whole);
    expect(await publish.bring(order(6, 'm1'), signal)).toMatchObject({ kind: 'done', counts: { left: 0 } });
  });

  it('names a name server that does not answer, and what it answers instead', async () => {
    const other = { ...bind, name: 's4', port: 1 };
    await publish.close();
    const both = bindPublisher({ name: 'bind', servers: [bind, other], rndc: bind.rndc });
    publish = await open(base.path, dir, [both], { patienceMs: 200, pushes: 2 });
    const done = await publish.bring(order(7, 'm2'), signal, { only: new Set(['cust00001.example']) });
    expect(done.kind).toBe('stragglers');
    expect(done.stragglers).toMatchObject([{ server: 's4', zones: 1, examples: ['cust00001.example'] }]);
  });
});
