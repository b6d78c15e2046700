import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { systemClock } from '../../../src/clock.ts';
import { writeAhead } from '../../../src/failover/publish/ahead.ts';
import { takeStock } from '../../../src/failover/publish/guard.ts';
import { guardWork } from '../../../src/failover/publish/guard-work.ts';
import { lookAtSigned } from '../../../src/failover/publish/keep-signed.ts';
import type { Publisher } from '../../../src/failover/publish/publisher.ts';
import { GaveWay, openRow } from '../../../src/failover/publish/row.ts';
import { settle } from '../../../src/failover/publish/settle.ts';
import { openSigning } from '../../../src/failover/publish/signing.ts';
import { oneByOne } from '../../../src/one-by-one.ts';
import { testLog } from '../../support/log.ts';
import { missing, type TempDir, tempDir } from '../../support/processes.ts';
import { open, order, writeZones } from './directory.ts';
import { type KeyServer, keyLine, keyServer } from './key-servers.ts';
import { openWatcher } from './opened.ts';

const lacking = missing('named');
const { signal } = new AbortController();
const [held, plain] = ['held.example', 'plain.example'] as const;
const zones = [held, plain];
let base: TempDir;
let three: KeyServer;
let four: KeyServer;
/** A name server that hears and says nothing. */
let mute: { readonly name: string; readonly address: string; readonly port: number; readonly keepsSerial: boolean };
let ear: Socket;
let heard = 0;
let ahead = 0;
const clock = { ...systemClock, now: () => Date.UTC(2026, 10, 28, 12) + ahead };
let dir: string;
let round = 0;

beforeAll(async () => {
  base = tempDir('signed-restart');
  if (lacking !== undefined) return;
  [three, four] = await Promise.all([keyServer(base.path, 's3', zones), keyServer(base.path, 's4', zones)]);
  await three.say(held, [keyLine('a')]);
  await four.say(held, [keyLine('b')]);
  ear = createSocket('udp4', () => {
    heard += 1;
  });
  await once(ear.bind(0, '127.0.0.1'), 'listening');
  mute = { name: 'mute', address: '127.0.0.1', port: ear.address().port, keepsSerial: true };
}, 60_000);
beforeEach((ctx) => {
  if (lacking !== undefined) ctx.skip(lacking);
  [ahead, heard] = [0, 0];
  round += 1;
  dir = join(base.path, `zones-${round}`);
  writeZones(dir, zones);
});
afterAll(async () => {
  ear?.close();
  await Promise.all([three, four].map((one) => one?.server.running.end('SIGTERM')));
  base.remove();
});

const own = (): string => join(base.path, `own-${round}`);
const both = () => [three.server, four.server];
const addressOf = (zone: string): string =>
  (/\tA\t(\S+)/.exec(readFileSync(join(dir, `${zone}.db`), 'latin1')) ?? [])[1] ?? '';
const watcher = (looking: Parameters<typeof openSigning>[0], publishers: readonly Publisher[] = []) =>
  openWatcher({ dir, stateDir: own(), clock }, openSigning(looking, clock), { publishers, patienceMs: 60_000 });

describe('what is known of signed zones', () => {
  it('is known again after a restart, and a switch right after it asks nobody first', async () => {
    const first = await open(own(), dir, [], { others: both(), clock });
    await first.predict(order(1, 'm2'));
    await first.close();
    ahead = 61_000;
    const second = await open(own(), dir, [], { others: [mute], resolver: mute, clock });
    expect(second.obstacles()).toMatchObject([{ zone: held, reason: expect.stringContaining('different keys') }]);
    const done = await second.bring(order(1, 'm2'), signal);
    expect(done).toMatchObject({ kind: 'done', counts: { changed: 1, left: 1 }, left: [{ zone: held }] });
    expect(heard).toBe(0);
    expect([addressOf(held), addressOf(plain)]).toEqual(['192.0.2.11', '198.51.100.11']);
    await second.close();
  });

  it('is looked up anew where its file is damaged', async () => {
    const first = await open(own(), dir, [], { others: both(), clock });
    await first.predict(order(1, 'm2'));
    await first.close();
    writeFileSync(join(own(), 'state', 'signed.json'), '{"zones":[{"zone":');
    const { log, text } = testLog();
    const second = await open(own(), dir, [], { others: both(), clock, log });
    expect(text()).toContain('cannot be read');
    await second.predict(order(1, 'm2'));
    ahead = 61_000;
    expect(second.obstacles()).toMatchObject([{ zone: held }]);
    await second.close();
  });
});

describe('no order and no push waits', () => {
  it('for the look-ups of a prediction', async () => {
    const publish = await open(own(), dir, [], { others: [mute], clock });
    const ended: string[] = [];
    const predicted = publish.predict(order(1, 'm2')).then(() => ended.push('prediction'));
    await vi.waitFor(() => expect(heard).toBeGreaterThan(0));
    await publish.bring(order(1, 'm2'), signal).then(() => ended.push('order'));
    await predicted;
    expect(ended).toEqual(['order', 'prediction']);
    await publish.close();
  });

  it('for signatures of what is loaded already; they are checked after it', async () => {
    const pushed: string[] = [];
    let push: () => void = () => {};
    const isPushed = new Promise<void>((resolve) => {
      push = resolve;
    });
    const publisher: Publisher = {
      name: 'own',
      servers: [three.server],
      async push(some) {
        pushed.push(...some.map(({ zone }) => zone));
        push();
        return [];
      },
    };
    const fresh = (zone: string) => ({ zone, file: '', serial: 1, probe: undefined });
    const settled = await settle(publisher, [fresh(held), fresh(plain)], {
      ...{ signal, all: 2, scope: 'addresses', patienceMs: 100, pushes: 1, clock: systemClock },
      changed: new Set([plain]),
      ticks: () => performance.now(),
      async refused(some) {
        await isPushed;
        return new Map(
          some.filter(({ zone }) => zone === held).map(({ zone }) => [zone, `tells no signatures of ${zone}`]),
        );
      },
    });
    expect(pushed).toEqual([plain]);
    expect(settled.stragglers).toMatchObject([{ server: 's3', zones: 1, examples: [held] }]);
  });

  it('for what the guard asks of a name server that is silent', async () => {
    const publisher: Publisher = { name: 'mute', servers: [mute], push: async () => [] };
    const opened = await watcher({ servers: [] }, [publisher]);
    await takeStock({ dir, seen: opened.seen });
    const row = openRow();
    const found = { touched: new Set([plain]), gone: new Set<string>() };
    const guarded = row.behind(signal, (until) => guardWork(opened, found, until)).catch((error: unknown) => error);
    await vi.waitFor(() => expect(heard).toBeGreaterThan(0));
    const before = heard;
    expect(await row.first(async () => 'order')).toBe('order');
    expect(await guarded).toBeInstanceOf(GaveWay);
    expect(heard).toBe(before);
    await opened.ledger.close();
  });

  it('for name servers that do not yet answer what the guard published; that is found again', async () => {
    let pushes = 0;
    const publisher: Publisher = {
      name: 'slow',
      servers: [three.server],
      async push() {
        pushes += 1;
        return [];
      },
    };
    const opened = await watcher({ servers: [] }, [publisher]);
    await takeStock({ dir, seen: opened.seen });
    const row = openRow();
    const found = { touched: new Set([plain]), gone: new Set<string>() };
    const guarded = row.behind(signal, (until) => guardWork(opened, found, until)).catch((error: unknown) => error);
    await vi.waitFor(() => expect(pushes).toBe(1));
    expect(await row.first(async () => 'order')).toBe('order');
    expect(await guarded).toBeInstanceOf(GaveWay);
    expect([...opened.seen.keys()]).toEqual([held]);
    await opened.ledger.close();
  });
});

describe('a zone that is removed', () => {
  it('ends what was said of its keys, and of its file', async () => {
    const opened = await watcher({ servers: both() });
    const { signing, ready } = opened;
    writeFileSync(join(dir, 'broken.example.db'), 'no zone at all (');
    await lookAtSigned(opened, openRow(), signal);
    await writeAhead(opened, oneByOne(), signal);
    ahead = 61_000;
    expect(signing.obstacles()).toMatchObject([{ zone: held }]);
    expect(ready?.left()).toMatchObject([{ zone: 'broken.example' }]);
    for (const zone of [held, 'broken.example']) rmSync(join(dir, `${zone}.db`));
    // As the guard finds it.
    await guardWork(opened, { touched: new Set(), gone: new Set([held]) }, signal);
    expect(signing.obstacles()).toEqual([]);
    opened.seen.delete('broken.example');
    await writeAhead(opened, oneByOne(), signal);
    expect(ready?.left()).toEqual([]);
    await opened.ledger.close();
  });

  it('while no watcher ran is forgotten at the first look', async () => {
    const opened = await watcher({ servers: both() });
    await lookAtSigned(opened, openRow(), signal);
    ahead = 61_000;
    rmSync(join(dir, `${held}.db`));
    expect(await lookAtSigned(opened, openRow(), signal)).toBe(true);
    expect(opened.signing.obstacles()).toEqual([]);
    await opened.ledger.close();
  });
});
