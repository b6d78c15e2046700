import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { accountOf, callsOf, countOf, deskOf, effectsOf } from '../../support/chaos.ts';
import { fault, heal, quick, root, startPair, type TestPair } from '../../support/pair.ts';

let pair: TestPair;
let desk: ReturnType<typeof deskOf>;
beforeEach(async () => {
  pair = await startPair();
  desk = deskOf(pair);
  expect((await desk.run('package.add', { name: 'gold' })).state).toBe('done');
});
afterEach(() => pair.close());

const box = { account: 'bob', address: 'post@bob.example', password: 'Sturdy-horse-42-q' };

/** bob cannot be made on M2: the operation on hold there. */
async function heldCreate(kind: 'refuse' | 'partial' = 'refuse') {
  await fault(pair.m2, { kind, function: 'createacct', reason: 'the quota file is odd' });
  const create = await desk.accept('account.create', accountOf('bob'));
  await desk.leg(create.id, 'm2', 'held');
  return create.id;
}

const choose = (id: string, choice: 'retry' | 'adopt' | 'skip' | 'undo') =>
  pair.core.operations.choose(id, 'm2', choice, root);

describe('a follower that refuses', () => {
  it('is on hold, and everything behind it says why', async () => {
    const id = await heldCreate();
    const behind = [await desk.accept('mailbox.add', box), await desk.accept('account.suspend', { account: 'bob' })];
    for (const view of behind) {
      const now = await desk.decided(view.id);
      expect(now.state).toBe('following');
      const m2 = now.legs.find((l) => l.master === 'm2');
      expect(m2?.state).toBe('waiting');
      expect(m2?.waitsFor?.operation).toBe(id);
      expect(m2?.waitsFor?.sentence).toContain('on hold on M2: M2: createacct: the quota file is odd');
    }
  });

  it('does not stop strangers, also not those on the same package, and not a change of that package', async () => {
    await heldCreate();
    expect((await desk.run('account.create', accountOf('eve'))).state).toBe('done');
    expect((await desk.run('package.edit', { name: 'gold', quotaMb: 500 })).state).toBe('done');
  });

  it('retry: it is done, what waits goes on, and it is audited', async () => {
    const id = await heldCreate();
    const mail = await desk.accept('mailbox.add', box);
    await choose(id, 'retry');
    expect((await desk.final(id)).state).toBe('done');
    expect((await desk.final(mail.id)).state).toBe('done');
    const order = (await effectsOf(pair.m2)).map((e) => e.fn).filter((fn) => /createacct|add_pop/.test(fn));
    expect(order).toEqual(['createacct', 'Email::add_pop']);
    expect(await audited()).toContain(`operation.retry ${id} m2`);
  });

  it('adopt: it counts as done, and the difference is listed', async () => {
    await desk.run('account.create', accountOf('bob'));
    await fault(pair.m2, { kind: 'refuse', function: 'Email::add_pop' });
    const mail = await desk.accept('mailbox.add', box);
    await desk.leg(mail.id, 'm2', 'held');
    const view = await choose(mail.id, 'adopt');
    expect(view.state).toBe('done');
    expect((await pair.core.reads.status()).drift).toBeGreaterThan(0);
    expect(await audited()).toContain(`operation.adopt ${mail.id} m2`);
  });

  it('skip: the account is not wanted there, and nothing about it is sent there any more', async () => {
    const id = await heldCreate();
    const mail = await desk.accept('mailbox.add', box);
    expect((await choose(id, 'skip')).state).toBe('done');
    const done = await desk.final(mail.id);
    expect(done.legs.map((l) => l.state)).toEqual(['done', 'skipped']);
    const later = await desk.run('account.suspend', { account: 'bob' });
    expect(later.legs.map((l) => l.state)).toEqual(['done', 'skipped']);
    expect(await countOf(pair.m2, 'suspendacct')).toBe(0);
    expect(await audited()).toContain(`operation.skip ${id} m2`);
  });

  it('skipped, dropped and made again: it is wanted on both masters again', async () => {
    await choose(await heldCreate(), 'skip');
    expect((await desk.run('account.terminate', { account: 'bob' })).state).toBe('done');
    expect((await desk.run('account.create', accountOf('bob'))).legs.map((l) => l.state)).toEqual(['done', 'done']);
    expect((await desk.run('mailbox.add', box)).legs.map((l) => l.state)).toEqual(['done', 'done']);
  });

  it('undo: the other takes it back', async () => {
    const id = await heldCreate();
    await choose(id, 'undo');
    const final = await desk.final(id);
    expect([final.state, ...final.legs.map((l) => l.state)]).toEqual(['withdrawn', 'withdrawn', 'withdrawn']);
    expect(await countOf(pair.m1, 'removeacct')).toBe(1);
    expect(await audited()).toContain(`operation.undo ${id} m2`);
  });

  it('undo after a part of it took effect there: that part goes too', async () => {
    const id = await heldCreate('partial');
    await choose(id, 'undo');
    expect((await desk.final(id)).state).toBe('withdrawn');
    for (const sim of [pair.m1, pair.m2]) expect(sim.engine.state.dump()['accounts']?.['bob']).toBeUndefined();
  });

  it('undo is closed once something later was applied on its keys', async () => {
    const id = await heldCreate();
    await desk.decided((await desk.accept('mailbox.add', box)).id);
    expect((await pair.core.operations.get(id))?.legs[1]?.choices).not.toContain('undo');
    await expect(choose(id, 'undo')).rejects.toThrow(/later operation/);
  });

  it('a choice about what is not on hold is refused', async () => {
    const done = await desk.run('account.create', accountOf('bob'));
    await expect(choose(done.id, 'retry')).rejects.toThrow(/not on hold/);
  });

  it('whoever would only wait behind a hold on all masters is told so at once', async () => {
    await desk.run('account.create', accountOf('bob'));
    await fault(pair.m2, { kind: 'refuse', function: 'removeacct' });
    const drop = await desk.accept('account.terminate', { account: 'bob' });
    await desk.leg(drop.id, 'm2', 'held');
    await expect(desk.accept('account.create', accountOf('bob'))).rejects.toThrow(`blocked by operation ${drop.id}`);
    await choose(drop.id, 'retry');
    expect((await desk.final(drop.id)).state).toBe('done');
    expect((await desk.run('account.create', accountOf('bob'))).state).toBe('done');
  });
});

describe('a call that may still take effect', () => {
  const call = { function: 'create_featurelist', args: [['featurelist', 'small']] };

  it('and may not be made again is on hold at once; deciding waits until it can no longer land', async () => {
    const patient = await startPair({ config: { timing: { ...quick, longestSeconds: 4 } } });
    try {
      const other = deskOf(patient);
      await fault(patient.m1, { kind: 'drop-before', function: 'create_featurelist' });
      const op = await other.accept('whm.call', call);
      const held = await other.leg(op.id, 'm1', 'held');
      expect(held?.choices).toEqual(['retry']);
      await expect(patient.core.operations.choose(op.id, 'm1', 'skip', root)).rejects.toThrow(/may still take effect/);
      await vi.waitFor(
        async () => expect((await patient.core.operations.get(op.id))?.legs[0]?.choices).toContain('skip'),
        20_000,
      );
      await patient.core.operations.choose(op.id, 'm1', 'retry', root);
      expect((await other.final(op.id)).state).toBe('done');
    } finally {
      await patient.close();
    }
  });

  it('retried by a person who did not wait, it is looked at only when it can no longer land', async () => {
    const slow = await startPair({ config: { timing: { maxDoubts: 1, longestSeconds: 2, sweepMs: 100, pollMs: 50 } } });
    try {
      const other = deskOf(slow);
      await other.run('package.add', { name: 'gold' });
      await other.run('account.create', accountOf('bob'));
      await fault(slow.m1, { kind: 'late', function: 'Email::add_pop', ms: 900, times: 0 });
      const mail = await other.accept('mailbox.add', box);
      await other.leg(mail.id, 'm1', 'held');
      await slow.core.operations.choose(mail.id, 'm1', 'retry', root);
      await heal(slow.m1);
      expect((await other.final(mail.id)).state).toBe('done');
      // Not even sent again, though the master would have refused the second.
      const calls = (await callsOf(slow.m1)).filter((c) => c.function === 'Email::add_pop');
      expect([calls.length, await countOf(slow.m1, 'Email::add_pop')]).toEqual([1, 1]);
    } finally {
      await slow.close();
    }
  });
});

async function audited(): Promise<readonly string[]> {
  const entries = await pair.core.auth.auditList({ limit: 50 });
  return entries.map((e) => `${e.event} ${e.subject}`);
}
