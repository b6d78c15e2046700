import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { Actor } from '../../../src/auth/actor.ts';
import { NotAllowed, NotFound, Refused } from '../../../src/errors.ts';
import { activeMaster } from '../../../src/operations/active.ts';
import { type ActiveDesk, openActive } from '../../../src/operations/move-active.ts';
import { openPlacement } from '../../../src/operations/placement.ts';
import { ownNamesTurn } from '../../../src/roles/own-names.ts';
import { accountOf, deskOf } from '../../support/chaos.ts';
import { testLog } from '../../support/log.ts';
import { fault, heal, root, startPair, type TestPair } from '../../support/pair.ts';

let pair: TestPair;
let active: ActiveDesk;
const told: string[] = [];
beforeAll(async () => {
  pair = await startPair();
  active = openActive(pair.core.deps, async (_actor, what, about) => {
    told.push(`${what} ${about}`);
  });
});
afterAll(() => pair.close());

const now = (account: string | null) => pair.core.journal.read((db) => activeMaster(pair.core.deps, db, account));
const move = (pairMaster: string, epoch: number, accounts = {}, retreat = false) =>
  active.move({ pair: pairMaster, epoch, accounts, retreat }, root);

describe('the active master', () => {
  it('moves by epoch, and new work is led there', async () => {
    expect(await now('bob')).toEqual({ master: 'm1', epoch: 0 });
    await move('m2', 1, { eve: 'm1' });
    expect([await now('bob'), await now('eve')]).toEqual([
      { master: 'm2', epoch: 1 },
      { master: 'm1', epoch: 1 },
    ]);
    const desk = deskOf(pair);
    await desk.run('package.add', { name: 'gold' });
    expect((await desk.run('account.create', accountOf('bob'))).lead).toBe('m2');
    expect(told).toEqual(['pair.move m2 epoch 1']);
  });

  it('the same word twice is one, an older one is refused, and a newer one takes exceptions away', async () => {
    await move('m2', 1, { eve: 'm1' });
    await expect(move('m1', 1)).rejects.toThrow(Refused);
    await expect(move('m1', 0)).rejects.toThrow('not newer');
    await move('m1', 5);
    expect([await now('bob'), await now('eve')]).toEqual([
      { master: 'm1', epoch: 5 },
      { master: 'm1', epoch: 5 },
    ]);
  });

  it('the same order again may name other exceptions, since what no switch moves may change meanwhile', async () => {
    await move('m1', 5, { eve: 'm2' });
    expect(await now('eve')).toEqual({ master: 'm2', epoch: 5 });
    await move('m1', 5, Object.fromEntries(Array.from({ length: 1201 }, (_, at) => [`many${at}`, 'm2'])));
    expect([await now('eve'), await now('many1200')].map(({ master }) => master)).toEqual(['m1', 'm2']);
    await move('m1', 5);
  });

  it('is taken back only at the epoch at which it was raised', async () => {
    await move('m2', 6);
    await expect(move('m1', 5, {}, true)).rejects.toThrow(Refused);
    await move('m1', 6, {}, true);
    expect(await now(null)).toEqual({ master: 'm1', epoch: 6 });
  });

  it('is nobody’s but staff’s, and only among the masters', async () => {
    const customer: Actor = { kind: 'token', name: 'bob', scope: { account: 'bob' }, acl: ['all'] };
    await expect(active.move({ pair: 'm2', epoch: 9, accounts: {}, retreat: false }, customer)).rejects.toThrow(
      NotAllowed,
    );
    await expect(move('m9', 9)).rejects.toThrow(NotFound);
    await expect(move('m1', 9, { bob: 'm9' })).rejects.toThrow(NotFound);
    expect((await now(null)).epoch).toBe(6);
  });

  it('knows what a return must wait for', async () => {
    await fault(pair.m2, { kind: 'drop-before', function: 'suspendacct' });
    const desk = deskOf(pair);
    const { seq } = await move('m1', 7);
    const { id } = await desk.accept('account.suspend', { account: 'bob' });
    await pair.core.operations.wait(id, 'decided', 10_000);
    const waiting = await active.waiting('m2');
    expect(waiting.holds).toBe(0);
    expect(waiting.oldestLegMs).toBeGreaterThan(0);
    expect((await active.waiting('m1')).oldestLegMs).toBe(0);
    await vi.waitFor(async () => expect((await active.waiting('m2')).legsInDoubt).toBe(1), 10_000);
    expect(await active.open(seq)).toBe(0);
    expect(await active.open(seq + 1)).toBe(1);
    // One account that moves alone waits for its own work, not for everybody's.
    expect([await active.open(seq + 1, ['bob']), await active.open(seq + 1, ['eve'])]).toEqual([1, 0]);
    expect((await active.waiting('m2', ['eve'])).legsInDoubt).toBe(0);
    expect((await active.waiting('m2', ['eve', 'bob'])).legsInDoubt).toBe(1);
  });
});

describe('where accounts belong', () => {
  const heard: string[] = [];
  const audit = async (_actor: Actor, event: string, subject: string): Promise<void> => {
    heard.push(`${event} ${subject}`);
  };
  const deskNow = () => openPlacement({ ...pair.core.deps, reads: pair.core.reads }, audit);
  const customer: Actor = { kind: 'customer', name: 'bob', scope: { account: 'bob' } };

  it('is what the account says, else its package, else the pair', async () => {
    const desk = deskNow();
    expect(await desk.wish()).toEqual({ homes: {}, unprotected: [] });
    expect(await desk.of('bob', 'gold')).toMatchObject({ isProtected: true, preferred: 'm1', mayChoose: false });
    await desk.say({ kind: 'package', name: 'gold' }, { isProtected: false, preferred: 'm2', mayChoose: true }, root);
    const packages = await desk.ofPackages(['gold', 'silver']);
    expect([...packages.values()].map(({ preferred }) => preferred)).toEqual(['m2', 'm1']);
    expect(await desk.wish()).toEqual({ homes: { bob: 'm2' }, unprotected: ['bob'] });
    await desk.choose('bob', 'gold', 'm1', customer);
    await desk.say(
      { kind: 'account', name: 'bob' },
      { ...(await desk.of('bob', 'gold')).own, isProtected: true },
      root,
    );
    expect(await desk.wish()).toEqual({ homes: { bob: 'm1' }, unprotected: [] });
    expect(heard).toEqual(['package:gold', 'account:bob', 'account:bob'].map((about) => `placement.set ${about}`));
  });

  it('says whose files do not travel', async () => {
    const desk = deskNow();
    expect(await desk.withoutFileSync()).toEqual([]);
    const gold = await desk.said({ kind: 'package', name: 'gold' });
    await desk.say({ kind: 'package', name: 'gold' }, { ...gold, hasFileSync: false }, root);
    expect(await desk.withoutFileSync()).toEqual(['bob']);
    const { own } = await desk.of('bob', 'gold');
    await desk.say({ kind: 'account', name: 'bob' }, { ...own, hasFileSync: true }, root);
    expect(await desk.withoutFileSync()).toEqual([]);
    await desk.say({ kind: 'account', name: 'bob' }, own, root);
    await desk.say({ kind: 'package', name: 'gold' }, gold, root);
    heard.length = 0;
  });

  it('says whose domains get no names of one server: none are ordered for them', async () => {
    const desk = deskNow();
    // Every order is refused: told is whom one was tried for.
    const accept = (): Promise<never> => Promise.reject(new Error('not now'));
    const tried = async (): Promise<number> => {
      const told = new Set<string>();
      const { journal } = pair.core;
      await ownNamesTurn({ journal, log: testLog().log, operations: { accept }, placement: desk }, told);
      return told.size;
    };
    expect(await tried()).toBeGreaterThan(0);
    const gold = await desk.said({ kind: 'package', name: 'gold' });
    await desk.say({ kind: 'package', name: 'gold' }, { ...gold, hasOwnNames: false }, root);
    expect(await desk.withoutOwnNames()).toEqual(['bob']);
    expect(await tried()).toBe(0);
    const { own } = await desk.of('bob', 'gold');
    await desk.say({ kind: 'account', name: 'bob' }, { ...own, hasOwnNames: true }, root);
    expect(await desk.withoutOwnNames()).toEqual([]);
    await desk.say({ kind: 'account', name: 'bob' }, own, root);
    await desk.say({ kind: 'package', name: 'gold' }, gold, root);
    heard.length = 0;
  });

  it('is the customer’s only where the package leaves it to them, and only among the masters', async () => {
    const desk = deskNow();
    await expect(desk.say({ kind: 'account', name: 'bob' }, {}, customer)).rejects.toThrow(NotAllowed);
    await expect(desk.choose('bob', 'silver', 'm2', customer)).rejects.toThrow(NotAllowed);
    await expect(desk.choose('bob', 'gold', 'm9', customer)).rejects.toThrow('no such master');
  });

  it('is never half a list', async () => {
    const reads = { accounts: async () => ({ rows: [], readAt: '', from: '' }) };
    const desk = openPlacement({ ...pair.core.deps, reads }, audit);
    await expect(desk.wish()).rejects.toThrow('No master has told yet');
  });

  it('does not stick to a name that another account gets later', async () => {
    const old = deskOf(pair);
    await heal(pair.m2);
    await old.run('account.create', accountOf('tom'));
    const desk = deskNow();
    await desk.say({ kind: 'account', name: 'tom' }, { isProtected: false, preferred: 'm2' }, root);
    expect(await desk.of('tom', '')).toMatchObject({ isProtected: false });
    await old.run('account.terminate', { account: 'tom' });
    await old.run('account.create', accountOf('tom'));
    expect(await desk.of('tom', '')).toMatchObject({ isProtected: true, preferred: 'm1' });
  });
});
