import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { rulesOf } from '../../../src/failover/apply/rules.ts';
import { cloudflarePublisher } from '../../../src/failover/publish/cloudflare.ts';
import type { FreshZone, PushOptions } from '../../../src/failover/publish/publisher.ts';
import { route53Publisher } from '../../../src/failover/publish/route53.ts';
import { type TempDir, tempDir } from '../../support/processes.ts';
import { addresses, cpanelZone, moves, open, order, writeZones } from './directory.ts';
import { type CloudflareRecord, type Provider, type Route53Sets, startCloudflare, startRoute53 } from './providers.ts';

const { owners } = rulesOf(moves);
const isMasters = (key: string): boolean => owners.has(key);
const { signal } = new AbortController();
let base: TempDir;
let dir: string;
let provider: Provider | undefined;

beforeEach(() => {
  base = tempDir('providers');
  dir = join(base.path, 'zones');
  writeZones(dir, ['a.example', 'b.example', 'c.example']);
});
afterEach(async () => {
  await provider?.close();
  provider = undefined;
  base.remove();
});

const fresh = (zone: string): FreshZone => ({ zone, file: join(dir, `${zone}.db`), serial: 1, probe: undefined });
const pushing: PushOptions = { signal, all: 3, scope: 'everything' };

describe('Route 53', () => {
  const sets = (zone: string): Route53Sets =>
    new Map([
      [`${zone}. A`, { ttl: 14400, values: [addresses.m1] }],
      [`${zone}. NS`, { ttl: 172800, values: ['ns-1.awsdns.example.'] }],
      [`${zone}. SOA`, { ttl: 900, values: ['ns-1.awsdns.example. h. 1 7200 900 1209600 86400'] }],
      [`old.${zone}. TXT`, { ttl: 60, values: ['"gone"'] }],
    ]);

  it('gets the sets that move, waits when told to, and names a zone that it does not have', async () => {
    const zones = new Map(['a.example', 'b.example'].map((zone) => [zone, sets(zone)]));
    provider = await startRoute53(zones);
    const given = { name: 'aws', servers: [], accessKeyId: 'AKID', secretAccessKey: 's', url: provider.url, isMasters };
    const publish = await open(base.path, dir, [route53Publisher(given)], { pushes: 1 });
    provider.failNext(503, 2);
    const done = await publish.bring(order(1, 'm2'), signal);
    expect(done.stragglers).toEqual([
      {
        server: 'aws',
        zones: 1,
        examples: ['c.example'],
        sentence: 'aws refused c.example: aws has no hosted zone c.example.',
      },
    ]);
    expect(zones.get('b.example')?.get('b.example. A')).toEqual({ ttl: 60, values: [addresses.m2] });
    expect(zones.get('b.example')?.get('ftp.b.example. A')).toEqual({ ttl: 60, values: [addresses.m2] });
    expect(zones.get('b.example')?.get('www1.b.example. A')).toEqual({ ttl: 14400, values: [addresses.m1] });
    expect(zones.get('b.example')?.has('old.b.example. TXT')).toBe(true);
    await publish.close();
  });

  it('gets a whole zone after an edit, over the pages of its list', async () => {
    const zones = new Map([['a.example', sets('a.example')]]);
    provider = await startRoute53(zones);
    const given = { name: 'aws', servers: [], accessKeyId: 'AKID', secretAccessKey: 's', url: provider.url, isMasters };
    const publisher = route53Publisher(given);
    expect(await publisher.push([fresh('a.example')], pushing)).toEqual([]);
    const now = zones.get('a.example');
    expect(now?.has('old.a.example. TXT')).toBe(false);
    expect(now?.get('a.example. NS')?.values).toEqual(['ns-1.awsdns.example.']);
    expect(now?.get('a.example. MX')).toEqual({ ttl: 14400, values: ['0 a.example.'] });
    const before = provider.asked.length;
    expect(await publisher.push([fresh('a.example')], pushing)).toEqual([]);
    expect(provider.asked.slice(before).filter((call) => call.startsWith('POST'))).toEqual([]);
    await publisher.close?.();
  });
});

describe('Cloudflare', () => {
  const token = 'cf-token';
  const records = (zone: string): Map<string, CloudflareRecord> =>
    new Map(
      [
        { id: 'r1', name: zone, type: 'A', content: addresses.m1, ttl: 1, proxied: true },
        { id: 'r2', name: `ftp.${zone}`, type: 'A', content: addresses.m1, ttl: 14400, proxied: false },
        { id: 'r3', name: `ext.${zone}`, type: 'A', content: '198.51.100.77', ttl: 300, proxied: false },
      ].map((one) => [one.id, one]),
    );

  it('gets new addresses on the records that it has, which stay proxied, and is not asked where it answers itself', async () => {
    const zones = new Map(['a.example', 'b.example', 'c.example'].map((zone) => [zone, records(zone)]));
    provider = await startCloudflare(token, zones);
    const unreachable = { name: 'cf', address: '127.0.0.1', port: 1, keepsSerial: false };
    const publisher = cloudflarePublisher({ name: 'cf', servers: [unreachable], token, url: provider.url, isMasters });
    const publish = await open(base.path, dir, [publisher], { patienceMs: 100, pushes: 1 });
    provider.failNext(429, 1);
    expect(await publish.bring(order(1, 'm2'), signal)).toMatchObject({ kind: 'done', stragglers: [] });
    const now = zones.get('b.example');
    expect(now?.get('r1')).toMatchObject({ content: addresses.m2, ttl: 1, proxied: true });
    expect(now?.get('r2')).toMatchObject({ content: addresses.m2, ttl: 60, proxied: false });
    expect(now?.get('r3')).toMatchObject({ content: '198.51.100.77', ttl: 300 });
    expect([...(now?.values() ?? [])].filter(({ type }) => type === 'AAAA')).toMatchObject([
      { content: '2001:db8:2::11' },
    ]);
    expect(await publish.bring(order(2, 'm1'), signal)).toMatchObject({ kind: 'done' });
    expect(now?.get('r2')).toMatchObject({ content: addresses.m1, ttl: 14400 });
    await publish.close();
  });

  it('says what is wrong without its token', async () => {
    provider = await startCloudflare(token, new Map([['a.example', records('a.example')]]));
    const publisher = cloudflarePublisher({
      name: 'cf',
      servers: [],
      token: 'wrong-secret',
      url: provider.url,
      isMasters,
    });
    const [failure] = await publisher.push([fresh('a.example')], { ...pushing, scope: 'addresses' });
    expect(failure?.reason).toMatch(/403/);
    expect(failure?.reason).not.toContain('wrong-secret');
  });

  it('names a file with a directive that makes records, when all of it should go', async () => {
    provider = await startCloudflare(token, new Map([['a.example', records('a.example')]]));
    writeFileSync(join(dir, 'a.example.db'), `${cpanelZone('a.example')}$GENERATE 1-3 h$ A 192.0.2.$\n`);
    expect(readFileSync(join(dir, 'a.example.db'), 'latin1')).toContain('$GENERATE');
    const publisher = cloudflarePublisher({ name: 'cf', servers: [], token, url: provider.url, isMasters });
    expect(await publisher.push([fresh('a.example')], pushing)).toMatchObject([
      { reason: expect.stringContaining('$GENERATE') },
    ]);
  });
});
