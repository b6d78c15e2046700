import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { accountOf, callsOf, countOf, deskOf, effectsOf, known } from '../../support/chaos.ts';
import { fault, heal, quick, startPair, type TestPair } from '../../support/pair.ts';

let pair: TestPair;
let desk: ReturnType<typeof deskOf>;
async function start(timing: object): Promise<void> {
  pair = await startPair({ config: { timing } });
  desk = deskOf(pair);
  expect((await desk.run('package.add', { name: 'gold' })).state).toBe('done');
}
beforeEach(() => start(quick));
afterEach(() => pair.close());

describe('M2 down for long', () => {
  beforeEach(async () => {
    await pair.close();
    // Twenty that are asked for at once wait for one another: a slow answer is no absence here.
    await start({ ...quick, longestSeconds: 20 });
  });

  it('200 changes go on through M1; M2 then gets them in order, no more at once than configured', async () => {
    const names = Array.from({ length: 20 }, (_, i) => `acc${i}`);
    await Promise.all(names.map((name) => desk.run('account.create', accountOf(name))));
    await fault(pair.m2, { kind: 'down' });
    const ids: string[] = [];
    for (let n = 0; n < 10; n += 1) {
      const round = names.map((account) =>
        desk.accept('mailbox.add', { account, address: `box${n}@${account}.example`, password: `Sturdy-horse-${n}-q` }),
      );
      for (const view of await Promise.all(round)) ids.push(view.id);
    }
    for (const id of ids) expect((await desk.decided(id)).state).toBe('following');
    expect(await countOf(pair.m2, 'Email::add_pop')).toBe(0);
    const before = (await callsOf(pair.m2)).length;
    await heal(pair.m2);
    await vi.waitFor(async () => expect(await countOf(pair.m2, 'Email::add_pop')).toBe(200), 40_000);
    for (const id of ids) expect((await desk.final(id)).state).toBe('done');
    const order = (await effectsOf(pair.m2)).filter((e) => e.fn === 'Email::add_pop');
    for (const account of names) {
      const boxes = order.filter((e) => e.account === account).map((e) => e.args.get('email'));
      expect(boxes).toEqual(Array.from({ length: 10 }, (_, n) => `box${n}`));
    }
    expect(mostAtOnce((await callsOf(pair.m2)).slice(before))).toBeLessThanOrEqual(10);
  });
});

/** The calls of a function, once none of them is still to take effect. */
async function landed(sim: TestPair['m1'], fn: string): Promise<readonly unknown[]> {
  return vi.waitFor(async () => {
    const calls = (await callsOf(sim)).filter((c) => c.function === fn);
    expect(calls.every((c) => c.finishedAt !== null)).toBe(true);
    return calls;
  }, 5000);
}

/** The most calls that were worked on at the same time. */
function mostAtOnce(calls: Awaited<ReturnType<typeof callsOf>>): number {
  const edges = calls.flatMap((c) => [
    { at: c.receivedAt, step: 1 },
    { at: c.finishedAt ?? c.receivedAt, step: -1 },
  ]);
  let now = 0;
  return Math.max(...edges.sort((a, b) => a.at - b.at || a.step - b.step).map((e) => (now += e.step)));
}

describe('M1 down', () => {
  it('M2 leads, and M1 follows when it is back', async () => {
    await fault(pair.m1, { kind: 'down' });
    await desk.accept('account.create', accountOf('eve'));
    await known(pair, 'm1', 'unreachable');
    const accepted = await desk.accept('account.create', accountOf('bob'));
    const decided = await desk.decided(accepted.id);
    expect([decided.state, decided.lead]).toEqual(['following', 'm2']);
    await heal(pair.m1);
    expect((await desk.final(accepted.id)).state).toBe('done');
    expect(await countOf(pair.m1, 'createacct')).toBe(2);
  });

  it('in the middle of a call that took effect: M2 leads after a while, M1 does it no second time', async () => {
    await fault(pair.m1, { kind: 'drop-after', function: 'createacct' });
    const accepted = await desk.accept('account.create', accountOf('bob'));
    await desk.leg(accepted.id, 'm1', 'doubt');
    await fault(pair.m1, { kind: 'down' });
    const decided = await desk.decided(accepted.id);
    expect([decided.state, decided.lead]).toEqual(['following', 'm2']);
    await heal(pair.m1);
    expect((await desk.final(accepted.id)).state).toBe('done');
    expect([await countOf(pair.m1, 'createacct'), await countOf(pair.m2, 'createacct')]).toEqual([1, 1]);
  });

  it('in the middle of a call, and M2 refuses: nobody is told a lie until M1 is looked at', async () => {
    await fault(pair.m1, { kind: 'drop-before', function: 'createacct' });
    await fault(pair.m2, { kind: 'refuse', function: 'createacct', reason: 'the disk quota is odd', times: 0 });
    const accepted = await desk.accept('account.create', accountOf('bob'));
    await desk.leg(accepted.id, 'm1', 'doubt');
    await fault(pair.m1, { kind: 'down' });
    await desk.leg(accepted.id, 'm2', 'held');
    expect((await pair.core.operations.get(accepted.id))?.state).toBe('undecided');
    await heal(pair.m1);
    const final = await desk.final(accepted.id);
    expect(final.state).toBe('refused');
    expect(final.legs.map((l) => l.state)).toEqual(['refused', 'withdrawn']);
    expect(await countOf(pair.m1, 'createacct')).toBe(0);
  });

  it('in the middle of a call that left a part, and M2 refuses: the part is taken back', async () => {
    await fault(pair.m1, { kind: 'drop-before', function: 'install_dkim_private_keys' });
    await fault(pair.m2, { kind: 'refuse', function: 'createacct', reason: 'the disk quota is odd', times: 0 });
    const accepted = await desk.accept('account.create', accountOf('bob'));
    await desk.leg(accepted.id, 'm1', 'doubt');
    await fault(pair.m1, { kind: 'down' });
    await desk.leg(accepted.id, 'm2', 'held');
    await heal(pair.m1);
    expect((await desk.final(accepted.id)).state).toBe('refused');
    expect([await countOf(pair.m1, 'createacct'), await countOf(pair.m1, 'removeacct')]).toEqual([1, 1]);
  });
});

describe('a name that is dropped and made again while M2 is down', () => {
  it("M2's late drop never touches the new one", async () => {
    expect((await desk.run('account.create', accountOf('bob'))).state).toBe('done');
    await fault(pair.m2, { kind: 'down' });
    const drop = await desk.accept('account.terminate', { account: 'bob' });
    expect((await desk.decided(drop.id)).state).toBe('following');
    const again = await desk.accept('account.create', accountOf('bob', { password: 'Another-horse-77-staple' }));
    expect((await pair.core.operations.get(again.id))?.legs.map((l) => l.state)).toEqual(['waiting', 'waiting']);
    await heal(pair.m2);
    expect((await desk.final(again.id)).state).toBe('done');
    const wanted = ['createacct', 'removeacct', 'createacct'];
    for (const sim of [pair.m1, pair.m2]) {
      const seen = (await effectsOf(sim)).map((e) => e.fn).filter((fn) => wanted.includes(fn));
      expect(seen).toEqual(wanted);
      // The simulator's own row.
      const row = sim.engine.state.dump()['accounts']?.['bob'] as { password: string };
      expect(row.password).toBe('Another-horse-77-staple');
    }
  });
});

describe('an effect that comes late', () => {
  it.each(['m1', 'm2'] as const)('after the connection was cut on %s is never repeated', async (id) => {
    await desk.run('account.create', accountOf('bob'));
    const sim = pair.sims[id] ?? pair.m1;
    for (const [fn, action, params] of [
      ['Email::add_pop', 'mailbox.add', { account: 'bob', address: 'a@bob.example', password: 'Sturdy-horse-42-q' }],
      ['Mysql::create_database', 'database.add', { account: 'bob', name: 'bob_shop' }],
      [
        'mass_edit_dns_zone',
        'dns.add-record',
        { account: 'bob', zone: 'bob.example', name: 'x', type: 'TXT', value: 'v' },
      ],
    ] as const) {
      const before = [(await landed(sim, fn)).length, await countOf(sim, fn)];
      await fault(sim, { kind: 'late', function: fn, ms: 700 });
      expect((await desk.run(action, params)).state).toBe('done');
      // Not sent twice: that a master would refuse the second is luck.
      expect([(await landed(sim, fn)).length, await countOf(sim, fn)], fn).toEqual(before.map((count) => count + 1));
    }
  });

  it('a second change on the key waits until the first can no longer land', async () => {
    await desk.run('account.create', accountOf('bob'));
    await fault(pair.m1, { kind: 'late', function: 'suspendacct', ms: 700 });
    const first = await desk.accept('account.suspend', { account: 'bob' });
    await desk.leg(first.id, 'm1', 'doubt');
    expect((await desk.run('account.unsuspend', { account: 'bob' })).state).toBe('done');
    await landed(pair.m1, 'suspendacct');
    const seen = (await effectsOf(pair.m1)).map((e) => e.fn).filter((fn) => fn.endsWith('suspendacct'));
    expect(seen).toEqual(['suspendacct', 'unsuspendacct']);
  });
});
