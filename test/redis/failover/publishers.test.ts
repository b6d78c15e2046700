import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../../src/clock.ts';
import { rulesOf } from '../../../src/failover/apply/rules.ts';
import { askAll } from '../../../src/failover/publish/ask.ts';
import { askSigned } from '../../../src/failover/publish/ask-signed.ts';
import { bindPublisher } from '../../../src/failover/publish/bind.ts';
import { keyTagOf, whyBogus } from '../../../src/failover/publish/dnssec.ts';
import type { Publish } from '../../../src/failover/publish/model.ts';
import { powerDnsApiPublisher } from '../../../src/failover/publish/powerdns-api.ts';
import { powerDnsBindPublisher } from '../../../src/failover/publish/powerdns-bind.ts';
import type { NameServer, Publisher } from '../../../src/failover/publish/publisher.ts';
import { rfc2136Publisher } from '../../../src/failover/publish/rfc2136.ts';
import { freePort, missing, type Running, run, type TempDir, tempDir, untilReady } from '../../support/processes.ts';
import { addresses, cpanelZone, moves, open, order, writeZones, zoneNames } from './directory.ts';
import { secret, startBind, startKnot, startNsd, startPowerDns } from './name-servers.ts';

const { owners } = rulesOf(moves);
const isMasters = (key: string): boolean => owners.has(key);
const zones = zoneNames(30);
const { signal } = new AbortController();
const lacking = ['named', 'pdns_server', 'nsd', 'knotd', 'nsupdate', 'sqlite3']
  .map(missing)
  .find((one) => one !== undefined);
let base: TempDir;
let dir: string;
let programs: Running[] = [];
let publish: Publish | undefined;

beforeEach((ctx) => {
  if (lacking !== undefined) ctx.skip(lacking);
  base = tempDir('publishers');
  dir = join(base.path, 'zones');
  writeZones(dir, zones);
});
async function tidy(): Promise<void> {
  await publish?.close();
  publish = undefined;
  await Promise.all(programs.map((one) => one.end('SIGTERM')));
  programs = [];
  base.remove();
}

async function ask(server: NameServer, name: string): Promise<readonly string[]> {
  const [heard] = await askAll([{ name, type: 'A' }], { ...server, signal });
  return heard?.kind === 'values' ? heard.values : [heard?.kind ?? ''];
}

/** There and back, seen at every server. */
async function thereAndBack(publisher: Publisher): Promise<void> {
  publish = await open(base.path, dir, [publisher], { patienceMs: 10_000 });
  const there = await publish.bring(order(1, 'm2'), signal);
  expect(there).toMatchObject({ kind: 'done', counts: { changed: zones.length }, stragglers: [] });
  for (const server of publisher.servers) {
    expect([server.name, await ask(server, 'ftp.cust00011.example')]).toEqual([server.name, [addresses.m2]]);
    expect(await ask(server, 'www1.cust00011.example')).toEqual([addresses.m1]);
  }
  expect(await publish.bring(order(2, 'm1'), signal)).toMatchObject({ kind: 'done' });
  for (const server of publisher.servers) expect(await ask(server, 'cust00029.example')).toEqual([addresses.m1]);
}

describe('an order is answered', () => {
  it('by PowerDNS with the bind backend; a zone that it refuses is named, and goes on as it was', async () => {
    const server = await startPowerDns({ name: 's3', dir: join(base.path, 'pdns'), zonesDir: dir, zones });
    programs.push(server.running);
    const publisher = powerDnsBindPublisher({ name: 'pdns', servers: [server], control: server.control, perCall: 20 });
    await thereAndBack(publisher);
    // Our editor keeps what it does not know; the server refuses the zone.
    writeFileSync(join(dir, 'cust00003.example.db'), `${cpanelZone('cust00003.example')}bad IN FOOBAR x\n`);
    const refused = await publish?.bring(order(3, 'm2'), signal, { only: new Set(['cust00003.example']) });
    expect(refused).toMatchObject({ kind: 'stragglers', stragglers: [{ zones: 1, examples: ['cust00003.example'] }] });
    expect(await ask(server, 'cust00003.example')).toEqual([addresses.m1]);
    await tidy();
  });

  it('by NSD and Knot that take the zones from BIND', async () => {
    const [nsdPort, knotPort] = [await freePort(), await freePort()];
    const options = `notify explicit; also-notify { 127.0.0.1 port ${nsdPort}; 127.0.0.1 port ${knotPort}; };`;
    const bind = await startBind({ name: 's3', dir: join(base.path, 'bind'), zonesDir: dir, zones, options });
    programs.push(bind.running);
    const nsd = await startNsd(join(base.path, 'nsd'), bind, zones, nsdPort);
    programs.push(nsd.running);
    const knot = await startKnot(join(base.path, 'knot'), bind, zones, knotPort);
    programs.push(knot.running);
    await thereAndBack(bindPublisher({ name: 'bind', servers: [bind, nsd, knot], rndc: bind.rndc }));
    await tidy();
  });

  it('by a server that takes signed updates (RFC 2136), which keeps no file of ours', async () => {
    const own = join(base.path, 'own');
    mkdirSync(own, { recursive: true });
    for (const zone of zones) writeFileSync(join(own, `${zone}.db`), cpanelZone(zone));
    const statements = [
      `key "tandem" { algorithm hmac-sha256; secret "${secret}"; };`,
      ...zones.map(
        (zone) => `zone "${zone}" { type master; file "${own}/${zone}.db"; allow-update { key tandem; }; };`,
      ),
    ].join('\n');
    const bind = await startBind({ name: 's3', dir: join(base.path, 'bind'), zonesDir: own, zones, statements });
    programs.push(bind.running);
    const key = { name: 'tandem', algorithm: 'hmac-sha256', secret };
    const given = { name: 'update', servers: [bind], primary: bind, isMasters };
    await thereAndBack(rfc2136Publisher({ ...given, key }));
    const file = join(dir, 'cust00001.example.db');
    writeFileSync(
      file,
      `${readFileSync(file, 'latin1')
        .replace(/\nftp.*/, '')
        .replace(/\d+ ;Serial/, '2036010101 ;Serial')}new 60 IN A 203.0.113.5\nwords 60 IN TXT "a \\"b\\"" "c"\n`,
    );
    const publisher = rfc2136Publisher({ ...given, key });
    const fresh = { zone: 'cust00001.example', file, serial: 2036010101, probe: undefined };
    expect(await publisher.push([fresh], { signal, all: 30, scope: 'everything' })).toEqual([]);
    expect(await ask(bind, 'new.cust00001.example')).toEqual(['203.0.113.5']);
    expect(await ask(bind, 'ftp.cust00001.example')).toEqual(['refused']);
    const wrong = rfc2136Publisher({ ...given, key: { ...key, secret: 'd3Jvbmc=' } });
    expect(await wrong.push([fresh], { signal, all: 30, scope: 'addresses' })).toMatchObject([{ zone: fresh.zone }]);
    await Promise.all([publisher.close?.(), wrong.close?.()]);
    await tidy();
  });

  it('by PowerDNS through its HTTP API', async () => {
    const [port, web] = [await freePort(), await freePort()];
    const own = join(base.path, 'pdns');
    mkdirSync(own);
    const database = join(own, 'pdns.sqlite');
    const schema = '/usr/share/pdns-backend-sqlite3/schema/schema.sqlite3.sql';
    expect(spawnSync('sqlite3', [database], { input: readFileSync(schema) }).status).toBe(0);
    writeFileSync(
      join(own, 'pdns.conf'),
      `launch=gsqlite3\ngsqlite3-dnssec=yes\ngsqlite3-database=${database}\nlocal-address=127.0.0.1\nlocal-port=${port}\nsocket-dir=${own}
guardian=no\ndaemon=no\nloglevel=3\ndisable-syslog=yes\napi=yes\napi-key=key\nwebserver=yes
webserver-address=127.0.0.1\nwebserver-port=${web}\nwebserver-loglevel=none\ncache-ttl=0\nquery-cache-ttl=0\nnegquery-cache-ttl=0\nzone-cache-refresh-interval=0\n`,
    );
    const running = run('/usr/sbin/pdns_server', [`--config-dir=${own}`]);
    programs.push(running);
    const url = `http://127.0.0.1:${web}`;
    const api = (path: string, init: RequestInit = {}) =>
      fetch(`${url}/api/v1/servers/localhost/${path}`, { ...init, headers: { 'X-API-Key': 'key' } });
    await untilReady(running, async () => (await api('zones').catch(() => undefined))?.ok === true);
    for (const zone of zones) {
      const body = JSON.stringify({ name: `${zone}.`, kind: 'Native', zone: cpanelZone(zone), soa_edit_api: '' });
      expect((await api('zones', { method: 'POST', body })).status).toBe(201);
    }
    const server = { name: 's3', address: '127.0.0.1', port, keepsSerial: true };
    const publisher = powerDnsApiPublisher({
      name: 'pdns',
      servers: [server],
      url,
      key: 'key',
      isMasters,
      clock: systemClock,
    });
    await thereAndBack(publisher);
    const signed = zones[0] ?? '';
    const made = execFileSync('dnssec-keygen', ['-a', 'ECDSAP256SHA256', '-f', 'KSK', '-K', own, signed], {
      encoding: 'utf8',
      stdio: 'pipe',
    }).trim();
    const given = { zone: signed, tag: Number(made.slice(-5)), algorithm: 13, type: 'ksk', signsAll: true } as const;
    const secret = readFileSync(join(own, `${made}.private`), 'utf8');
    // Given twice it is there once.
    for (let n = 0; n < 2; n += 1) await publisher.importKey?.(given, secret, signal);
    const questions = (['DNSKEY', 'A'] as const).map((type) => ({ name: signed, type }));
    const [keys, answer] = await askSigned(questions, { ...server, signal });
    if (keys === undefined || answer === undefined) throw new Error('no answer');
    expect(keys.rdata.map(keyTagOf)).toEqual([given.tag]);
    expect(whyBogus(signed, keys, answer, undefined, Date.now())).toBeUndefined();
    const broken = publisher.importKey?.({ ...given, tag: 1 }, secret.replace('PrivateKey', 'Private'), signal);
    await expect(broken).rejects.toThrow(/^pdns takes no key of \S+: it answers \d+/);
    const wrong = powerDnsApiPublisher({
      name: 'pdns',
      servers: [server],
      url,
      key: 'wrong',
      isMasters,
      clock: systemClock,
    });
    const fresh = { zone: 'cust00001.example', file: join(dir, 'cust00001.example.db'), serial: 1, probe: undefined };
    const [failure] = await wrong.push([fresh], { signal, all: 30, scope: 'addresses' });
    expect(failure?.reason).toMatch(/^pdns answered 401/);
    await tidy();
  });
});
