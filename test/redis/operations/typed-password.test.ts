/** A password that a customer typed: rated first, then one hash for both masters, and in its own words to neither. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { whm } from '../../../src/whm/call.ts';
import { accountOf, callsOf } from '../../support/chaos.ts';
import { root, startPair, type TestPair } from '../../support/pair.ts';

const typed = 'Right-Horse-42-sturdy';
let pair: TestPair;

const accept = (action: string, params: object) =>
  pair.core.operations.accept({ action, params, actor: root, door: 'api' });

beforeAll(async () => {
  pair = await startPair();
  for (const client of pair.core.clients.values())
    await client.call(whm('setminimumpasswordstrengths', { default: 90 }));
  await accept('package.add', { name: 'gold' });
  const { id } = await accept('account.create', accountOf('bob'));
  await pair.core.operations.wait(id, 'final', 20_000);
});
afterAll(() => pair.close());

const kinds = [
  ['mailbox.add', 'Email::add_pop', { account: 'bob', address: 'ann@bob.example' }, 'password', 'password_hash'],
  [
    'ftp.add',
    'Ftp::add_ftp',
    { account: 'bob', login: 'up', domain: 'bob.example', folder: 'public_html' },
    'pass',
    'pass_hash',
  ],
] as const;

it.each(kinds)('%s: what is too weak is refused before anything is accepted', async (action, fn, params) => {
  const before = await callsOf(pair.m1);
  await expect(accept(action, { ...params, password: 'Abcdef-12', asHash: true })).rejects.toMatchObject({
    issues: [{ path: 'password', message: expect.stringMatching(/strength rating of \d+ or higher/) }],
  });
  const since = (await callsOf(pair.m1)).slice(before.length).map((call) => call.function);
  expect(since).toContain('get_password_strength');
  expect(since).not.toContain(fn);
});

it.each(kinds)('%s: both masters get the same hash', async (action, fn, params, plain, hash) => {
  const { id } = await accept(action, { ...params, password: typed, asHash: true });
  expect((await pair.core.operations.wait(id, 'final', 20_000)).state).toBe('done');
  const sent = await Promise.all(
    [pair.m1, pair.m2].map(async (sim) => {
      const calls = (await callsOf(sim)).filter((call) => call.function === fn);
      expect(calls.length).toBe(1);
      return new Map(calls[0]?.args);
    }),
  );
  expect(sent.map((args) => args.has(plain))).toEqual([false, false]);
  expect(sent[0]?.get(hash)).toMatch(/^\$6\$/);
  expect(sent[1]?.get(hash)).toBe(sent[0]?.get(hash));
});
