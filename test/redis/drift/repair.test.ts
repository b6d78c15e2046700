import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { uapi, whm } from '../../../src/whm/call.ts';
import { accountOf, settled } from '../../support/chaos.ts';
import { root, type Stage, stageOf } from './stage.ts';

let stage: Stage;
beforeAll(async () => {
  stage = await stageOf();
  await stage.desk.run('package.add', { name: 'gold' });
  await stage.desk.run('account.create', accountOf('bob'));
  await stage.desk.run('forwarder.add', { account: 'bob', address: 'info@bob.example', to: 'a@far.example' });
  await stage.desk.run('mailbox.add', { account: 'bob', address: 'post@bob.example', password: 'Sturdy-horse-42-q' });
});
afterAll(() => stage.close());

const repair = (ids: readonly string[], from?: string, meant = false) =>
  stage.drift.repair({ ids, ...(from === undefined ? {} : { from }), meant, actor: root, door: 'cli' });

describe('a repair', () => {
  it('goes to the master that differs alone, through an operation, and the next scan is empty', async () => {
    await stage.behind('m2', uapi('bob', 'Email::edit_pop_quota', { email: 'post', domain: 'bob.example', quota: 7 }));
    await stage.behind(
      'm2',
      uapi('bob', 'Email::delete_forwarder', { address: 'info@bob.example', forwarder: 'a@far.example' }),
    );
    await stage.behind('m2', whm('editpkg', { name: 'gold', maxpop: 3 }));
    const found = await stage.scan();
    expect(found.map((f) => f.kind).sort()).toEqual(['account', 'forwarder', 'mailbox', 'package']);
    const outcomes = await repair(
      found.map((f) => f.id),
      'm1',
    );
    expect(outcomes.flatMap((o) => o.objections)).toEqual([]);
    await settled(stage.pair);
    for (const { operations } of outcomes)
      for (const id of operations) {
        const view = await stage.pair.core.operations.get(id);
        expect({ state: view?.state, masters: view?.legs.map((l) => l.master) }).toEqual({
          state: 'done',
          masters: ['m2'],
        });
      }
    expect(await stage.scan()).toEqual([]);
    expect((await stage.drift.list({ state: 'repaired' })).length).toBe(4);
  });

  it('never deletes what nobody knows the origin of, and goes the other way instead', async () => {
    await stage.behind(
      'm2',
      uapi('bob', 'Email::add_forwarder', {
        domain: 'bob.example',
        email: 'own',
        fwdopt: 'fwd',
        fwdemail: 'me@far.example',
      }),
    );
    const [finding] = await stage.scan();
    const refused = await repair([finding?.id ?? ''], 'm1');
    expect(refused[0]?.operations).toEqual([]);
    expect(refused[0]?.objections.join()).toMatch(/Nobody knows who made own@bob.example/);
    const done = await repair([finding?.id ?? '']);
    expect(done[0]?.objections).toEqual([]);
    await settled(stage.pair);
    expect(await stage.scan()).toEqual([]);
    const left = await stage.behind('m1', uapi('bob', 'Email::list_forwarders', { domain: 'bob.example' }));
    expect(JSON.stringify(left)).toContain('me@far.example');
  });

  it('is refused when it is many at once, until a person means it', async () => {
    const forwarders = Array.from({ length: 60 }, (_, i) => `n${i}`);
    for (const email of forwarders)
      await stage.behind(
        'm1',
        uapi('bob', 'Email::add_forwarder', { domain: 'bob.example', email, fwdopt: 'fwd', fwdemail: 'x@far.example' }),
      );
    const ids = (await stage.scan()).map((f) => f.id);
    expect(ids.length).toBe(60);
    await expect(repair(ids)).rejects.toThrow(/60 differences in one go/);
    expect((await stage.drift.list({ state: 'open' })).length).toBe(60);
  });

  it('what is accepted as wanted is quiet, until it changes', async () => {
    const ids = (await stage.drift.list({ state: 'open', limit: 100 })).map((f) => f.id);
    await stage.drift.accept(ids, root, 'cli');
    await stage.behind('m2', uapi('bob', 'Email::edit_pop_quota', { email: 'post', domain: 'bob.example', quota: 9 }));
    const [one, ...others] = await stage.scan();
    expect(others).toEqual([]);
    await stage.drift.accept([one?.id ?? ''], root, 'cli');
    expect(await stage.scan()).toEqual([]);
    await stage.behind('m2', uapi('bob', 'Email::edit_pop_quota', { email: 'post', domain: 'bob.example', quota: 11 }));
    expect((await stage.scan()).map((f) => f.id)).toEqual([one?.id]);
  });
});
