import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../../src/clock.ts';
import { writeAhead } from '../../../src/failover/publish/ahead.ts';
import { bring, lookAhead, predict } from '../../../src/failover/publish/bring.ts';
import { lookAtSigned } from '../../../src/failover/publish/keep-signed.ts';
import { openRow } from '../../../src/failover/publish/row.ts';
import { findSigned, signedZones } from '../../../src/failover/publish/signatures.ts';
import { openSigning } from '../../../src/failover/publish/signing.ts';
import { oneByOne } from '../../../src/one-by-one.ts';
import { judgeSigned } from '../../../src/roles/doctor-signatures.ts';
import { freePort, missing, type TempDir, tempDir } from '../../support/processes.ts';
import { order, writeZones } from './directory.ts';
import { cutServer, dsLine, type KeyServer, keyLine, keyServer } from './key-servers.ts';
import { openWatcher } from './opened.ts';

const lacking = missing('named');
const { signal } = new AbortController();
const [held, plain] = ['held.example', 'plain.example'] as const;
const zones = [held, plain];
let base: TempDir;
let three: KeyServer;
let four: KeyServer;
let above: KeyServer;
let ahead = 0;
const clock = { ...systemClock, now: () => Date.UTC(2026, 10, 28, 12) + ahead };
let silent: { readonly name: string; readonly address: string; readonly port: number };
let dir: string;
let round = 0;

beforeAll(async () => {
  base = tempDir('signed-known');
  if (lacking !== undefined) return;
  [three, four, above] = await Promise.all([
    keyServer(base.path, 's3', zones),
    keyServer(base.path, 's4', zones),
    keyServer(base.path, 'above', ['example']),
  ]);
  silent = { name: 'away', address: '127.0.0.1', port: await freePort() };
}, 60_000);
beforeEach(async (ctx) => {
  if (lacking !== undefined) ctx.skip(lacking);
  ahead = 0;
  round += 1;
  dir = join(base.path, `zones-${round}`);
  writeZones(dir, zones);
  await three.say(held, [keyLine('a')]);
  await four.say(held, [keyLine('b')]);
  await above.say('example', [`${held}. IN NS ns.${held}.`]);
});
afterAll(async () => {
  await Promise.all([three, four, above].map((one) => one?.server.running.end('SIGTERM')));
  base.remove();
});

const opened = (looking: Parameters<typeof openSigning>[0]) =>
  openWatcher({ dir, stateDir: join(base.path, `state-${round}`), clock }, openSigning(looking, clock));

const addressOf = (zone: string): string =>
  (/\tA\t(\S+)/.exec(readFileSync(join(dir, `${zone}.db`), 'latin1')) ?? [])[1] ?? '';
const both = () => [three.server, four.server];

describe('what the zone above shows', () => {
  it('stands as it was known while the resolver is silent', async () => {
    const first = await findSigned({ servers: both(), resolver: above.server }, zones, signal);
    expect(first.signed).toMatchObject([{ zone: held, isSound: true, ds: [] }]);
    const mute = { servers: both(), resolver: silent };
    const later = await findSigned(mute, zones, signal, (zone) => (zone === held ? [] : undefined));
    expect(later.signed).toMatchObject([{ zone: held, isSound: true, ds: [] }]);
    // Nothing was ever known of it.
    expect((await findSigned(mute, zones, signal)).signed).toMatchObject([{ isSound: false, ds: undefined }]);
  });

  it('is kept by what looks again and again', async () => {
    const looking = { servers: both(), resolver: above.server };
    const signing = openSigning(looking, clock);
    await signing.look(zones, signal);
    looking.resolver = { ...above.server, ...silent };
    await signing.look(zones, signal);
    ahead = 61_000;
    expect(signing.obstacle(held)).toBeUndefined();
  });

  it('counts though a name server is mute: without a DS record nobody checks', async () => {
    await above.say('example', [`${held}. IN NS ns.${held}.`, dsLine(held, 'a')]);
    const signing = openSigning({ servers: [...both(), silent], resolver: above.server }, clock);
    await signing.look(zones, signal);
    ahead = 61_000;
    expect(signing.obstacle(held)).toContain('different keys');
    expect(signing.freed()).toEqual([]);
    await above.say('example', [`${held}. IN NS ns.${held}.`]);
    await signing.look(zones, signal);
    expect(signing.obstacle(held)).toBeUndefined();
    // It was left alone once, and stays named until somebody brought it.
    expect(signing.freed()).toEqual([held]);
    signing.brought([held]);
    expect(signing.freed()).toEqual([]);
  });
});

describe('a DS record', () => {
  it('that is shown though nobody signs is told by the doctor: resolvers refuse the zone already', async () => {
    await three.say(held, []);
    await four.say(held, []);
    await above.say('example', [`${held}. IN NS ns.${held}.`, dsLine(held, 'a')]);
    const looking = { servers: both(), resolver: above.server };
    const found = await signedZones(looking, zones, clock.now(), signal);
    expect(found).toMatchObject([
      { zone: held, isSound: false, message: expect.stringContaining('no name server signs') },
    ]);
    expect(judgeSigned(2, found)).toMatchObject([{ state: 'failed', sentence: expect.stringContaining(held) }]);
    await above.say('example', [`${held}. IN NS ns.${held}.`, dsLine(held, 'a', 100)]);
    expect(await signedZones(looking, zones, clock.now(), signal)).toEqual([]);
    expect(await signedZones({ ...looking, resolver: silent }, zones, clock.now(), signal)).toEqual([]);
  });
});

describe('an answer that is cut off', () => {
  it('proves nothing by the records that came with it, and is asked for again over TCP', async () => {
    const keys = ['a', 'c', 'd'].map((letter) => keyLine(letter));
    await three.say(held, keys);
    await four.say(held, keys.toReversed());
    const cut = await cutServer(three.server);
    try {
      const { signed, unknown } = await findSigned({ servers: [cut, four.server] }, zones, signal);
      expect(signed).toMatchObject([{ zone: held, isSound: true }]);
      expect(unknown).toEqual([]);
    } finally {
      cut.close();
    }
  });
});

describe('keys of an algorithm that nobody knows', () => {
  const [unknown, known] = [100, 13];
  it.each([
    ['count as no signature where the zone above names only those', [unknown], 61_000, undefined],
    ['keep a zone back where it names a known one too', [unknown, known], 61_000, 'different keys'],
  ] as const)('%s', async (_, algorithms, later, words) => {
    await three.say(held, [keyLine('a', unknown), keyLine('a', known)]);
    await four.say(held, [keyLine('b', unknown), keyLine('b', known)]);
    const lines = algorithms.map((algorithm) => dsLine(held, 'a', algorithm));
    await above.say('example', [`${held}. IN NS ns.${held}.`, ...lines]);
    const signing = openSigning({ servers: both(), resolver: above.server }, clock);
    await signing.look(zones, signal);
    ahead = later;
    if (words === undefined) expect(signing.obstacle(held)).toBeUndefined();
    else expect(signing.obstacle(held)).toContain(words);
    if (words === undefined) expect(signing.reports(zones)[0]?.report.message).toContain('do not know');
  });

  it('count as no signature where nobody tells what the zone above says, and are not checked', async () => {
    await three.say(held, [keyLine('a', unknown)]);
    await four.say(held, [keyLine('b', unknown)]);
    const signing = openSigning({ servers: both() }, clock);
    await signing.look(zones, signal);
    ahead = 61_000;
    expect(signing.obstacle(held)).toBeUndefined();
    const probe = { name: `ns.${held}.`, type: 'A', address: '127.0.0.1' } as const;
    const fresh = [{ zone: held, file: '', serial: 1, probe }];
    expect(await signing.refused(fresh, three.server, signal)).toEqual(new Map());
  });
});

describe('a zone that must not be moved', () => {
  it('is left alone though it was written ahead, and follows as soon as it may; what was moved comes back', async () => {
    const watcher = await opened({ servers: both() });
    const look = () => lookAtSigned(watcher, openRow(), signal);
    expect(await look()).toBe(false);
    ahead = 61_000;
    expect(await writeAhead(watcher, oneByOne(), signal)).toBe(2);
    const done = await bring(watcher, order(1, 'm2'), signal, {});
    expect(done).toMatchObject({ kind: 'done', counts: { changed: 1, left: 1 }, left: [{ zone: held }] });
    expect([addressOf(held), addressOf(plain)]).toEqual(['192.0.2.11', '198.51.100.11']);
    // Somebody else looked meanwhile, as `prepare` does, and found that all is well.
    await four.say(held, [keyLine('a')]);
    await lookAhead(watcher, undefined, signal);
    await predict(watcher, order(1, 'm2'), undefined);
    expect(addressOf(held)).toBe('192.0.2.11');
    expect(await look()).toBe(true);
    expect(addressOf(held)).toBe('198.51.100.11');
    await four.say(held, [keyLine('b')]);
    await look();
    ahead = 200_000;
    expect(await bring(watcher, order(2, 'm1'), signal, {})).toMatchObject({ counts: { changed: 2, left: 0 } });
    expect(addressOf(held)).toBe('192.0.2.11');
    await watcher.ledger.close();
  });
});

describe('what was written ahead', () => {
  it('still tells what is suspicious, as a prediction does that plans', async () => {
    const file = join(dir, `${plain}.db`);
    writeFileSync(file, readFileSync(file, 'latin1').replace(' ip4:198.51.100.11', ''));
    const watcher = await opened({ servers: [] });
    const about = async () =>
      (await predict(watcher, order(1, 'm2'), undefined)).reports.map(({ zone, report }) => `${zone}: ${report.kind}`);
    const planned = await about();
    expect(planned).toContain(`${plain}: spf`);
    expect(await writeAhead(watcher, oneByOne(), signal)).toBe(2);
    expect(await about()).toEqual(planned);
    await watcher.ledger.close();
  });
});
