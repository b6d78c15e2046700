import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../../src/clock.ts';
import { askSigned } from '../../../src/failover/publish/ask-signed.ts';
import { bindPublisher } from '../../../src/failover/publish/bind.ts';
import { carryKeys } from '../../../src/failover/publish/carry-keys.ts';
import { cpanelDnsPublisher } from '../../../src/failover/publish/cpanel-dns.ts';
import { whyBogus } from '../../../src/failover/publish/dnssec.ts';
import { powerDnsBindPublisher } from '../../../src/failover/publish/powerdns-bind.ts';
import type { Opened, PublishDeps } from '../../../src/failover/publish/run.ts';
import { openSigning } from '../../../src/failover/publish/signing.ts';
import { whm } from '../../../src/whm/call.ts';
import type { WhmClient } from '../../../src/whm/client.ts';
import { askWhmKeys, readWhmKeys } from '../../../src/whm/zone-keys.ts';
import { testLog } from '../../support/log.ts';
import { missing, type TempDir, tempDir } from '../../support/processes.ts';
import { writeZones } from './directory.ts';
import { type KeyMaster, startKeyMaster } from './key-master.ts';
import { type Bind, type PowerDns, startBind, startPowerDns } from './name-servers.ts';
import { openWatcher } from './opened.ts';

/** M1 is a simulator that makes keys; S3 a PowerDNS and S4 a BIND that know nothing of them. */

const lacking = ['named', 'pdns_server', 'pdnsutil'].map((one) => missing(one)).find(Boolean);
const { signal } = new AbortController();
const [bob, amy] = ['bob.example', 'amy.example'] as const;
const zones = [bob, amy];
let base: TempDir;
let dir: string;
let master: KeyMaster;
let dns: PowerDns;
let bind: Bind;
const { log, text: logged } = testLog();

beforeAll(async () => {
  base = tempDir('carry-keys');
  if (lacking !== undefined) return;
  dir = join(base.path, 'zones');
  writeZones(dir, zones);
  master = await startKeyMaster({ id: 'm1', base: base.path, listen: '127.0.1.1', zones });
  const own = join(base.path, 'pdns');
  mkdirSync(own);
  const db = join(own, 'keys.db');
  writeFileSync(join(own, 'pdns.conf'), `launch=bind\nbind-config=${own}/zones.conf\nbind-dnssec-db=${db}\n`);
  writeFileSync(join(own, 'zones.conf'), '');
  execFileSync('pdnsutil', [`--config-dir=${own}`, 'create-bind-db', db], { stdio: 'pipe' });
  dns = await startPowerDns({ name: 's3', dir: own, zonesDir: dir, zones, options: `bind-dnssec-db=${db}` });
  bind = await startBind({ name: 's4', dir: join(base.path, 's4'), zonesDir: dir, zones });
}, 60_000);
beforeEach((ctx) => {
  if (lacking !== undefined) ctx.skip(lacking);
});
afterAll(async () => {
  await master?.close();
  await Promise.all([dns, bind].map((one) => one?.running.end('SIGTERM')));
  base.remove();
});

async function tagsAt(of: WhmClient, zone: string): Promise<readonly number[]> {
  const outcome = await of.call(askWhmKeys([zone]));
  const keys = outcome.kind === 'done' ? readWhmKeys(outcome.data) : undefined;
  return (keys ?? []).map(({ tag }) => tag).sort((a, b) => a - b);
}

const util = (): readonly [string, ...string[]] => ['pdnsutil', `--config-dir=${join(base.path, 'pdns')}`];
const powerdns = () => powerDnsBindPublisher({ name: 's3', servers: [dns], control: dns.control, util: util() });

async function opened(more: Partial<PublishDeps>): Promise<Opened> {
  const stateDir = join(base.path, 'state');
  const sources = [{ master: 'm1', client: master.client, dns: undefined }];
  const signing = openSigning({ servers: [] }, systemClock);
  return openWatcher({ dir, stateDir, clock: systemClock }, signing, { sources, log, ...more });
}

const listed = (zone: string): readonly string[] => {
  const [program, ...args] = util();
  const lines = execFileSync(program, [...args, 'list-keys', zone], { encoding: 'utf8', stdio: 'pipe' }).split('\n');
  return lines.filter((line) => line.startsWith(zone));
};

/** Why a resolver that trusts M1's DS records refuses what the name server answers. */
async function bogus(zone: string): Promise<string | undefined> {
  const [keys, answer] = await askSigned(
    [
      { name: zone, type: 'DNSKEY' },
      { name: zone, type: 'A' },
    ],
    { ...dns, signal },
  );
  if (keys === undefined || answer === undefined) return 'no answer';
  return whyBogus(zone, keys, answer, await master.ds(zone), Date.now());
}

describe('keys that a master made', () => {
  it('are nothing to do with while there are none', async () => {
    const watcher = await opened({ publishers: [powerdns()] });
    expect(await carryKeys(watcher, signal)).toEqual([]);
    expect(zones.flatMap(listed)).toEqual([]);
    await watcher.ledger.close();
  });

  it.each([
    ['one that signs everything', bob, { algo_num: 13, key_setup: 'simple' }, 1],
    ['a pair, as cPanel makes them', amy, {}, 2],
  ] as const)('sign on the name server too, so that the master’s DS record holds: %s', async (_, zone, how, all) => {
    await master.call('enable_dnssec_for_domains', { domain: zone, ...how });
    expect(await bogus(zone)).toBeDefined();
    const watcher = await opened({ publishers: [powerdns()] });
    expect(await carryKeys(watcher, signal)).toEqual([]);
    expect(await bogus(zone)).toBeUndefined();
    // Looked at again nothing is done, and nothing is there twice.
    expect(await carryKeys(watcher, signal)).toEqual([]);
    expect(listed(zone)).toHaveLength(all);
    await watcher.ledger.close();
  });

  it('are named where the name server takes none from here, and where it refuses them', async () => {
    const broken = powerDnsBindPublisher({ name: 's3', servers: [bind], control: dns.control, util: ['false'] });
    const watcher = await opened({
      publishers: [bindPublisher({ name: 's4', servers: [bind], rndc: bind.rndc }), broken],
    });
    const found = await carryKeys(watcher, signal);
    expect(found).toHaveLength(6);
    expect(found[0]).toMatchObject({
      zone: amy,
      reason: expect.stringMatching(/m1 signs it with key \d+, which s4 does not have: give it there by hand/),
    });
    expect(found[5]).toMatchObject({ zone: bob, reason: expect.stringContaining('nor takes: ') });
    await watcher.ledger.close();
  });

  it('that a name server still does not show after they were given are named', async () => {
    const publisher = powerDnsBindPublisher({ name: 's3', servers: [bind], control: dns.control, util: util() });
    const watcher = await opened({ publishers: [publisher] });
    const given = new Set<string>();
    expect(await carryKeys(watcher, signal, { given })).toEqual([]);
    const found = await carryKeys(watcher, signal, { given });
    expect(found).toHaveLength(3);
    expect(found[0]?.reason).toMatch(/^m1 signs it with key \d+, which s4 does not have, though it was given\.$/);
    await watcher.ledger.close();
  });

  it('are given to a DNS-only server by WHM, once', async () => {
    const ns1 = await startKeyMaster({ id: 'ns1', base: base.path, listen: '127.0.1.3', zones: [] });
    const { client: own } = ns1;
    for (const domain of zones) await own.call(whm('adddns', { domain, ip: '192.0.2.11' }));
    // Asked over the network it shows none: a simulator signs nothing. That a key is there twice is seen all the same.
    const publisher = cpanelDnsPublisher({ name: 'ns1', servers: [bind], clients: [own], isMasters: () => false });
    const watcher = await opened({ publishers: [publisher] });
    for (let n = 0; n < 2; n += 1) expect(await carryKeys(watcher, signal)).toEqual([]);
    for (const zone of zones) expect(await tagsAt(own, zone)).toEqual(await tagsAt(master.client, zone));
    await watcher.ledger.close();
    await ns1.close();
  });

  it('are left alone where another master is active', async () => {
    const watcher = await opened({
      publishers: [bindPublisher({ name: 's4', servers: [bind], rndc: bind.rndc })],
      home: 'm2',
    });
    expect(await carryKeys(watcher, signal)).toEqual([]);
    await watcher.ledger.close();
  });

  it('stay in no file, and in no log', async () => {
    expect(readdirSync(tmpdir()).filter((name) => name.startsWith('tandem-key-'))).toEqual([]);
    expect(logged()).toContain('key of a zone was given');
    expect(logged()).not.toMatch(/Private-key-format|PrivateKey|PrivateExponent/);
    const state = join(base.path, 'state');
    const files = readdirSync(state, { recursive: true, encoding: 'utf8' }).map((name) => join(state, name));
    for (const file of files)
      if (existsSync(file) && file.includes('.')) expect(readFileSync(file, 'latin1')).not.toContain('Private');
  });
});
