import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { inlinePlanner } from '../../../src/failover/apply/planner.ts';
import { cpanelDnsPublisher } from '../../../src/failover/publish/cpanel-dns.ts';
import type { Publish, PublishOrder } from '../../../src/failover/publish/model.ts';
import type { Source } from '../../../src/failover/publish/pull.ts';
import { type Simulator, startSimulator } from '../../../src/simulator/index.ts';
import { batchOf } from '../../../src/whm/batch.ts';
import { type ArgValue, whm } from '../../../src/whm/call.ts';
import { openWhmClient, type WhmClient } from '../../../src/whm/client.ts';
import { testLog } from '../../support/log.ts';
import { type TempDir, tempDir } from '../../support/processes.ts';
import { open } from './directory.ts';

const { log } = testLog();
const { signal } = new AbortController();
const patient = { timeout: 20_000, interval: 50 };
const ips = { m1: '127.0.1.1', m2: '127.0.1.2' };
const moves = {
  masters: [
    { id: 'm1', hostname: 'm1.example.net' },
    { id: 'm2', hostname: 'm2.example.net' },
  ],
  pairs: [ips],
  stays: ['www1', 'www2'],
  ttlAtMost: 60,
  home: 'm1',
};
let base: TempDir;
let dir: string;
let sims: Record<'m1' | 'm2', Simulator>;
let clients: Record<'m1' | 'm2', WhmClient>;
let publish: Publish;
let stop: AbortController;
let guarding: Promise<void>;

async function simulator(id: 'm1' | 'm2'): Promise<Simulator> {
  const stateDir = join(base.path, id);
  mkdirSync(stateDir, { recursive: true });
  return await startSimulator({ id, stateDir, listen: ips[id], minimumStrength: 30 });
}

function client(id: 'm1' | 'm2', sim: Simulator): WhmClient {
  const url = new URL(sim.whmUrl);
  const credentials = { kind: 'token', user: 'root', token: sim.rootToken } as const;
  const tls = { kind: 'ca', pem: sim.ca } as const;
  const port = Number(url.port);
  const target = { id, hostname: `${id}.example.net`, connect: url.hostname, port, credentials, tls, concurrency: 4 };
  return openWhmClient(target, { log });
}

async function call(id: 'm1' | 'm2', fn: string, args: Record<string, ArgValue>): Promise<void> {
  const outcome = await clients[id].call(whm(fn, args));
  if (outcome.kind !== 'done') throw new Error(`${fn}: ${outcome.reason}`);
}

async function start(): Promise<void> {
  const sources: Source[] = (['m1', 'm2'] as const).map((id) => ({
    master: id,
    client: client(id, sims[id]),
    dns: undefined,
  }));
  publish = await open(base.path, dir, [], { sources, pullMs: 100, guardMs: 50, planner: inlinePlanner(moves) });
  stop = new AbortController();
  guarding = publish.guard(stop.signal);
}

async function end(): Promise<void> {
  stop.abort();
  await guarding;
  await publish.close();
}

beforeAll(async () => {
  base = tempDir('pull');
  dir = join(base.path, 'zones');
  mkdirSync(dir);
  sims = { m1: await simulator('m1'), m2: await simulator('m2') };
  clients = { m1: client('m1', sims.m1), m2: client('m2', sims.m2) };
  const account = { username: 'bob', domain: 'bob.example', password: 'Xy7-long-enough-9z', plan: 'default' };
  for (const id of ['m1', 'm2'] as const) await call(id, 'createacct', account);
  await start();
});
afterAll(async () => {
  await end();
  await Promise.all([clients.m1.close(), clients.m2.close()]);
  await Promise.all([sims.m1.close(), sims.m2.close()]);
  base.remove();
});

const file = (): string => join(dir, 'bob.example.db');
const text = (): string => (existsSync(file()) ? readFileSync(file(), 'latin1') : '');
const serial = (): number =>
  Number(/SOA[^(]*\(\s*(\d+)/.exec(text())?.[1] ?? /SOA\s+\S+\s+\S+\s+\(?\s*(\d+)/.exec(text())?.[1]);
const order = (epoch: number, pair: string): PublishOrder => ({
  epoch,
  node: 's3',
  parents: [],
  instant: Date.now(),
  active: { pair, accounts: {} },
});
const record = (name: string, address: string): Record<string, ArgValue> => ({
  domain: 'bob.example',
  name: `${name}.bob.example.`,
  class: 'IN',
  ttl: 300,
  type: 'A',
  address,
});

describe("a master's own edits", () => {
  it('a new zone is published with its account', async () => {
    await vi.waitFor(() => expect(text()).toContain(ips.m1), patient);
    expect(readFileSync(join(base.path, 'userdomains'), 'utf8')).toContain('bob.example: bob\n');
  });

  it('of the active master are published under a higher serial, of the other one never', async () => {
    const before = serial();
    await call('m2', 'addzonerecord', record('other', '203.0.113.2'));
    await call('m1', 'addzonerecord', record('_proof', '203.0.113.1'));
    await vi.waitFor(() => expect(text()).toContain('203.0.113.1'), patient);
    expect(serial()).toBeGreaterThan(before);
    expect(text()).not.toContain('203.0.113.2');
  });

  it('a switch alone takes nothing from the other master; its next edit does, and the return moves that back', async () => {
    await publish.bring(order(1, 'm2'), signal);
    expect(text()).toContain(ips.m2);
    expect(text()).toContain('203.0.113.1');
    const before = serial();
    await call('m2', 'addzonerecord', record('later', ips.m2));
    await vi.waitFor(() => expect(text()).toContain('later'), patient);
    expect(serial()).toBeGreaterThan(before);
    await publish.bring(order(2, 'm1'), signal);
    // SPF names both masters for ever.
    expect(text()).not.toMatch(/\sA\s+127\.0\.1\.2/);
    expect(text()).toMatch(/later\S*\s+60\s+IN\s+A\s+127\.0\.1\.1/);
  });

  it('made while the watcher was away are found when it is back', async () => {
    await end();
    await call('m1', 'addzonerecord', record('meanwhile', '203.0.113.9'));
    await start();
    await vi.waitFor(() => expect(text()).toContain('203.0.113.9'), patient);
  });
});

describe("cPanel's DNS-only servers", () => {
  it('are edited by the serial that was read, and left alone when they are right', async () => {
    const server = client('m2', sims.m2);
    const publisher = cpanelDnsPublisher({
      name: 'ns1',
      servers: [],
      clients: [server],
      isMasters: (key) => Object.values<string>(ips).includes(key),
    });
    const own = join(base.path, 'bob.example.db');
    writeFileSync(own, text());
    const fresh = { zone: 'bob.example', file: own, serial: 1, probe: undefined };
    const pushing = { signal, all: 1, scope: 'addresses' } as const;
    expect(await publisher.push([fresh], pushing)).toEqual([]);
    const read = await clients.m2.call(whm('export_zone_files', { 'zone-0': 'bob.example' }));
    if (read.kind !== 'done') throw new Error(read.reason);
    const payload = JSON.stringify(read.data);
    const there = Buffer.from(/"text_b64":"([^"]+)"/.exec(payload)?.[1] ?? '', 'base64').toString('latin1');
    expect(there).toContain(ips.m1);
    const again = await publisher.push([fresh], pushing);
    expect(again).toEqual([]);
    const unknown = { ...fresh, zone: 'nobody.example' };
    writeFileSync(own, text().replaceAll('bob.example', 'nobody.example'));
    expect(await publisher.push([unknown], pushing)).toMatchObject([{ zone: 'nobody.example' }]);
    await publisher.close?.();
  });
});

describe('many zones of a master at once', () => {
  it('hold up no order: it comes between two hundred and the next, and what is taken after it follows it', async () => {
    const names = Array.from({ length: 1000 }, (_, at) => `many${at}.example`);
    const calls = names.map((domain) => whm('adddns', { domain, ip: ips.m2 }));
    const done = await clients.m2.call(batchOf(calls));
    expect(done.kind).toBe('done');
    // Nobody's zones follow the pair.
    const taken = (): number => readdirSync(dir).filter((name) => /^many\d+\.example\.db$/.test(name)).length;
    await publish.bring(order(3, 'm2'), signal);
    await vi.waitFor(() => expect(taken()).toBeGreaterThan(0), { timeout: 20_000, interval: 2 });
    await publish.bring(order(4, 'm2'), signal);
    expect(taken()).toBeLessThan(names.length);
    await vi.waitFor(() => expect(taken()).toBe(names.length), patient);
    expect(readFileSync(join(dir, 'many999.example.db'), 'latin1')).toContain(ips.m2);
  });
});
