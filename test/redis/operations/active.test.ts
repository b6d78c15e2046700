import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { Actor } from '../../../src/auth/actor.ts';
import { NotAllowed, NotFound, Refused } from '../../../src/errors.ts';
import { activeMaster } from '../../../src/operations/active.ts';
import { type ActiveDesk, openActive } from '../../../src/operations/move-active.ts';
import { accountOf, deskOf } from '../../support/chaos.ts';
import { fault, root, startPair, type TestPair } from '../../support/pair.ts';

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
  });
});
