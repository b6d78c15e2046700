import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { uapi } from '../../../src/whm/call.ts';
import { accountOf, callsOf, deskOf } from '../../support/chaos.ts';
import { fault, startPair, type TestPair } from '../../support/pair.ts';

let pair: TestPair;
let desk: ReturnType<typeof deskOf>;
beforeAll(async () => {
  pair = await startPair();
  desk = deskOf(pair);
  await desk.run('package.add', { name: 'gold' });
  await verified((await desk.run('account.create', accountOf('bob'))).id);
});
afterAll(() => pair.close());

const drift = async () => (await pair.core.reads.status()).drift;
const verified = (id: string) =>
  vi.waitFor(async () => expect((await pair.core.operations.get(id))?.verifiedAt).toBeDefined(), 10_000);

describe('looking back at what was done', () => {
  it('never takes a later change for a difference, also when it comes in the middle of the look', async () => {
    const first = await desk.run('account.suspend', { account: 'bob' });
    await fault(pair.m1, { kind: 'slow', function: 'accountsummary', ms: 900 });
    await vi.waitFor(async () => expect((await callsOf(pair.m1)).some((c) => c.fault === 'slow')).toBe(true), 10_000);
    expect((await desk.run('account.unsuspend', { account: 'bob' })).state).toBe('done');
    await verified(first.id);
    expect(await drift()).toBe(0);
  });

  it('finds what somebody changed behind our back', async () => {
    const box = { account: 'bob', address: 'post@bob.example', password: 'Sturdy-horse-42-q' };
    const { id } = await desk.run('mailbox.add', box);
    await pair.core.clients.get('m2')?.call(uapi('bob', 'Email::delete_pop', { email: 'post', domain: 'bob.example' }));
    await verified(id);
    expect(await drift()).toBe(1);
  });

  it('destroys the secrets of what is over', async () => {
    const rows = await pair.core.journal.read((db) =>
      db.selectFrom('operations').select(['data_key', 'sealed']).where('verified_at', 'is not', null).execute(),
    );
    expect(rows.length).toBeGreaterThan(2);
    for (const row of rows) expect(row).toEqual({ data_key: null, sealed: null });
  });
});
