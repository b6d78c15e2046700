import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { LEG_MOVES, OPERATION_MOVES } from '../../../src/operations/states.ts';
import { uapi } from '../../../src/whm/call.ts';
import { accountOf, deskOf, known, movesOf, recordMoves, strayMoves } from '../../support/chaos.ts';
import { fault, heal, root, startPair, type TestPair } from '../../support/pair.ts';

let pair: TestPair;
let desk: ReturnType<typeof deskOf>;
beforeAll(async () => {
  pair = await startPair();
  desk = deskOf(pair);
  await recordMoves(pair.core.journal);
  await desk.run('package.add', { name: 'gold' });
  for (const name of ['bob', 'eve']) expect((await desk.run('account.create', accountOf(name))).state).toBe('done');
});
afterAll(() => pair.close());

const secret = 'Sturdy-horse-42-q';
const box = (name: string) => ({ account: 'bob', address: `${name}@bob.example`, password: secret });
const behindOurBack = (master: string, local: string) =>
  pair.core.clients
    .get(master)
    ?.call(uapi('bob', 'Email::add_pop', { email: local, domain: 'bob.example', password: secret, quota: 7 }));
const choose = (id: string, master: string, choice: 'retry' | 'adopt' | 'skip' | 'undo') =>
  pair.core.operations.choose(id, master, choice, root);
const decidable = (id: string) =>
  vi.waitFor(
    async () => expect((await pair.core.operations.get(id))?.legs.some((l) => l.choices.includes('skip'))).toBe(true),
    10_000,
  );
/** A call that is on hold on M1 at once, because it may not be made again. */
async function heldOnLead(name: string) {
  await fault(pair.m1, { kind: 'drop-before', function: 'create_featurelist' });
  const { id } = await desk.accept('whm.call', { function: 'create_featurelist', args: [['featurelist', name]] });
  await desk.leg(id, 'm1', 'held');
  await decidable(id);
  return id;
}

describe('the life of an operation, every move of it', () => {
  it('done and followed; found done already', async () => {
    await desk.run('account.suspend', { account: 'bob' });
    expect((await desk.run('account.suspend', { account: 'bob' })).state).toBe('done');
    await desk.run('account.unsuspend', { account: 'bob' });
  });

  it('refused by a look; refused by the master', async () => {
    await desk.run('mailbox.add', box('there'));
    expect((await desk.run('mailbox.add', { ...box('there'), quotaMb: 9 })).state).toBe('refused');
    await fault(pair.m1, { kind: 'refuse', function: 'Email::add_pop' });
    expect((await desk.run('mailbox.add', box('never'))).state).toBe('refused');
  });

  it('busy, and tried again; in doubt and there; in doubt and not there', async () => {
    await fault(pair.m1, { kind: 'busy', function: 'Email::add_pop' });
    await desk.run('mailbox.add', box('busy'));
    await fault(pair.m1, { kind: 'drop-after', function: 'Email::add_pop' });
    await desk.run('mailbox.add', box('after'));
    await fault(pair.m1, { kind: 'drop-before', function: 'Email::add_pop' });
    expect((await desk.run('mailbox.add', box('before'))).state).toBe('done');
  });

  it('a follower that would refuse, tried again when the reason is gone; one that did, tried again', async () => {
    await behindOurBack('m2', 'mine');
    const { id } = await desk.accept('mailbox.add', box('mine'));
    await desk.leg(id, 'm2', 'held');
    await pair.core.clients.get('m2')?.call(uapi('bob', 'Email::delete_pop', { email: 'mine', domain: 'bob.example' }));
    await choose(id, 'm2', 'retry');
    expect((await desk.final(id)).state).toBe('done');
    await fault(pair.m2, { kind: 'refuse', function: 'Email::add_pop' });
    const other = await desk.accept('mailbox.add', box('no'));
    await desk.leg(other.id, 'm2', 'held');
    await choose(other.id, 'm2', 'retry');
    expect((await desk.final(other.id)).state).toBe('done');
  });

  it('in doubt, and then something else is there', async () => {
    await fault(pair.m1, { kind: 'drop-before', function: 'Email::add_pop' });
    const { id } = await desk.accept('mailbox.add', { ...box('other'), quotaMb: 3 });
    await desk.leg(id, 'm1', 'doubt');
    await behindOurBack('m1', 'other');
    await desk.leg(id, 'm1', 'held');
    await choose(id, 'm1', 'adopt');
    expect((await desk.final(id)).state).toBe('done');
  });

  it('withdrawn before anything was sent', async () => {
    await Promise.all([fault(pair.m1, { kind: 'down' }), fault(pair.m2, { kind: 'down' })]);
    const { id } = await desk.accept('mailbox.add', box('gone'), { queue: true });
    await Promise.all([known(pair, 'm1', 'unreachable'), known(pair, 'm2', 'unreachable')]);
    expect((await pair.core.operations.withdraw(id, root)).state).toBe('withdrawn');
    await Promise.all([heal(pair.m1), heal(pair.m2)]);
    await Promise.all([known(pair, 'm1', 'reachable'), known(pair, 'm2', 'reachable')]);
  });

  it('the new lead refuses what the old one turns out not to have', async () => {
    await fault(pair.m1, { kind: 'drop-before', function: 'Email::add_pop' });
    await fault(pair.m2, { kind: 'refuse', function: 'Email::add_pop', times: 0 });
    const { id } = await desk.accept('mailbox.add', box('nobody'));
    await desk.leg(id, 'm1', 'doubt');
    await fault(pair.m1, { kind: 'down' });
    await desk.leg(id, 'm2', 'held');
    await Promise.all([heal(pair.m1), heal(pair.m2)]);
    expect((await desk.final(id)).state).toBe('refused');
  });

  it('the new lead has another one of that name: on hold, not refused, for the old one turns out to have done it', async () => {
    await fault(pair.m1, { kind: 'drop-after', function: 'Email::add_pop' });
    const { id } = await desk.accept('mailbox.add', { ...box('twice'), quotaMb: 3 });
    await desk.leg(id, 'm1', 'doubt');
    await fault(pair.m1, { kind: 'down' });
    await behindOurBack('m2', 'twice');
    await desk.leg(id, 'm2', 'held');
    expect((await pair.core.operations.get(id))?.state).toBe('undecided');
    await heal(pair.m1);
    await desk.leg(id, 'm1', 'done');
    await choose(id, 'm2', 'adopt');
    expect((await desk.final(id)).state).toBe('done');
  });

  it('made in part and taken back; taken back with the answer lost', async () => {
    await fault(pair.m1, { kind: 'partial', function: 'createacct' });
    expect((await desk.run('account.create', accountOf('half'))).state).toBe('refused');
    await fault(pair.m1, { kind: 'partial', function: 'createacct' });
    await fault(pair.m1, { kind: 'drop-after', function: 'removeacct' });
    expect((await desk.run('account.create', accountOf('half'))).state).toBe('refused');
  });

  it('undone on the other', async () => {
    await fault(pair.m2, { kind: 'refuse', function: 'createacct' });
    const { id } = await desk.accept('account.create', accountOf('away'));
    await desk.leg(id, 'm2', 'held');
    await choose(id, 'm2', 'undo');
    expect((await desk.final(id)).state).toBe('withdrawn');
  });

  it('skipped, with all that depends on it; then one master alone', async () => {
    await fault(pair.m2, { kind: 'refuse', function: 'createacct' });
    const { id } = await desk.accept('account.create', accountOf('solo'));
    await desk.leg(id, 'm2', 'held');
    const behind = await desk.accept('account.suspend', { account: 'solo' });
    await choose(id, 'm2', 'skip');
    expect((await desk.final(behind.id)).legs.map((l) => l.state)).toEqual(['done', 'skipped']);
    expect((await desk.run('account.unsuspend', { account: 'solo' })).state).toBe('done');
  });

  it('the lead on hold: retried; adopted; skipped', async () => {
    const retried = await heldOnLead('l1');
    await choose(retried, 'm1', 'retry');
    expect((await desk.final(retried)).state).toBe('done');
    const adopted = await heldOnLead('l2');
    await choose(adopted, 'm1', 'adopt');
    expect((await desk.final(adopted)).state).toBe('done');
    const skipped = await heldOnLead('l3');
    await choose(skipped, 'm1', 'skip');
    expect((await desk.final(skipped)).legs.map((l) => l.state)).toEqual(['skipped', 'done']);
  });

  it('the only master on hold: adopted is done, skipped is withdrawn', async () => {
    for (const [choice, end] of [
      ['adopt', 'done'],
      ['skip', 'withdrawn'],
    ] as const) {
      await behindSolo(choice, end);
    }
  });

  it('has no other move than the table, and every move of the table', async () => {
    const moves = await movesOf(pair.core.journal);
    expect(strayMoves(moves)).toEqual([]);
    const seen = new Set(moves.map((m) => `${m.kind} ${m.from}→${m.to}`));
    const table = [
      ...LEG_MOVES.map((m) => ({ ...m, kind: 'leg' })),
      ...OPERATION_MOVES.map((m) => ({ ...m, kind: 'operation' })),
    ];
    // The next call of a plan changes no state: the number of calls shows it.
    const wanted = table.filter((m) => String(m.from) !== m.to).map((m) => `${m.kind} ${m.from}→${m.to}`);
    expect(wanted.filter((word) => !seen.has(word))).toEqual([]);
    const calls = await pair.core.journal.read((db) => db.selectFrom('legs').select('attempts').execute());
    expect(Math.max(...calls.map((c) => c.attempts))).toBeGreaterThan(1);
  });
});

/** solo is on M1 alone, so M1's hold is the operation's. */
async function behindSolo(choice: 'adopt' | 'skip', end: string): Promise<void> {
  const local = `x${choice}`;
  const address = `${local}@solo.example`;
  await fault(pair.m1, { kind: 'drop-before', function: 'Email::add_pop' });
  const { id } = await desk.accept('mailbox.add', { account: 'solo', address, password: secret, quotaMb: 3 });
  await desk.leg(id, 'm1', 'doubt');
  const other = { email: local, domain: 'solo.example', password: secret, quota: 9 };
  await pair.core.clients.get('m1')?.call(uapi('solo', 'Email::add_pop', other));
  await desk.leg(id, 'm1', 'held');
  await choose(id, 'm1', choice);
  expect((await desk.final(id)).state).toBe(end);
}
