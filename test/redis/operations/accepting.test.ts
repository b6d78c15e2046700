import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { accountOf, callsOf, countOf, deskOf, known } from '../../support/chaos.ts';
import { fault, heal, root, startPair, type TestPair } from '../../support/pair.ts';

let pair: TestPair;
let desk: ReturnType<typeof deskOf>;
beforeAll(async () => {
  pair = await startPair();
  desk = deskOf(pair);
  await desk.run('package.add', { name: 'gold' });
  const { id } = await desk.run('account.create', accountOf('bob'));
  // From then on the masters are asked nothing that no test asks.
  await vi.waitFor(async () => expect((await pair.core.operations.get(id))?.verifiedAt).toBeDefined(), 20_000);
});
afterAll(() => pair.close());

const written = async () => (await callsOf(pair.m1)).filter((c) => c.function === 'createacct').length;

describe('bad input', () => {
  const bad: readonly (readonly [what: string, action: string, params: unknown])[] = [
    ['an unknown action', 'account.frobnicate', {}],
    ['a name that cPanel does not take', 'account.create', accountOf('9 lives!')],
    ['a name that is too long', 'account.create', accountOf('a'.repeat(40))],
    ['a domain that is none', 'account.create', accountOf('eve', { domain: 'not a domain' })],
    ['a password that is too short', 'account.create', accountOf('eve', { password: 'x' })],
    ['a password with the name in it', 'account.create', accountOf('eve', { password: 'Sturdy-eve-42-battery' })],
    ['a number for a name', 'account.create', accountOf('eve', { account: 7 })],
    ['null for all', 'account.create', null],
    ['a list for all', 'account.create', []],
    ['an unknown field', 'account.create', accountOf('eve', { colour: 'red' })],
    ['a line break', 'account.suspend', { account: 'bob', reason: 'one\ntwo' }],
    ['a control character', 'account.suspend', { account: 'bob', reason: 'one\u0000two' }],
    ['an escape sequence', 'account.suspend', { account: 'bob', reason: '\u001b[31mred' }],
    ['ten megabytes', 'account.suspend', { account: 'bob', reason: 'x'.repeat(10_000_000) }],
    ['an address that is none', 'mailbox.add', { account: 'bob', address: 'nobody', password: 'Sturdy-horse-42-q' }],
    [
      'a record that is none',
      'dns.add-record',
      { account: 'bob', zone: 'bob.example', name: 'x', type: 'A', value: 'x' },
    ],
  ];

  it.each(bad)('%s never reaches a master', async (_what, action, params) => {
    const before = [await callsOf(pair.m1), await callsOf(pair.m2)].map((c) => c.filter(isWork).length);
    await expect(desk.accept(action, params)).rejects.toMatchObject({ code: 'input.invalid' });
    expect([await callsOf(pair.m1), await callsOf(pair.m2)].map((c) => c.filter(isWork).length)).toEqual(before);
  });

  it('a package that no master knows is refused with the words of WHM, before anything is written', async () => {
    const before = await written();
    await expect(desk.accept('account.create', accountOf('eve', { plan: 'iron' }))).rejects.toThrow(/iron/);
    expect(await written()).toBe(before);
  });
});

/** Not the workers' own questions: who are you, and whose mark is there. */
function isWork({ function: fn }: { readonly function: string }): boolean {
  return !['version', 'personalization_get', 'personalization_set'].includes(fn);
}

describe('the same request again', () => {
  it('with the same key is the same operation, also when it is over', async () => {
    const first = await desk.run('account.suspend', { account: 'bob' }, { idempotencyKey: 'k1' });
    await desk.run('account.unsuspend', { account: 'bob' });
    const again = await desk.accept('account.suspend', { account: 'bob' }, { idempotencyKey: 'k1' });
    expect(again.id).toBe(first.id);
  });

  it('with the same key and other parameters is an error', async () => {
    await expect(
      desk.accept('account.suspend', { account: 'bob', reason: 'other' }, { idempotencyKey: 'k1' }),
    ).rejects.toMatchObject({ code: 'input.invalid' });
  });

  it('without a key attaches while the first is undecided, and is a new one afterwards', async () => {
    await fault(pair.m1, { kind: 'slow', function: 'passwd', ms: 600 });
    const wish = { account: 'bob', password: 'Sturdy-horse-43-battery' };
    const first = await desk.accept('account.password', wish);
    const [second, third] = await Promise.all([
      desk.accept('account.password', wish),
      desk.accept('account.password', wish),
    ]);
    expect([second.id, third.id]).toEqual([first.id, first.id]);
    await desk.final(first.id);
    expect((await desk.accept('account.password', wish)).id).not.toBe(first.id);
  });

  it('two at the very same moment become one', async () => {
    const wish = { account: 'bob', name: 'bob_twice' };
    const both = await Promise.all([desk.accept('database.add', wish), desk.accept('database.add', wish)]);
    expect(both[0].id).toBe(both[1].id);
    expect((await desk.final(both[0].id)).state).toBe('done');
  });

  it('does not attach past something later: suspend, unsuspend, suspend are three', async () => {
    await fault(pair.m1, { kind: 'slow', function: 'suspendacct', ms: 600 });
    const first = await desk.accept('account.suspend', { account: 'bob' });
    const lift = await desk.accept('account.unsuspend', { account: 'bob' });
    const second = await desk.accept('account.suspend', { account: 'bob' });
    expect(new Set([first.id, lift.id, second.id]).size).toBe(3);
    expect((await desk.final(second.id)).state).toBe('done');
    expect(pair.m1.engine.state.dump()['accounts']?.['bob']).toMatchObject({ suspended: true });
    await desk.run('account.unsuspend', { account: 'bob' });
  });

  it('is found, or was overtaken, also where the keys have no mark of what was asked for: an older Tandem wrote them', async () => {
    const forget = () =>
      pair.core.journal.write((db) =>
        db.updateTable('keys').set({ asked: null }).where('asked', 'is not', null).execute(),
      );
    await fault(pair.m1, { kind: 'slow', function: 'suspendacct', ms: 600 });
    const first = await desk.accept('account.suspend', { account: 'bob' });
    await forget();
    expect((await desk.accept('account.suspend', { account: 'bob' })).id).toBe(first.id);
    await desk.accept('account.unsuspend', { account: 'bob' });
    await forget();
    const second = await desk.accept('account.suspend', { account: 'bob' });
    expect(second.id).not.toBe(first.id);
    await desk.final(second.id);
    await desk.run('account.unsuspend', { account: 'bob' });
  });

  it('whose first caller left without the outcome gets that outcome, until something later changed it', async () => {
    await fault(pair.m1, { kind: 'slow', function: 'Email::add_pop', ms: 500 });
    const wish = { account: 'bob', address: 'late@bob.example', password: 'Sturdy-horse-42-q' };
    const first = await desk.accept('mailbox.add', wish);
    await pair.core.operations.wait(first.id, 'decided', 50);
    await desk.final(first.id);
    expect((await desk.accept('mailbox.add', wish)).id).toBe(first.id);
    expect(await countOf(pair.m1, 'Email::add_pop')).toBe(1);
    await desk.run('mailbox.delete', { account: 'bob', address: 'late@bob.example' });
    expect((await desk.accept('mailbox.add', wish)).id).not.toBe(first.id);
  });
});

describe('with no master to be reached', () => {
  it('nothing is accepted, but what a person queues; that is done when one is back, and can be withdrawn before', async () => {
    await Promise.all([fault(pair.m1, { kind: 'down' }), fault(pair.m2, { kind: 'down' })]);
    const early = await desk.accept('account.suspend', { account: 'bob' }, { door: 'passthrough', queue: true });
    await Promise.all([known(pair, 'm1', 'unreachable'), known(pair, 'm2', 'unreachable')]);
    await expect(desk.accept('account.create', accountOf('eve'))).rejects.toMatchObject({
      code: 'masters.unreachable',
    });
    const billing = await desk.final(early.id);
    expect(billing.state).toBe('withdrawn');
    const queued = await desk.accept('account.create', accountOf('eve'), { queue: true });
    const other = await desk.accept('account.create', accountOf('joe'), { queue: true });
    expect((await pair.core.operations.get(other.id))?.canWithdraw).toBe(true);
    expect((await pair.core.operations.withdraw(other.id, root)).state).toBe('withdrawn');
    await Promise.all([heal(pair.m1), heal(pair.m2)]);
    expect((await desk.final(queued.id)).state).toBe('done');
    expect(pair.m1.engine.state.dump()['accounts']?.['joe']).toBeUndefined();
    await expect(pair.core.operations.withdraw(queued.id, root)).rejects.toThrow(/sent to a master already/);
  });

  it('a call of a billing system that was sent goes on', async () => {
    await fault(pair.m1, { kind: 'drop-before', function: 'suspendacct' });
    const sent = await desk.accept('account.suspend', { account: 'bob' }, { door: 'passthrough' });
    await desk.leg(sent.id, 'm1', 'doubt');
    await Promise.all([fault(pair.m1, { kind: 'down' }), fault(pair.m2, { kind: 'down' })]);
    await Promise.all([known(pair, 'm1', 'unreachable'), known(pair, 'm2', 'unreachable')]);
    await heal(pair.m2);
    await heal(pair.m1);
    expect((await desk.final(sent.id)).state).toBe('done');
  });
});
