import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { uapi, whm } from '../../../src/whm/call.ts';
import { accountOf } from '../../support/chaos.ts';
import { type Stage, stageOf } from './stage.ts';

let stage: Stage;
const box = { account: 'bob', address: 'post@bob.example', password: 'Sturdy-horse-42-q', quotaMb: 250 };

beforeAll(async () => {
  stage = await stageOf();
  await stage.desk.run('package.add', { name: 'gold' });
  await stage.desk.run('account.create', accountOf('bob'));
  await stage.desk.run('account.create', accountOf('eve'));
  await stage.desk.run('mailbox.add', box);
  await stage.desk.run('forwarder.add', { account: 'bob', address: 'info@bob.example', to: 'a@far.example' });
  await stage.desk.run('database.add', { account: 'bob', name: 'bob_shop' });
});
afterAll(() => stage.close());

describe('a scan', () => {
  it('finds nothing on a pair that only Tandem changed', async () => {
    expect((await stage.scan()).map((f) => f.sentence)).toEqual([]);
  });

  it('finds what was changed behind our back, with both values and who touched it last', async () => {
    await stage.behind(
      'm2',
      uapi('bob', 'Email::edit_pop_quota', { email: 'post', domain: 'bob.example', quota: 500 }),
    );
    await stage.behind(
      'm1',
      uapi('bob', 'Email::add_forwarder', {
        domain: 'bob.example',
        email: 'x',
        fwdopt: 'fwd',
        fwdemail: 'y@far.example',
      }),
    );
    await stage.behind('m2', whm('suspendacct', { user: 'eve' }));
    const found = await stage.scan();
    expect(found.map((f) => f.sentence).sort()).toEqual([
      'eve: suspended is “no” on M1, “yes” on M2',
      'post@bob.example: quota (MB) is “250” on M1, “500” on M2',
      'x@bob.example → y@far.example: only M1 has it, M2 does not',
    ]);
    expect(found.find((f) => f.kind === 'mailbox')?.origin).toBeDefined();
    expect(found.find((f) => f.kind === 'forwarder')?.origin).toBeUndefined();
  });
});
