import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { askAll } from '../../../src/failover/publish/ask.ts';
import { bindPublisher } from '../../../src/failover/publish/bind.ts';
import type { Publish } from '../../../src/failover/publish/model.ts';
import { missing, type TempDir, tempDir } from '../../support/processes.ts';
import { addresses, cpanelZone, open, order, writeZones, zoneNames } from './directory.ts';
import { type Bind, startBind } from './name-servers.ts';

const lacking = missing('named');
const zones = zoneNames(20);
const { signal } = new AbortController();
const stop = new AbortController();
const patient = { timeout: 20_000, interval: 50 };
let base: TempDir;
let dir: string;
let bind: Bind;
let publish: Publish;
let guarding: Promise<void>;

beforeAll(async () => {
  base = tempDir('guard');
  dir = join(base.path, 'zones');
  writeZones(dir, zones);
  if (lacking !== undefined) return;
  bind = await startBind({ name: 's3', dir: join(base.path, 'bind'), zonesDir: dir, zones });
  const list = { file: join(base.path, 'bind', 'zones.conf'), dir };
  publish = await open(base.path, dir, [bindPublisher({ name: 'bind', servers: [bind], rndc: bind.rndc, list })], {
    guardMs: 50,
  });
  guarding = publish.guard(stop.signal);
  // What stands there at the beginning is taken as it is: no edit may come before that.
  await publish.ahead(stop.signal);
});
beforeEach((ctx) => {
  if (lacking !== undefined) ctx.skip(lacking);
});
afterAll(async () => {
  stop.abort();
  await guarding;
  await publish?.close();
  await bind?.running.end('SIGTERM');
  base.remove();
});

async function heard(name: string, type: 'A' | 'SOA'): Promise<unknown> {
  const [one] = await askAll([{ name, type }], { ...bind, signal });
  if (one?.kind === 'serial') return one.serial;
  return one?.kind === 'values' ? one.values : one;
}

const file = (zone: string): string => join(dir, `${zone}.db`);
const append = (zone: string, text: string): void =>
  writeFileSync(file(zone), readFileSync(file(zone), 'latin1') + text);

describe('while nothing else is ordered, the guard publishes', () => {
  it("a customer's edit, before any order, also without a new serial", async () => {
    const before = Number(await heard('cust00001.example', 'SOA'));
    append('cust00001.example', 'new	60	IN	A	203.0.113.7\n');
    await vi.waitFor(async () => expect(await heard('new.cust00001.example', 'A')).toEqual(['203.0.113.7']), patient);
    expect(Number(await heard('cust00001.example', 'SOA'))).toBeGreaterThan(before);
    expect(await heard('cust00001.example', 'A')).toEqual([addresses.m1]);
  });

  it('what appears during a switch, brought to the active master', async () => {
    expect(await publish.bring(order(1, 'm2'), signal)).toMatchObject({ kind: 'done', counts: { changed: 20 } });
    append('cust00002.example', `late	14400	IN	A	${addresses.m1}\n`);
    await vi.waitFor(async () => expect(await heard('late.cust00002.example', 'A')).toEqual([addresses.m2]), patient);
    writeFileSync(file('fresh.example'), cpanelZone('fresh.example'));
    await vi.waitFor(async () => expect(await heard('fresh.example', 'A')).toEqual([addresses.m2]), patient);
  });

  it('a zone that somebody put back as it was: moved again, under a serial that is ahead', async () => {
    const served = Number(await heard('cust00003.example', 'SOA'));
    writeFileSync(file('cust00003.example'), cpanelZone('cust00003.example'));
    await vi.waitFor(
      async () => expect(Number(await heard('cust00003.example', 'SOA'))).toBeGreaterThan(served),
      patient,
    );
    expect(await heard('cust00003.example', 'A')).toEqual([addresses.m2]);
  });

  it('the end of a zone', async () => {
    rmSync(file('cust00004.example'));
    await vi.waitFor(
      async () => expect(await heard('cust00004.example', 'SOA')).toEqual({ kind: 'refused', code: 'REFUSED' }),
      patient,
    );
  });

  it('and a return takes all of it along, without another word from the guard', async () => {
    expect(await publish.bring(order(2, 'm1'), signal)).toMatchObject({ kind: 'done', counts: { zones: 20 } });
    for (const name of ['late.cust00002.example', 'fresh.example', 'cust00003.example']) {
      expect([name, await heard(name, 'A')]).toEqual([name, [addresses.m1]]);
    }
    const serials = await Promise.all(zones.slice(5).map((zone) => heard(zone, 'SOA')));
    await publish.predict(order(2, 'm1'));
    expect(await Promise.all(zones.slice(5).map((zone) => heard(zone, 'SOA')))).toEqual(serials);
  });
});
