import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { fault, heal, root, type TestPair } from '../../support/pair.ts';
import { done, furnish, openPair, order, run, seen, until } from './stage.ts';

let pair: TestPair;
beforeAll(async () => {
  pair = await openPair();
});
afterAll(() => pair.close());
afterEach(async () => {
  for (const sim of [pair.m1, pair.m2]) {
    await heal(sim);
    await order(sim, { packMs: 50, restoreMs: 50 });
  }
  await vi.waitFor(
    async () => {
      const { masters } = await pair.core.reads.status();
      expect(masters.map((m) => m.state)).toEqual(['reachable', 'reachable']);
    },
    { timeout: 20_000 },
  );
});

const nothing = { account: [], databases: [], mailboxes: [], zones: [], dkim: [] };
const remains = (id: string) => {
  const folder = join(pair.dir, id, 'files', 'home', 'tandem-archives');
  return existsSync(folder) ? readdirSync(folder) : [];
};
const store = () => join(pair.config.stateDir, 'archives');
const archivesOf = async (account: string) => (await pair.core.archives.list()).filter((a) => a.account === account);

describe('an account that is terminated with an archive', () => {
  it('is archived with databases, mail and keys, then removed, and can be brought back on both masters', async () => {
    await furnish(pair, 'anna');
    const before = { m1: seen(pair.m1, 'anna'), m2: seen(pair.m2, 'anna') };
    await done(pair, 'account.terminate', { account: 'anna', archive: 'verified' });
    expect(seen(pair.m1, 'anna')).toEqual(nothing);
    expect(seen(pair.m2, 'anna')).toEqual(nothing);

    const [archive, ...others] = await archivesOf('anna');
    expect(others).toEqual([]);
    expect(archive).toMatchObject({ state: 'verified', master: 'm1', sha256: expect.stringMatching(/^[0-9a-f]{64}$/) });
    // What another program finds in it, not what we say of it.
    const listed = execFileSync('tar', ['-tzf', archive?.file ?? ''], { encoding: 'utf8' }).split('\n');
    expect(listed).toEqual(
      expect.arrayContaining([
        'cpmove-anna/cp/anna',
        'cpmove-anna/mysql/anna_shop.sql',
        'cpmove-anna/domainkeys/private/anna.example',
        'cpmove-anna/homedir/mail/anna.example/info/maildirfolder',
      ]),
    );
    expect([remains('m1'), remains('m2')], 'nothing is left on the masters').toEqual([[], []]);

    await done(pair, 'account.restore', { account: 'anna', archive: archive?.id });
    expect(seen(pair.m1, 'anna')).toEqual(before.m1);
    expect(seen(pair.m2, 'anna')).toEqual(before.m2);
    expect([remains('m1'), remains('m2')]).toEqual([[], []]);
    const again = await run(pair, 'account.restore', { account: 'anna', archive: archive?.id }).catch(String);
    expect(String(again), 'never over an account').toContain('already has an account named “anna”');
  });

  it.each([
    ['pkgacct fails', 'fails', /packing ended as FAILED: .*No space left on device/],
    ['the archive is cut', 'cut', /cannot be read/],
    ['a database is not in it', 'no-databases', /not complete: database \w+_shop is missing/],
  ] as const)('is not touched when %s, and the reason is told', async (_what, trouble, reason) => {
    const account = `kept${trouble.replace(/\W/g, '').slice(0, 6)}`;
    await furnish(pair, account);
    const before = [seen(pair.m1, account), seen(pair.m2, account)];
    await order(pair.m1, { packMs: 50, trouble });
    const view = await run(pair, 'account.terminate', { account, archive: 'verified' });
    expect(view.state).toBe('refused');
    expect(view.legs.find((leg) => leg.master === 'm1')?.error?.message).toMatch(reason);
    expect([seen(pair.m1, account), seen(pair.m2, account)]).toEqual(before);
    expect(readdirSync(store()).filter((id) => existsSync(join(store(), id, `cpmove-${account}.tar.gz`)))).toEqual([]);
    // Asked again when the reason is gone, it begins anew.
    await order(pair.m1, { packMs: 50 });
    await done(pair, 'account.terminate', { account, archive: 'verified' });
  });

  it('with M2 down is archived and removed on M1, and removed on M2 when it is back, without a second archive', async () => {
    await furnish(pair, 'berta');
    await fault(pair.m2, { kind: 'down', function: '*' });
    const accepted = await pair.core.operations.accept({
      action: 'account.terminate',
      params: { account: 'berta', archive: 'verified' },
      actor: root,
      door: 'system',
    });
    await until(pair, accepted.id, 'following');
    expect(seen(pair.m1, 'berta')).toEqual(nothing);
    expect(seen(pair.m2, 'berta').account).toEqual(['berta']);
    await heal(pair.m2);
    await until(pair, accepted.id, 'done');
    expect(seen(pair.m2, 'berta')).toEqual(nothing);
    expect(await archivesOf('berta')).toHaveLength(1);
  });

  it('with the active master down loses nothing there either: its own copy is archived before it goes', async () => {
    await furnish(pair, 'carla');
    await fault(pair.m1, { kind: 'down', function: '*' });
    const accepted = await pair.core.operations.accept({
      action: 'account.terminate',
      params: { account: 'carla', archive: 'verified' },
      actor: root,
      door: 'system',
    });
    await until(pair, accepted.id, 'following');
    expect((await archivesOf('carla')).map((a) => [a.master, a.state])).toEqual([['m2', 'verified']]);
    await heal(pair.m1);
    await until(pair, accepted.id, 'done');
    const kept = (await archivesOf('carla')).map((a) => [a.master, a.state]);
    expect(kept).toEqual([
      ['m1', 'verified'],
      ['m2', 'verified'],
    ]);
  });

  it('survives lost answers: the packing begins anew, the removal does not happen twice', async () => {
    await furnish(pair, 'dora');
    await fault(pair.m1, { kind: 'drop-after', function: 'start_background_pkgacct' });
    await fault(pair.m1, { kind: 'http-500', function: 'get_pkgacct_session_state' });
    await done(pair, 'account.terminate', { account: 'dora', archive: 'verified' });
    expect(await archivesOf('dora')).toMatchObject([{ state: 'verified' }]);
    await vi.waitFor(() => expect(remains('m1')).toEqual([]));
  });
});

describe('a restore', () => {
  it('that WHM fails is on hold or refused with the reason, and can be asked for again', async () => {
    await furnish(pair, 'emil');
    await done(pair, 'account.terminate', { account: 'emil', archive: 'verified' });
    const [archive] = await archivesOf('emil');
    await order(pair.m1, { restoreMs: 50, trouble: 'restore-fails' });
    const view = await run(pair, 'account.restore', { account: 'emil', archive: archive?.id });
    expect(view.state).toBe('refused');
    expect(view.legs[0]?.error?.message).toContain("WHM's restore ended as FAILED");
    await order(pair.m1, { restoreMs: 50 });
    await done(pair, 'account.restore', { account: 'emil', archive: archive?.id });
    expect(seen(pair.m2, 'emil').databases).toEqual(['emil_shop']);
  });

  it('whose first call lost its answer is not begun a second time', async () => {
    await furnish(pair, 'frida');
    await done(pair, 'account.terminate', { account: 'frida', archive: 'verified' });
    const [archive] = await archivesOf('frida');
    await fault(pair.m1, { kind: 'drop-before', function: 'start_local_cpmove_restore' });
    await done(pair, 'account.restore', { account: 'frida', archive: archive?.id });
    const restores = pair.m1.engine.state.dump()['transfer-sessions'] ?? {};
    expect(Object.values(restores).filter((row) => (row as { user: string }).user === 'frida')).toHaveLength(1);
  });

  it('of somebody else’s archive, or of one that is not there, is refused', async () => {
    const [archive] = await archivesOf('dora');
    const other = await run(pair, 'account.restore', { account: 'gustav', archive: archive?.id });
    expect(other).toMatchObject({ state: 'refused' });
    expect(other.legs[0]?.error?.message).toContain('is of dora, not of gustav');
    const none = await run(pair, 'account.restore', { account: 'gustav', archive: '01HZZZZZZZZZZZZZZZZZZZZZZZ' });
    expect(none.legs[0]?.error?.message).toContain('there is no archive');
  });
});

describe('the store', () => {
  it('lets archives go when their time is over', async () => {
    const [archive] = await archivesOf('dora');
    await pair.core.journal.write((db) =>
      db
        .updateTable('archives')
        .set({ expires_at: 1 })
        .where('id', '=', archive?.id ?? '')
        .execute(),
    );
    expect(existsSync(archive?.file ?? '')).toBe(true);
    expect(await pair.core.archives.expire()).toBe(1);
    expect(existsSync(archive?.file ?? '')).toBe(false);
    expect(await pair.core.archives.get(archive?.id ?? '')).toMatchObject({ state: 'expired' });
  });
});
