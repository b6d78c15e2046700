import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type Sshd, sshKey, startSshd } from '../../support/forced-sshd.ts';
import type { TestPair } from '../../support/pair.ts';
import { type Build, buildChild, startNode } from '../../support/process-node.ts';
import { missing, type TempDir, tempDir } from '../../support/processes.ts';
import { done, furnish, openPair, order, run, seen, until } from './stage.ts';

const program = resolve('bin/on-master/tandem-archive');
const nothing = { account: [], databases: [], mailboxes: [], zones: [], dkim: [] };

describe('by ssh', () => {
  const note = missing('sshd') ?? missing('ssh');
  let keys: TempDir;
  let sshd: Sshd;
  let pair: TestPair;
  const keyOf = (id: string) => join(keys.path, id);

  beforeAll(async () => {
    if (note !== undefined) return;
    keys = tempDir();
    const roots = Object.fromEntries(['m1', 'm2'].map((id) => [id, join(keys.path, `root-${id}`)]));
    const allowed = ['m1', 'm2'].map((id) => ({
      key: sshKey(keys.path, id),
      command: `TANDEM_ARCHIVES=${roots[id]} ${program}`,
    }));
    sshd = await startSshd(join(keys.path, 'sshd'), allowed);
    const way = (id: string) => ({
      kind: 'ssh',
      user: sshd.user,
      port: sshd.port,
      keyFile: keyOf(id),
      knownHostsFile: sshd.knownHosts,
    });
    pair = await openPair({}, way, roots);
    for (const sim of [pair.m1, pair.m2]) await order(sim, { packMs: 50, restoreMs: 50 });
  });
  afterAll(async () => {
    if (note !== undefined) return;
    await pair.close();
    await sshd.running.end('SIGTERM');
    keys.remove();
  });

  it('an archive leaves the master and comes back to both', async (context) => {
    if (note !== undefined) return context.skip(note);
    await furnish(pair, 'anna');
    const before = [seen(pair.m1, 'anna'), seen(pair.m2, 'anna')];
    await done(pair, 'account.terminate', { account: 'anna', archive: 'verified' });
    expect([seen(pair.m1, 'anna'), seen(pair.m2, 'anna')]).toEqual([nothing, nothing]);
    const [archive] = await pair.core.archives.list();
    expect(archive).toMatchObject({ account: 'anna', state: 'verified' });
    await done(pair, 'account.restore', { account: 'anna', archive: archive?.id });
    expect([seen(pair.m1, 'anna'), seen(pair.m2, 'anna')]).toEqual(before);
    for (const id of ['m1', 'm2']) expect(readdirSync(join(keys.path, `root-${id}`))).toEqual([]);
  });

  it.each([
    'id',
    'get ../../etc passwd',
    'get 01ARZ3NDEKTSV4RRFFQ69G5FAV-1 ../../../etc/passwd',
    'list 01ARZ3NDEKTSV4RRFFQ69G5FAV-1; id',
    'remove /',
    'remove ..',
    'put 01ARZ3NDEKTSV4RRFFQ69G5FAV-1 authorized_keys',
    'prepare $(id)',
    '',
  ])('its key does nothing else: %j', (command) => {
    if (note !== undefined) return;
    const flags = ['-F', '/dev/null', '-T', '-i', keyOf('m1'), '-p', String(sshd.port), '-l', sshd.user];
    const trust = ['-o', `UserKnownHostsFile=${sshd.knownHosts}`, '-o', 'BatchMode=yes', '-o', 'IdentitiesOnly=yes'];
    const said = spawnSync('ssh', [...flags, ...trust, '127.0.0.1', command], { encoding: 'utf8', input: 'x' });
    expect(said.status).toBe(2);
    expect(said.stdout).toBe('');
    expect(said.stderr).toContain('tandem-archive:');
  });

  it('a master that is not who it was is told nothing, and nothing is removed', async (context) => {
    if (note !== undefined) return context.skip(note);
    await furnish(pair, 'berta');
    const known = sshd.knownHosts;
    const stranger = sshKey(keys.path, 'stranger');
    const right = spawnSync('cat', [known], { encoding: 'utf8' }).stdout;
    const other = spawnSync('cat', [`${stranger}.pub`], { encoding: 'utf8' }).stdout;
    writeFileSync(known, `[127.0.1.1]:${sshd.port} ${other}`);
    const view = await run(pair, 'account.terminate', { account: 'berta', archive: 'verified' });
    writeFileSync(known, right);
    expect(view.state).toBe('refused');
    expect(view.legs[0]?.error?.message).toMatch(/host key/i);
    expect(seen(pair.m1, 'berta').account).toEqual(['berta']);
  });
});

describe('when Tandem is killed', () => {
  let pair: TestPair;
  let build: Build;
  beforeAll(async () => {
    pair = await openPair();
    build = await buildChild();
    await furnish(pair, 'carl');
    await furnish(pair, 'dirk');
    await pair.worker?.close();
  });
  afterAll(async () => {
    await pair.close();
  });

  async function accept(account: string): Promise<string> {
    const accepted = await pair.core.operations.accept({
      action: 'account.terminate',
      params: { account, archive: 'verified' },
      actor: { kind: 'person', name: 'test', scope: 'all', role: 'owner' },
      door: 'system',
    });
    return accepted.id;
  }

  const states = async (account: string) =>
    (await pair.core.archives.list()).filter((one) => one.account === account).map((one) => one.state);

  it('while WHM packs, the next worker goes on with the same session', async () => {
    await order(pair.m1, { packMs: 2000 });
    const id = await accept('carl');
    const first = await startNode(build, { configFile: pair.configFile });
    await vi.waitFor(async () => expect(await states('carl')).toEqual(['packing']), { timeout: 20_000, interval: 20 });
    await first.kill();
    expect(seen(pair.m1, 'carl').account).toEqual(['carl']);
    const second = await startNode(build, { configFile: pair.configFile });
    await until(pair, id, 'done');
    await second.kill();
    expect(await states('carl')).toEqual(['verified']);
    const sessions = Object.values(pair.m1.engine.state.dump()['pkgacct-sessions'] ?? {});
    expect(sessions.filter((one) => (one as { user: string }).user === 'carl')).toHaveLength(1);
  });

  it('while it fetched, the next worker begins the fetch anew when the lease of the dead one is over', async () => {
    await order(pair.m1, { packMs: 0 });
    const id = await accept('dirk');
    const first = await startNode(build, { configFile: pair.configFile });
    await vi.waitFor(async () => expect(await states('dirk')).not.toEqual([]), { timeout: 20_000, interval: 5 });
    await first.kill();
    // As a process leaves it that dies in the middle of the transfer.
    const [archive] = (await pair.core.archives.list()).filter((one) => one.account === 'dirk');
    const left = join(pair.config.stateDir, 'archives', archive?.id ?? '');
    if ((await states('dirk'))[0] === 'fetching') {
      mkdirSync(left, { recursive: true });
      writeFileSync(join(left, 'cpmove-dirk.tar.gz.part'), 'half');
    }
    const second = await startNode(build, { configFile: pair.configFile });
    await until(pair, id, 'done');
    await second.kill();
    expect(await states('dirk')).toEqual(['verified']);
    expect(existsSync(join(left, 'cpmove-dirk.tar.gz'))).toBe(true);
    expect(existsSync(join(left, 'cpmove-dirk.tar.gz.part'))).toBe(false);
  });
});

it('a control node whose disk is full takes no archive, and nothing is removed', async () => {
  const pair = await openPair({ archives: { minFreeGb: 1_000_000 } });
  try {
    await furnish(pair, 'emma');
    const view = await run(pair, 'account.terminate', { account: 'emma', archive: 'verified' });
    expect(view.state).toBe('refused');
    expect(view.legs[0]?.error?.message).toMatch(/control node's disk \d+ MB free/);
    expect([seen(pair.m1, 'emma').account, seen(pair.m2, 'emma').account]).toEqual([['emma'], ['emma']]);
  } finally {
    await pair.close();
  }
});
