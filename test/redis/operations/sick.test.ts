import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { accountOf, callsOf, countOf, deskOf, known } from '../../support/chaos.ts';
import { fault, heal, root, startPair, type TestPair } from '../../support/pair.ts';

let pair: TestPair;
let desk: ReturnType<typeof deskOf>;
const names = ['ann', 'ben', 'cat', 'dan', 'eve'];
beforeEach(async () => {
  pair = await startPair();
  desk = deskOf(pair);
  await desk.run('package.add', { name: 'gold' });
});
afterEach(() => pair.close());

const held = async () => (await pair.core.reads.status()).held;

describe('a master that lets us in no more', () => {
  it.each(['m1', 'm2'] as const)(
    '%s is parked at once, with an alarm; customers go on; resumed, it catches up',
    async (id) => {
      const sim = pair.sims[id] ?? pair.m1;
      await fault(sim, { kind: 'denied', function: '*', times: 0 });
      const first = await desk.accept('account.create', accountOf('ann'));
      await known(pair, id, 'parked');
      expect((await desk.decided(first.id)).state).toBe('following');
      const status = await pair.core.reads.status();
      expect([status.light, status.held]).toEqual(['degraded', 0]);
      const calls = (await callsOf(sim)).length;
      const rest = await Promise.all(names.slice(1).map((n) => desk.accept('account.create', accountOf(n))));
      for (const view of rest) expect((await desk.decided(view.id)).state).toBe('following');
      // cPHulk counts: not one call more.
      expect((await callsOf(sim)).length).toBe(calls);
      await heal(sim);
      await pair.core.operations.resume(id, root);
      for (const view of [first, ...rest]) expect((await desk.final(view.id)).state).toBe('done');
      expect(await countOf(sim, 'createacct')).toBe(names.length);
    },
  );
});

/** Further sentences of this kind stand in the tables of the WHM client. */
const reasons = {
  licence: 'Your license has expired or is invalid',
  'read-only': 'open: Read-only file system',
};

describe.each(Object.entries(reasons))('a sick master: %s', (_what, reason) => {
  it('as lead: nobody is refused, another leads; back in health it has everything', async () => {
    await fault(pair.m1, { kind: 'busy', function: 'createacct', reason, times: 0 });
    const all = await Promise.all(names.map((n) => desk.accept('account.create', accountOf(n))));
    for (const view of all) {
      const decided = await desk.decided(view.id);
      expect([decided.state, decided.lead]).toEqual(['following', 'm2']);
    }
    expect(await held()).toBe(0);
    await heal(pair.m1);
    for (const view of all) expect((await desk.final(view.id)).state).toBe('done');
  });

  it('as follower: nothing is on hold', async () => {
    await fault(pair.m2, { kind: 'busy', function: 'createacct', reason, times: 0 });
    const all = await Promise.all(names.map((n) => desk.accept('account.create', accountOf(n))));
    for (const view of all) expect((await desk.decided(view.id)).state).toBe('following');
    await known(pair, 'm2', 'unreachable');
    expect(await held()).toBe(0);
    await heal(pair.m2);
    for (const view of all) expect((await desk.final(view.id)).state).toBe('done');
  });
});

describe('one account in trouble', () => {
  it('does not take the master away from the others', async () => {
    await desk.run('account.create', accountOf('ann'));
    await fault(pair.m1, { kind: 'busy', function: 'suspendacct', account: 'ann', times: 6 });
    const sick = await desk.accept('account.suspend', { account: 'ann' });
    expect((await desk.run('account.create', accountOf('ben'))).lead).toBe('m1');
    expect((await desk.final(sick.id)).state).toBe('done');
  });
});
