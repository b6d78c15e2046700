import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { peerClient } from '../../../src/failover/peers/tls.ts';
import type { AllWatchers, WatchDesk } from '../../../src/failover/portal/desk.ts';
import { createLifecycle, type Lifecycle } from '../../../src/lifecycle.ts';
import { openWatchers } from '../../../src/roles/watchers.ts';
import { namesLight } from '../../../src/routes/portal/present/names-light.ts';
import type { Reader } from '../../../src/routes/portal/present/reader.ts';
import { switchoverPage } from '../../../src/routes/portal/switchover/page.ts';
import type { Visitor } from '../../support/browser-less.ts';
import { testLog } from '../../support/log.ts';
import { password, type RunningPortal, signedIn, startPortal } from '../../support/portal.ts';
import type { Build } from '../../support/process-node.ts';
import { buildWatcher, openWorld, type World } from '../../support/watch-world.ts';
import { twoSites } from '../../unit/failover/topologies.ts';

const soon = { timeout: 40_000, interval: 100 };
let build: Build;
let world: World;
let lifecycle: Lifecycle;
let desk: WatchDesk & AllWatchers;
let portal: RunningPortal;
let ana: Visitor;

beforeAll(async () => {
  build = await buildWatcher();
  world = await openWorld(build, { places: twoSites.places });
  const { log } = testLog();
  lifecycle = createLifecycle({ log });
  desk = await openWatchers(world.watchers, { log, lifecycle });
  const light = (reader: Reader) => namesLight(desk.watchers(), 0, reader);
  portal = await startPortal(Date.now, [switchoverPage(desk)], { namesLight: light });
  for (const role of ['owner', 'support'] as const) await portal.auth.personAdd({ name: role, role, password });
  ana = await signedIn(portal, 'owner');
  await vi.waitFor(() => {
    for (const one of desk.watchers())
      expect(one.seen?.masters.map(({ state }) => state)).toEqual(['steady', 'steady']);
  }, soon);
});
afterAll(async () => {
  await portal.close();
  await lifecycle.closeAll();
  await world.close();
});

async function audited(): Promise<readonly string[]> {
  const page = await ana.get('/audit');
  return [...page.text.matchAll(/switchover\.[a-z-]+/g)].map(([event]) => event);
}

describe('the portal', () => {
  it('shows masters and watchers, checks and what points where, from memory', async () => {
    const { status, text } = await ana.get('/switchover');
    expect(status).toBe(200);
    for (const word of ['M1', 'M2', 's3', 's4', 'mail-m1', 'serving', 'Nothing of M1 is away'])
      expect(text).toContain(word);
    expect(text).toMatch(/<rect class="box-active"/);
    expect(text).toMatch(/<svg class="spark"[^>]*>.*<rect class="box-good"/s);
    expect(text).toContain('light-redundant');
  });

  it('says what a switch would do before it is ordered, and who may not order it gets no button', async () => {
    await vi.waitFor(async () => {
      expect((await ana.get('/switchover/switch/m1')).text).toContain('Ready: a switch from M1 to M2 can be ordered.');
    }, soon);
    const support = await signedIn(portal, 'support');
    expect((await support.get('/switchover/prepare/m1')).text).toContain('Ready: a switch from M1 to M2');
    expect((await support.get('/switchover')).text).not.toContain('/switchover/switch/m1');
    expect((await support.get('/switchover/switch/m1')).status).toBe(403);
    expect((await support.post('/switchover/switch/m1', {})).status).toBe(403);
    expect((await support.post('/switchover/hold', { reason: 'x' })).status).toBe(403);
    expect((await world.status('s3')).orders).toEqual([]);
  });

  it('holds, releases and plans downtime on both watchers, and refuses what is wrong with what was typed', async () => {
    expect((await ana.post('/switchover/hold', { reason: 'moving racks' })).status).toBe(303);
    expect((await world.status('s4')).hold).toEqual({ by: 'owner@portal', reason: 'moving racks' });
    expect((await ana.post('/switchover/release', {})).status).toBe(303);
    const wrong = await ana.post('/switchover/downtime', { master: 'm2', minutes: '0', reason: 'kernel' });
    expect([wrong.status, wrong.text.includes('value="kernel"')]).toEqual([422, true]);
    expect((await ana.post('/switchover/downtime', { master: 'm2', minutes: '30', reason: 'kernel' })).status).toBe(
      303,
    );
    const clash = await ana.post('/switchover/downtime', { master: 'm1', minutes: '30', reason: 'disks' });
    expect([clash.status, clash.text.includes('M2 is in downtime then: kernel')]).toEqual([422, true]);
    const [{ id } = { id: '' }] = (await world.status('s3')).downtime;
    expect((await ana.post('/switchover/downtime/end', { id })).status).toBe(303);
    expect((await world.status('s4')).downtime).toEqual([]);
  });

  it('switches, says so on every page, and returns through the gate', async () => {
    const page = await ana.post('/switchover/switch/m1', {});
    // No sentence speaks of a master by its id.
    expect((await ana.get('/switchover')).text.replace(/<[^>]*>/g, ' ')).not.toMatch(/(?<![\w/.:-])m[12](?![\w/.:-])/);
    expect([page.status, page.text.includes('ordered to M2')]).toEqual([200, true]);
    await vi.waitFor(async () => expect((await ana.get('/accounts')).text).toContain('Running on M2 since'), soon);
    expect((await world.status('s4')).active?.pair).toBe('m2');
    const closed = await ana.post('/switchover/return/m1', {});
    expect(closed.text).toContain('The gate to M1 is closed.');
    await vi.waitFor(async () => {
      expect((await ana.get('/switchover/return/m1')).text).toContain('name="override-databaseLagMs"');
    }, soon);
    const keys = ['greenMs', 'oldestLegMs', 'legsInDoubt', 'holds', 'fileLagMs', 'databaseLagMs', 'certificatesEqual'];
    const override = Object.fromEntries(keys.map((key) => [`override-${key}`, 'on']));
    expect((await ana.post('/switchover/return/m1', override)).text).toContain('ordered to M1');
    await vi.waitFor(async () => expect((await world.status('s3')).active?.pair).toBe('m1'), soon);
    const events = await audited();
    for (const event of ['switchover.switch', 'switchover.switch-answer', 'switchover.return', 'switchover.hold'])
      expect(events).toContain(event);
  });

  it('may not do at a watcher what only somebody there may', async () => {
    const { watchers, tls } = world.watchers;
    const [ca = '', cert = '', key = ''] = [tls.ca, tls.cert, tls.key].map((file) => readFileSync(file, 'utf8'));
    const client = peerClient('s3', watchers[0]?.url ?? '', { ca, cert, key });
    const ask = (body: object) => client.post('/v1/command', body, AbortSignal.timeout(10_000));
    expect(await ask({ command: 'free', by: 'x', master: 'm1' })).toMatchObject({ exit: 'refused' });
    expect(await ask({ command: 'switch', by: 'x', from: 'm1', force: true })).toMatchObject({ exit: 'refused' });
    await expect(client.post('/v1/exchange', {}, AbortSignal.timeout(10_000))).rejects.toThrow('404');
    client.close();
  });

  it('asks every watcher about the keys of a zone, before its DS record is shown', async () => {
    const ask = (zone: string) => desk.askAll({ command: 'keys', zone, keys: [{ tag: 4711, algorithm: 13 }] });
    const all = await ask('bob.example');
    // Neither publishes zones in this world.
    expect(all.map(({ id }) => id)).toEqual(['s3', 's4']);
    for (const { said } of all)
      expect(said).toMatchObject({ exit: 'done', sentence: 'No zone is published from here.' });
    const wrong = await ask('../etc');
    for (const { said } of wrong) expect(said).toMatch(/zone must be a domain name/);
  });

  it('goes on with the other watcher, and says so when none is left', async () => {
    await world.kill('s3');
    await vi.waitFor(
      async () => expect((await ana.get('/accounts')).text).toContain('watcher s3 does not answer'),
      soon,
    );
    expect((await ana.post('/switchover/hold', { reason: 'one left' })).status).toBe(303);
    await world.kill('s4');
    await vi.waitFor(async () => expect((await ana.get('/accounts')).text).toContain('No watcher answers'), soon);
    const page = await ana.get('/switchover');
    expect(page.text).toContain('nothing can be ordered from here');
    expect((await ana.post('/switchover/hold', { reason: 'none left' })).text).toContain('nothing was ordered');
  });
});
