import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Client } from '../../../src/operations/deps.ts';
import { uapi } from '../../../src/whm/call.ts';
import { accountOf, known, settled } from '../../support/chaos.ts';
import { fault, heal } from '../../support/pair.ts';
import { root, type Stage, stageOf } from './stage.ts';

let stage: Stage;
beforeAll(async () => {
  stage = await stageOf();
  await stage.desk.run('package.add', { name: 'gold' });
  for (const name of ['amy', 'ben', 'cleo', 'dora']) await stage.desk.run('account.create', accountOf(name));
  await settled(stage.pair);
});
beforeEach(() => heal(stage.pair.m2));
afterAll(() => stage.close());

const box = (account: string) =>
  uapi(account, 'Email::add_pop', {
    email: 'x',
    domain: `${account}.example`,
    password: 'Sturdy-horse-42-q',
    quota: 50,
  });

/** The real clients, of which one answers no more after some calls. */
function goneAfter(master: string, calls: number): ReadonlyMap<string, Client> {
  const { clients } = stage.pair.core.deps;
  const real = clients.get(master);
  let left = calls;
  const broken: Client = {
    call: async (call, options) => {
      left -= 1;
      return left < 0 || real === undefined ? { kind: 'not-sent', reason: 'it is gone' } : real.call(call, options);
    },
  };
  return new Map([...clients, [master, broken]]);
}

describe('a scan in trouble', () => {
  it('waits while a master is away, with its place kept, and goes on from there', async () => {
    const small = { accountsPerBatch: 1 };
    const id = await stage.drift.scan(root);
    // The servers and the first accounts are read; then M2 is gone in the middle.
    const sentence = await stage.turn({ ...small, clients: goneAfter('m2', 7) });
    expect(sentence).toMatch(/M2 cannot be read now: it is gone/);
    const halfway = await stage.drift.run(id);
    expect(halfway?.state).not.toBe('done');
    expect(await stage.drift.list({ state: 'open' })).toEqual([]);
    expect(halfway?.looked).toBeGreaterThan(0);
    await stage.turn(small);
    const over = await stage.drift.run(id);
    expect(over).toMatchObject({ state: 'done', looked: 4, found: 0 });
    expect(over?.startedAt).toBe(halfway?.startedAt);
  });

  it.each(['garbage', 'html', 'http-500'] as const)('concludes nothing from %s', async (kind) => {
    await fault(stage.pair.m2, { kind, function: 'batch', times: 0 });
    const id = await stage.drift.scan(root);
    await stage.turn();
    expect((await stage.drift.run(id))?.state).not.toBe('done');
    expect(await stage.drift.list({ state: 'open' })).toEqual([]);
    await heal(stage.pair.m2);
    await known(stage.pair, 'm2', 'reachable');
    expect(await stage.scan()).toEqual([]);
  });

  it('leaves an account with unfinished work for later', async () => {
    await stage.behind('m1', box('amy'));
    await fault(stage.pair.m2, { kind: 'refuse', function: 'Email::add_forwarder', reason: 'not now', times: 0 });
    const held = await stage.desk.accept('forwarder.add', {
      account: 'amy',
      address: 'a@amy.example',
      to: 'b@far.example',
    });
    await stage.desk.leg(held.id, 'm2', 'held');
    await stage.drift.scan(root);
    await stage.turn();
    const [run] = await stage.drift.runs(1);
    expect(run?.sentence).toMatch(/1 account left for later because of unfinished operations/);
    expect(await stage.drift.list({ account: 'amy' })).toEqual([]);
    expect(await stage.drift.isDue('amy')).toBe(true);
    await heal(stage.pair.m2);
    await stage.pair.core.operations.choose(held.id, 'm2', 'retry', root);
    await settled(stage.pair);
    expect((await stage.scan()).map((f) => f.kind)).toEqual(['mailbox']);
  });

  it('two workers run one scan', async () => {
    await stage.drift.scan(root);
    const [a, b] = await Promise.all([stage.turn({ owner: 'a' }), stage.turn({ owner: 'b' })]);
    expect([a, b].filter((s) => s === 'Another worker compares the masters.').length).toBe(1);
    expect((await stage.drift.runs(1))[0]?.state).toBe('done');
  });

  it('comes by itself when a master that was away is back and has caught up', async () => {
    const before = (await stage.drift.runs(1))[0]?.id;
    await stage.turn({ usable: (master) => master !== 'm2' });
    expect((await stage.drift.runs(1))[0]?.id).toBe(before);
    await stage.turn();
    expect((await stage.drift.runs(1))[0]).toMatchObject({ reason: 'outage', state: 'done' });
  });
});
