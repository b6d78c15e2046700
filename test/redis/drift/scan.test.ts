import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findThings, forgetOthers } from '../../../src/drift/things.ts';
import { noteDifference } from '../../../src/operations/note-difference.ts';
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

  it('keeps the names of what it saw for the search, and forgets what is gone', async () => {
    const found = async (text: string) =>
      (await findThings(stage.pair.core.deps, text, 10)).map(({ account, kind, name }) => `${account} ${kind} ${name}`);
    expect(await found('POST@')).toEqual(['bob mailbox post@bob.example']);
    expect(await found('shop')).toEqual(['bob database bob_shop']);
    expect(await found('info@')).toEqual(['bob forwarder info@bob.example → a@far.example']);
    expect(await found('%')).toEqual([]);
    await stage.desk.run('forwarder.delete', { account: 'bob', address: 'info@bob.example', to: 'a@far.example' });
    await stage.scan();
    expect(await found('info@')).toEqual([]);
    await forgetOthers(stage.pair.core.deps, ['eve']);
    expect(await found('post@')).toEqual([]);
    await stage.scan();
    expect(await found('post@')).toHaveLength(1);
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

  it('what an operation’s look back says later of a difference that is told already is not told twice', async () => {
    const { journal } = stage.pair.core;
    const operation = (await stage.drift.list({ state: 'open', kind: 'mailbox' }))[0]?.origin ?? '';
    const note = { account: 'bob', master: 'm2', operation, sentence: 'M2 differs from what mailbox.add left' };
    await journal.write((db) => noteDifference(db, journal.now(), note));
    expect(await stage.drift.list({ state: 'open', kind: 'operation' })).toEqual([]);
    expect(await stage.drift.isDue('bob')).toBe(true);
    // Of another operation it is news.
    await journal.write((db) => noteDifference(db, journal.now(), { ...note, operation: '01OTHER' }));
    expect(await stage.drift.list({ state: 'open', kind: 'operation' })).toHaveLength(1);
  });
});
