import { execFileSync, spawnSync } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { cpSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { systemClock } from '../../../src/clock.ts';
import { askAll } from '../../../src/failover/publish/ask.ts';
import { askSigned } from '../../../src/failover/publish/ask-signed.ts';
import { bindPublisher } from '../../../src/failover/publish/bind.ts';
import { type SignedSet, whyBogus } from '../../../src/failover/publish/dnssec.ts';
import type { Publish } from '../../../src/failover/publish/model.ts';
import { powerDnsBindPublisher } from '../../../src/failover/publish/powerdns-bind.ts';
import type { NameServer } from '../../../src/failover/publish/publisher.ts';
import { findSigned, signedZones } from '../../../src/failover/publish/signatures.ts';
import { judgeSigned } from '../../../src/roles/doctor-signatures.ts';
import { freePort, missing, type TempDir, tempDir } from '../../support/processes.ts';
import { addresses, open, order, writeZones } from './directory.ts';
import { type Bind, type PowerDns, startBind, startPowerDns } from './name-servers.ts';

/** S3 is a BIND and a PowerDNS over one directory, S4 a BIND over its own; one zone has the same key everywhere. */

const lacking = ['named', 'delv', 'dnssec-keygen', 'pdns_server', 'pdnsutil'].map((one) => missing(one)).find(Boolean);
const [equal, unequal, plain] = ['equal.example', 'unequal.example', 'plain.example'] as const;
const zones = [equal, unequal, plain];
const { signal } = new AbortController();
let base: TempDir;
let three: Bind;
let four: Bind;
let dns: PowerDns;
let above: Bind;
let publish: Publish;
/** What the publishing side takes for the time. */
let ahead = 0;
const clock = { ...systemClock, now: () => Date.now() + ahead };

/** A key as BIND's default policy makes it: signs the keys and everything else. */
function makeKey(zone: string, name: string): { readonly dir: string; readonly file: string } {
  const dir = join(base.path, name);
  mkdirSync(dir, { recursive: true });
  const made = execFileSync('dnssec-keygen', ['-k', 'default', '-K', dir, zone], { encoding: 'utf8', stdio: 'pipe' });
  return { dir, file: join(dir, made.trim()) };
}

/** A BIND that signs: the first zone with the given key, the second with one of its own. */
async function signing(name: string, dir: string, keys: string): Promise<Bind> {
  const own = join(base.path, name);
  mkdirSync(own, { recursive: true });
  for (const file of readdirSync(keys)) cpSync(join(keys, file), join(own, file));
  const policy = `dnssec-policy default; inline-signing yes; key-directory "${own}";`;
  const statements = zones.map(
    (zone) => `zone "${zone}" { type master; file "${dir}/${zone}.db"; ${zone === plain ? '' : policy} };`,
  );
  return await startBind({ name, dir: own, zonesDir: dir, zones, statements: statements.join('\n') });
}

/** A PowerDNS over the same files that signs the first zone with the same key. */
async function livePowerDns(dir: string, key: string): Promise<PowerDns> {
  const own = join(base.path, 'pdns');
  mkdirSync(own, { recursive: true });
  const db = join(own, 'keys.db');
  writeFileSync(
    join(own, 'zones.conf'),
    zones.map((zone) => `zone "${zone}" { type master; file "${dir}/${zone}.db"; };\n`).join(''),
  );
  writeFileSync(join(own, 'pdns.conf'), `launch=bind\nbind-config=${own}/zones.conf\nbind-dnssec-db=${db}\n`);
  const util = (...args: string[]): void => {
    execFileSync('pdnsutil', [`--config-dir=${own}`, ...args], { stdio: 'pipe' });
  };
  util('create-bind-db', db);
  util('import-zone-key', equal, `${key}.private`, 'active', 'ksk');
  return await startPowerDns({ name: 'pdns', dir: own, zonesDir: dir, zones, options: `bind-dnssec-db=${db}` });
}

/** The zone above, which shows a DS record for the first zone and none for the second. */
async function zoneAbove(key: string): Promise<Bind> {
  const dir = join(base.path, 'above');
  mkdirSync(dir, { recursive: true });
  const ds = execFileSync('dnssec-dsfromkey', ['-2', `${key}.key`], { encoding: 'utf8' });
  const text = `$TTL 60\n@ IN SOA ns.example. root.example. 1 60 60 600 60\n@ IN NS ns.example.\nns IN A 127.0.0.1\n`;
  writeFileSync(join(dir, 'example.db'), `${text}${ds}unequal IN NS ns.example.\nequal IN NS ns.example.\n`);
  const statements = `zone "example" { type master; file "${dir}/example.db"; };`;
  return await startBind({ name: 'above', dir, zonesDir: dir, zones: ['example'], statements });
}

async function keys(server: NameServer, zone: string): Promise<readonly string[]> {
  const [heard] = await askAll([{ name: zone, type: 'DNSKEY' }], { ...server, signal });
  return heard?.kind === 'values' ? heard.values : [];
}

/** What a resolver that checks signatures says, trusting only the key that was given to all. */
function validated(server: NameServer, key: string): string {
  const line =
    readFileSync(`${key}.key`, 'utf8')
      .split('\n')
      .find((one) => !one.startsWith(';')) ?? '';
  const [flags = '', , algorithm = '', ...data] = line.slice(line.indexOf('DNSKEY') + 7).split(' ');
  const file = join(base.path, 'anchors');
  writeFileSync(file, `trust-anchors { "${equal}." static-key ${flags} 3 ${algorithm} "${data.join('')}"; };\n`);
  const args = ['@127.0.0.1', '-p', String(server.port), '-a', file, `+root=${equal}.`, equal, 'A'];
  const { stdout, stderr } = spawnSync('delv', args, { encoding: 'utf8' });
  return `${stdout}${stderr}`;
}

async function addressAt(server: NameServer, zone: string): Promise<readonly string[]> {
  const [heard] = await askAll([{ name: zone, type: 'A' }], { ...server, signal });
  return heard?.kind === 'values' ? heard.values : [];
}

let key: string;
beforeAll(async () => {
  base = tempDir('signed');
  if (lacking !== undefined) return;
  const dirs = ['s3-zones', 's4-zones'].map((name) => join(base.path, name));
  for (const dir of dirs) writeZones(dir, zones);
  const [first = '', second = ''] = dirs;
  const made = makeKey(equal, 'made');
  key = made.file;
  [three, four, dns, above] = await Promise.all([
    signing('s3', first, made.dir),
    signing('s4', second, made.dir),
    livePowerDns(first, key),
    zoneAbove(key),
  ]);
  const publishers = [
    bindPublisher({ name: 'bind', servers: [three], rndc: three.rndc }),
    powerDnsBindPublisher({ name: 'powerdns', servers: [dns], control: dns.control }),
  ];
  publish = await open(base.path, first, publishers, { others: [four], clock, patienceMs: 1500, pushes: 1 });
  await vi.waitFor(
    async () => {
      for (const zone of [equal, unequal])
        for (const one of [three, four]) expect(await keys(one, zone)).not.toEqual([]);
    },
    { timeout: 60_000, interval: 200 },
  );
}, 120_000);
beforeEach((ctx) => {
  if (lacking !== undefined) ctx.skip(lacking);
});
afterAll(async () => {
  await publish?.close();
  await Promise.all([three, four, dns, above].map((one) => one?.running.end('SIGTERM')));
  base.remove();
});

describe('zones that their name servers sign', () => {
  it('with different keys are named first, then those with the same; unsigned ones are not', async () => {
    const { reports, left } = await publish.predict(order(1, 'm2'));
    const about = reports.filter(({ report }) => report.kind === 'signed');
    expect(about.map(({ zone }) => zone)).toEqual([unequal, equal]);
    expect(about[0]?.report.message).toMatch(/signed, but not by pdns|sign it with different keys/);
    expect(about[1]?.report.message).toContain('all with the same keys');
    // A key that is being changed on one server after the other is no reason yet.
    expect(left).toEqual([]);
    expect(publish.obstacles()).toEqual([]);
  });

  it('are told by the doctor, with what is wrong; each server by itself signs in time', async () => {
    const found = async (servers: readonly NameServer[], names: readonly string[], now = Date.now()) =>
      judgeSigned(names.length, await signedZones({ servers }, names, now, signal));
    expect(await found([three, four], zones)).toMatchObject([
      { state: 'failed', sentence: expect.stringContaining('s3 and s4 sign it with different keys') },
      { state: 'ok' },
    ]);
    expect(await found([three, four, dns], [equal, plain])).toMatchObject([
      { state: 'ok', sentence: expect.stringContaining('1 zone is signed') },
    ]);
    const late = await found([three], [equal], Date.now() + 60 * 86_400_000);
    expect(late).toMatchObject([{ state: 'failed', sentence: expect.stringContaining('and was not renewed') }]);
    expect(await found([three], [plain])).toMatchObject([
      { state: 'ok', sentence: 'None of 1 zone is signed by its name servers.' },
    ]);
  });

  it('are judged by what the zone above shows: its key, another one, or none', async () => {
    const looking = { servers: [three, four], resolver: above };
    const { signed } = await findSigned(looking, zones, signal);
    const said = new Map(signed.map((one) => [one.zone, one]));
    expect(said.get(equal)).toMatchObject({ isSound: true, ds: [{ digestType: 2 }] });
    expect(said.get(unequal)).toMatchObject({ isSound: true, ds: [] });
    expect(said.get(unequal)?.report.message).toContain('nobody checks');
  });

  it('are checked as delv does: every tampering is found', async () => {
    const [keySet, answer] = await askSigned(
      [
        { name: equal, type: 'DNSKEY' },
        { name: equal, type: 'A' },
      ],
      { ...three, signal },
    );
    if (keySet === undefined || answer === undefined) throw new Error('no answer');
    const now = Date.now();
    const { signed } = await findSigned({ servers: [three], resolver: above }, [equal], signal);
    const ds = signed[0]?.ds ?? [];
    expect(whyBogus(equal, keySet, answer, ds, now)).toBeUndefined();
    expect(whyBogus(equal, keySet, answer, undefined, now)).toBeUndefined();
    const other: SignedSet = { ...answer, rdata: [Buffer.from([203, 0, 113, 9])] };
    expect(whyBogus(equal, keySet, other, ds, now)).toBe('its signature is wrong');
    expect(whyBogus(equal, keySet, { ...answer, signatures: [] }, ds, now)).toContain('without a signature');
    expect(whyBogus(equal, keySet, answer, ds, now + 60 * 86_400_000)).toContain('not valid at this time');
    const [one] = ds;
    const wrong = one === undefined ? [] : [{ ...one, digest: Buffer.alloc(32) }];
    expect(whyBogus(equal, keySet, answer, wrong, now)).toContain('DS record');
    const [foreign] = await askSigned([{ name: unequal, type: 'DNSKEY' }], { ...three, signal });
    expect(whyBogus(equal, foreign ?? keySet, answer, undefined, now)).toBeDefined();
  });

  it('are asked over TCP where an answer does not fit', async () => {
    const port = await freePort();
    const udp = createSocket('udp4', (bytes, { port: back, address }) => {
      const cut = Buffer.from(bytes);
      // An answer, cut off (QR and TC).
      cut[2] = (cut[2] ?? 0) | 0x82;
      udp.send(cut, back, address);
    });
    const through = createServer((socket) => {
      const on = connect(three.port, '127.0.0.1');
      socket.on('error', () => on.destroy());
      on.on('error', () => socket.destroy());
      socket.pipe(on).pipe(socket);
    });
    await Promise.all([
      once(udp.bind(port, '127.0.0.1'), 'listening'),
      once(through.listen(port, '127.0.0.1'), 'listening'),
    ]);
    try {
      const server = { name: 'small', address: '127.0.0.1', port };
      const { signed, unknown } = await findSigned({ servers: [server], resolver: above }, [equal], signal);
      expect(signed).toMatchObject([{ zone: equal, isSound: true, ds: [{ digestType: 2 }] }]);
      expect(unknown).toEqual([]);
    } finally {
      udp.close();
      through.close();
    }
  });

  it('with the same keys answer a new address that a validating resolver accepts on every server; others are left alone', async () => {
    for (const one of [three, four, dns]) expect(validated(one, key)).toContain('; fully validated');
    ahead = 61_000;
    const { left } = await publish.predict(order(1, 'm2'));
    expect(left).toMatchObject([{ zone: unequal, reason: expect.stringContaining('resolvers that check') }]);
    expect(publish.obstacles()).toMatchObject([{ zone: unequal }]);
    const done = await publish.bring(order(1, 'm2'), signal);
    expect(done).toMatchObject({ kind: 'done', counts: { changed: 2, left: 1 }, left: [{ zone: unequal }] });
    for (const one of [three, dns]) {
      expect(validated(one, key)).toMatch(
        new RegExp(`; fully validated[\\s\\S]*${addresses.m2.replaceAll('.', '\\.')}`),
      );
      expect(await addressAt(one, unequal)).toEqual([addresses.m1]);
    }
  }, 60_000);

  it('whose answers a validating resolver would refuse make the server a straggler, by name', async () => {
    ahead = 60 * 86_400_000;
    const done = await publish.bring(order(2, 'm1'), signal);
    expect(done.kind).toBe('stragglers');
    const about = done.stragglers.map(({ sentence }) => sentence).join(' ');
    expect(about).toMatch(/bind|s3/);
    expect(about).toContain('resolvers that check refuse it');
    ahead = 61_000;
    expect(await publish.bring(order(3, 'm1'), signal)).toMatchObject({ kind: 'done' });
  }, 60_000);
});
