import { execFileSync } from 'node:child_process';
import { chownSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { systemClock } from '../../../src/clock.ts';
import { askSigned } from '../../../src/failover/publish/ask-signed.ts';
import { bindPublisher } from '../../../src/failover/publish/bind.ts';
import { keysIn, signingLines, writeKey } from '../../../src/failover/publish/bind-keys.ts';
import { carryKeys } from '../../../src/failover/publish/carry-keys.ts';
import { keyTagOf, whyBogus } from '../../../src/failover/publish/dnssec.ts';
import type { Publisher } from '../../../src/failover/publish/publisher.ts';
import { openSigning } from '../../../src/failover/publish/signing.ts';
import type { ZoneKey } from '../../../src/whm/zone-keys.ts';
import { missing, type TempDir, tempDir } from '../../support/processes.ts';
import { addresses, open, order, writeZones } from './directory.ts';
import { type KeyMaster, startKeyMaster } from './key-master.ts';
import { type Bind, startBind } from './name-servers.ts';
import { openWatcher } from './opened.ts';

/** M1 is a simulator that makes keys; S4 a BIND that signs with them. */

const lacking = ['named', 'dnssec-keygen'].map((one) => missing(one)).find(Boolean);
const { signal } = new AbortController();
const [bob, amy, eve] = ['bob.example', 'amy.example', 'eve.example'] as const;
const zones = [bob, amy, eve];
let base: TempDir;
let dir: string;
let keys: string;
let list: string;
let master: KeyMaster;
let bind: Bind;
let publisher: Publisher;

/** A key as BIND's own program makes it, and what WHM would export. */
function makeKey(zone: string, ...how: readonly string[]): { readonly key: ZoneKey; readonly secret: string } {
  const args = ['-K', base.path, ...how, zone];
  const made = execFileSync('dnssec-keygen', args, { encoding: 'utf8', stdio: 'pipe' }).trim();
  const [algorithm, tag] = made.split('+').slice(1).map(Number);
  if (algorithm === undefined || tag === undefined) throw new Error(made);
  const lines = readFileSync(join(base.path, `${made}.private`), 'utf8').split('\n');
  const secret = lines.filter((line) => !/^(Created|Publish|Activate):/.test(line)).join('\n');
  return { key: { zone, tag, algorithm, type: 'ksk', signsAll: true }, secret };
}

beforeAll(async () => {
  base = tempDir('carry-keys-bind');
  if (lacking !== undefined) return;
  dir = join(base.path, 'zones');
  keys = join(base.path, 'keys');
  mkdirSync(keys);
  writeZones(dir, zones);
  master = await startKeyMaster({ id: 'm1', base: base.path, listen: '127.0.1.1', zones: [bob, amy] });
  const place = join(base.path, 's4');
  mkdirSync(place);
  list = join(place, 'zones.conf');
  bind = await startBind({ name: 's4', dir: place, zonesDir: dir, zones });
  publisher = bindPublisher({ name: 's4', servers: [bind], rndc: bind.rndc, list: { file: list, dir, keys } });
}, 60_000);
beforeEach((ctx) => {
  if (lacking !== undefined) ctx.skip(lacking);
});
afterAll(async () => {
  await master?.close();
  await bind?.running.end('SIGTERM');
  base.remove();
});

async function tagsShown(zone: string, server = bind): Promise<readonly number[]> {
  const [heard] = await askSigned([{ name: zone, type: 'DNSKEY' }], { ...server, signal });
  return (heard?.rdata ?? []).map(keyTagOf).sort((a, b) => a - b);
}

/** Why a resolver that trusts M1's DS records refuses what BIND answers. */
async function bogus(zone: string): Promise<string | undefined> {
  const questions = (['DNSKEY', 'A'] as const).map((type) => ({ name: zone, type }));
  const [shown, answer] = await askSigned(questions, { ...bind, signal });
  if (shown === undefined || answer === undefined) return 'no answer';
  return whyBogus(zone, shown, answer, await master.ds(zone), Date.now());
}

async function carry(): ReturnType<typeof carryKeys> {
  const sources = [{ master: 'm1', client: master.client, dns: undefined }];
  const at = { dir, stateDir: join(base.path, 'state'), clock: systemClock };
  const watcher = await openWatcher(at, openSigning({ servers: [] }, systemClock), {
    sources,
    publishers: [publisher],
  });
  try {
    return await carryKeys(watcher, signal);
  } finally {
    await watcher.ledger.close();
  }
}

describe('keys that a master made, on BIND', () => {
  it.each([
    ['one that signs everything', bob, { algo_num: 13, key_setup: 'simple' }, 1],
    ['a pair, as cPanel makes them', amy, {}, 2],
  ] as const)('sign there too, so that the master’s DS record holds: %s', async (_, zone, how, all) => {
    await master.call('enable_dnssec_for_domains', { domain: zone, ...how });
    expect(await bogus(zone)).toBeDefined();
    expect(await carry()).toEqual([]);
    await vi.waitFor(async () => expect(await bogus(zone)).toBeUndefined(), 10_000);
    const there = readdirSync(keys).sort();
    expect(await carry()).toEqual([]);
    // BIND has made none beside them.
    expect(readdirSync(keys).sort()).toEqual(there);
    expect(await tagsShown(zone)).toHaveLength(all);
  });

  it('are kept when others are made, and sign what a switch changes', async () => {
    const before = await tagsShown(bob);
    // Another of the same kind would make BIND drop one of the two.
    await master.call('enable_dnssec_for_domains', { domain: bob, algo_num: 13, key_setup: 'simple' });
    const [lack] = await carry();
    expect(lack?.reason).toMatch(
      /which s4 does not have, nor takes: key \d+ of bob.example is not taken: BIND keeps one/,
    );
    expect(await tagsShown(bob)).toEqual(before);
    // A pair beside it: now what was refused only signs the keys, which is another kind.
    await master.call('enable_dnssec_for_domains', { domain: bob });
    expect(await carry()).toEqual([]);
    await vi.waitFor(async () => expect(await tagsShown(bob)).toHaveLength(4), 10_000);
    expect(await tagsShown(bob)).toEqual(expect.arrayContaining([...before]));
    const publish = await open(base.path, dir, [publisher]);
    const outcome = await publish.bring(order(1, 'm2'), signal, { confirmed: true });
    expect(outcome).toMatchObject({ kind: 'done', left: [] });
    const [answer] = await askSigned([{ name: bob, type: 'A' }], { ...bind, signal });
    expect(answer?.rdata.map((one) => [...one].join('.'))).toEqual([addresses.m2]);
    expect([await bogus(bob), await bogus(amy)]).toEqual([undefined, undefined]);
    await publish.bring(order(2, 'm1'), signal, { confirmed: true });
    expect([await bogus(bob), await bogus(amy)]).toEqual([undefined, undefined]);
    await publish.close();
  });

  it('stay in the list when zones come and go', async () => {
    await publisher.list?.([bob, amy], signal);
    expect([await bogus(bob), await bogus(amy)]).toEqual([undefined, undefined]);
    expect(readFileSync(list, 'utf8')).not.toContain(eve);
    await publisher.list?.(zones, signal);
  });

  it('of a second kind go beside the first', async () => {
    const whole = makeKey(eve, '-f', 'KSK', '-a', 'ECDSAP256SHA256');
    await publisher.importKey?.(whole.key, whole.secret, signal);
    const zsk = makeKey(eve, '-a', 'ECDSAP256SHA256');
    await publisher.importKey?.({ ...zsk.key, type: 'zsk', signsAll: false }, zsk.secret, signal);
    const both = [whole.key.tag, zsk.key.tag].sort((a, b) => a - b);
    await vi.waitFor(async () => expect(await tagsShown(eve)).toEqual(both), 10_000);
  });

  it.each([['ECDSAP384SHA384'], ['ED25519'], ['ED448'], ['RSASHA512', '-b', '2048']])('of %s', async (...how) => {
    const { key, secret } = makeKey(eve, '-f', 'KSK', '-a', ...how);
    await publisher.importKey?.(key, secret, signal);
    await vi.waitFor(async () => expect(await tagsShown(eve)).toContain(key.tag), 10_000);
  });

  it('are not mixed with keys that BIND made itself', async () => {
    const own = join(base.path, 'own');
    writeZones(join(own, 'zones'), [eve]);
    const policy = `dnssec-policy default; inline-signing yes; key-directory "${own}"; };`;
    const statements = `zone "${eve}" { type master; file "${own}/zones/${eve}.db"; ${policy}`;
    const s5 = await startBind({ name: 's5', dir: own, zonesDir: join(own, 'zones'), zones: [eve], statements });
    await vi.waitFor(async () => expect(await tagsShown(eve, s5)).toHaveLength(1), 10_000);
    const [there] = await tagsShown(eve, s5);
    const files = { file: join(own, 'zones.conf'), dir: join(own, 'zones'), keys };
    const server = bindPublisher({ name: 's5', servers: [s5], rndc: s5.rndc, list: files });
    const { key, secret } = makeKey(eve, '-f', 'KSK', '-a', 'ECDSAP256SHA256');
    const words = `s5 signs ${eve} with a key of its own, ${there}`;
    await expect(server.importKey?.(key, secret, signal)).rejects.toThrow(words);
    expect(await tagsShown(eve, s5)).toEqual([there]);
    await s5.running.end('SIGTERM');
  });

  it('belong to the folder’s owner, who alone reads what is secret', async (ctx) => {
    if (process.getuid?.() !== 0) ctx.skip('only root gives files away');
    const folder = join(base.path, 'given');
    mkdirSync(folder);
    chownSync(folder, 107, 109);
    const { key, secret } = makeKey(eve, '-f', 'KSK', '-a', 'ECDSAP256SHA256');
    await writeKey(folder, { key, secret, there: [] }, Date.now());
    const seen = readdirSync(folder).map((name) => {
      const { uid, gid, mode } = statSync(join(folder, name));
      return [name.split('.').at(-1), uid, gid, (mode & 0o777).toString(8)];
    });
    expect(seen.sort()).toEqual([
      ['key', 107, 109, '644'],
      ['private', 107, 109, '600'],
      ['state', 107, 109, '644'],
    ]);
  });

  it('that are not what WHM said are refused', async () => {
    const { key, secret } = makeKey(amy, '-f', 'KSK', '-a', 'ECDSAP256SHA256');
    const other = { ...key, tag: key.tag === 7 ? 8 : 7 };
    await expect(publisher.importKey?.(other, secret, signal)).rejects.toThrow(`what was exported is key ${key.tag}`);
    const five = { ...key, algorithm: 5 };
    await expect(publisher.importKey?.(five, secret, signal)).rejects.toThrow('algorithm 5 is not known here');
  });

  it('that BIND refuses are taken back, and it could be started again', async () => {
    const { key, secret } = makeKey(amy, '-f', 'KSK', '-a', 'RSASHA512', '-b', '1024');
    // The program itself would make none of so few bits: what BIND would say of a key that it cannot have.
    const rndc = join(base.path, 'rndc');
    writeFileSync(
      rndc,
      `#!/bin/sh\ngrep -q 'ksk10-1024\\|csk10-1024' '${list}' && exit 1\nexec ${bind.rndc.join(' ')} "$@"\n`,
      {
        mode: 0o755,
      },
    );
    const careful = bindPublisher({ name: 's4', servers: [bind], rndc: [rndc], list: { file: list, dir, keys } });
    await expect(careful.importKey?.(key, secret, signal)).rejects.toThrow('rndc failed');
    expect(readFileSync(list, 'utf8')).not.toContain('10-1024');
    expect((await keysIn(keys)).get(amy)?.map(({ tag }) => tag)).not.toContain(key.tag);
    execFileSync('named-checkconf', [join(base.path, 's4', 'named.conf')]);
  });

  it('of which a role is missing are in no policy', async () => {
    const pair = { zone: bob, tag: 1, algorithm: 8, bits: 2048, isKsk: true, isZsk: false };
    const lines = (all: readonly (typeof pair)[]): string => {
      const { head, of } = signingLines('/keys', new Map([[bob, all]]));
      return `${head}${of(bob)}`;
    };
    expect(lines([pair])).toBe('');
    const other = { ...pair, tag: 2, bits: 1024, isKsk: false, isZsk: true };
    expect(
      lines([pair, other]),
    ).toBe(`dnssec-policy "tandem-ksk8-2048-zsk8-1024" { keys { ksk lifetime unlimited algorithm 8 2048; zsk lifetime unlimited algorithm 8 1024; }; purge-keys 0; };
 dnssec-policy "tandem-ksk8-2048-zsk8-1024"; inline-signing yes; key-directory "/keys";`);
    expect(lines([{ ...pair, algorithm: 13 }, pair, other])).not.toContain('algorithm 13');
  });
});
