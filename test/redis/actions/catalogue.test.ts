import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { actionOf, actions } from '../../../src/actions/index.ts';
import { selfSigned } from '../../../src/certificates.ts';
import type { Answer } from '../../../src/whm/outcome.ts';
import { root, startPair, type TestPair } from '../../support/pair.ts';

const made = await selfSigned({ names: ['bob.example', 'www.bob.example'], days: 90 });

/** Every action once, in an order in which each finds what it needs; all of it through the real client and core. */
const story: readonly (readonly [action: string, params: Readonly<Record<string, unknown>>])[] = [
  ['package.add', { name: 'gold', quotaMb: 500, maxAliases: 'unlimited', maxAddons: 'unlimited', maxMailboxes: 20 }],
  ['package.add', { name: 'silver', quotaMb: 100, maxAliases: 5, maxAddons: 5, maxEmailPerHour: 100 }],
  ['package.edit', { name: 'gold', quotaMb: 900, shell: 'n' }],
  ['account.create', { account: 'bob', domain: 'bob.example', plan: 'gold', contactEmail: 'bob@mail.example' }],
  ['account.modify', { account: 'bob', contactEmail: 'b@mail.example', quotaMb: 800, bandwidthMb: 5000, maxFtp: 7 }],
  ['account.password', { account: 'bob', password: 'C0rrect-horse-battery' }],
  ['mailbox.add', { account: 'bob', address: 'ann@bob.example', password: 'C0rrect-horse-battery', quotaMb: 250 }],
  ['mailbox.quota', { account: 'bob', address: 'ann@bob.example', quotaMb: 'unlimited' }],
  ['mailbox.password', { account: 'bob', address: 'ann@bob.example', password: 'An0ther-horse-battery' }],
  ['forwarder.add', { account: 'bob', address: 'info@bob.example', to: 'someone@else.example' }],
  [
    'autoresponder.set',
    { account: 'bob', address: 'ann@bob.example', from: 'Ann', subject: 'Away', body: 'Back\nsoon' },
  ],
  ['default-address.set', { account: 'bob', domain: 'bob.example', mode: 'refuse', message: 'Nobody here' }],
  ['domain.add-addon', { account: 'bob', domain: 'new.example', subdomain: 'new', folder: 'new.example' }],
  ['domain.add-alias', { account: 'bob', domain: 'two.example' }],
  ['domain.add-sub', { account: 'bob', name: 'shop', parent: 'bob.example', folder: 'public_html/shop' }],
  ['dns.add-record', { account: 'bob', zone: 'bob.example', name: 'here', type: 'A', value: '127.0.1.1', ttl: 300 }],
  ['dns.add-record', { account: 'bob', zone: 'bob.example', name: 'k', type: 'TXT', value: 'x'.repeat(300) }],
  [
    'dns.add-record',
    {
      account: 'bob',
      zone: 'bob.example',
      name: '_sip._tcp',
      type: 'SRV',
      value: 'sip.example.org',
      priority: 1,
      weight: 2,
      port: 5060,
    },
  ],
  [
    'dns.edit-record',
    { account: 'bob', zone: 'bob.example', name: 'here', type: 'A', value: '127.0.1.1', newValue: '192.0.2.9' },
  ],
  ['dns.remove-record', { account: 'bob', zone: 'bob.example', name: 'here', type: 'A', value: '192.0.2.9' }],
  [
    'dns.edit-zone',
    { account: 'bob', zone: 'bob.example', add: [{ name: 'both', type: 'A', ttl: 300, data: ['192.0.2.9'] }] },
  ],
  ['dkim.install', { account: 'bob', domain: 'bob.example' }],
  ['spf.install', { account: 'bob', domain: 'bob.example', record: 'v=spf1 include:mail.example -all' }],
  ['certificate.install', { account: 'bob', domain: 'bob.example', certificate: made.cert, key: made.key }],
  ['database.add', { account: 'bob', name: 'bob_shop' }],
  ['database-user.add', { account: 'bob', name: 'bob_web', password: 'C0rrect-horse-battery' }],
  ['database-user.password', { account: 'bob', name: 'bob_web', password: 'An0ther-horse-battery' }],
  ['database-user.grant', { account: 'bob', user: 'bob_web', database: 'bob_shop', privileges: 'SELECT,INSERT' }],
  ['database-user.revoke', { account: 'bob', user: 'bob_web', database: 'bob_shop' }],
  ['database-user.delete', { account: 'bob', name: 'bob_web' }],
  ['database.delete', { account: 'bob', name: 'bob_shop' }],
  [
    'ftp.add',
    {
      account: 'bob',
      login: 'up',
      domain: 'bob.example',
      password: 'C0rrect-horse-battery',
      folder: 'public_html/up',
      quotaMb: 100,
    },
  ],
  ['ftp.quota', { account: 'bob', login: 'up', domain: 'bob.example', quotaMb: 200 }],
  ['ftp.password', { account: 'bob', login: 'up', domain: 'bob.example', password: 'An0ther-horse-battery' }],
  ['ftp.delete', { account: 'bob', login: 'up', domain: 'bob.example' }],
  ['autoresponder.delete', { account: 'bob', address: 'ann@bob.example' }],
  ['forwarder.delete', { account: 'bob', address: 'info@bob.example', to: 'someone@else.example' }],
  ['mailbox.delete', { account: 'bob', address: 'ann@bob.example' }],
  ['domain.remove-sub', { account: 'bob', domain: 'shop.bob.example' }],
  ['domain.remove-alias', { account: 'bob', domain: 'two.example' }],
  ['domain.remove-addon', { account: 'bob', domain: 'new.example' }],
  ['account.change-package', { account: 'bob', plan: 'silver' }],
  ['account.suspend', { account: 'bob', reason: 'not paid' }],
  ['account.unsuspend', { account: 'bob' }],
  ['account.rename', { account: 'bob', newName: 'rob' }],
  [
    'whm.call',
    {
      function: 'editquota',
      args: [
        ['user', 'rob'],
        ['quota', '77'],
      ],
    },
  ],
  ['account.terminate', { account: 'rob' }],
  ['package.delete', { name: 'gold' }],
];

/** What a second look plans on a master; chosen values are not given, so only what can be seen is compared. */
async function lookAgain(id: string, input: unknown, master: string): Promise<string> {
  const action = actionOf(id);
  const client = pair.core.clients.get(master);
  if (action === undefined || client === undefined) throw new RangeError(`${id} on ${master}`);
  const p = action.params.parse(input);
  const place = { master: pair.core.deps.masters.get(master), masters: pair.core.deps.masters, sent: true };
  const answers: Answer[] = [];
  for (const call of action.observe(p, place)) {
    const outcome = await client.call(call);
    if (outcome.kind === 'done') answers.push({ ok: true, data: outcome.data });
    else answers.push({ ok: false, reason: outcome.reason });
  }
  const plan = action.plan(p, action.read(p, answers, place), place);
  return plan.kind === 'apply' ? plan.calls.map((call) => call.fn).join() : plan.kind;
}

/** Calls that a second look plans again, because what they set cannot be seen. */
const unseen: Readonly<Record<string, string>> = {
  'account.modify': 'limitbw',
  'account.password': 'passwd',
  'mailbox.password': 'Email::passwd_pop',
  'database-user.password': 'Mysql::set_password',
  'ftp.password': 'Ftp::passwd',
  'whm.call': 'editquota',
  // Without a key there is nothing to compare; the key itself is in the operation alone.
  'dkim.install': 'refused',
};

let pair: TestPair;
beforeAll(async () => {
  pair = await startPair();
});
afterAll(async () => {
  await pair?.close();
});

it.each(story)('%s %j is done on both masters, at the first try', async (action, params) => {
  const { operations } = pair.core;
  const accepted = await operations.accept({ action, params, actor: root, door: 'api' });
  const final = await operations.wait(accepted.id, 'final', 20_000);
  expect({ state: final.state, errors: final.legs.flatMap((l) => (l.error === undefined ? [] : [l.error])) }).toEqual({
    state: 'done',
    errors: [],
  });
  for (const master of ['m1', 'm2']) expect(await lookAgain(action, params, master)).toBe(unseen[action] ?? 'settled');
});

it('no master was asked for a function or argument that cPanel does not have', async () => {
  for (const sim of [pair.m1, pair.m2]) {
    const answer = await fetch(`${sim.controlUrl}/_sim/unknown`);
    expect(await answer.json()).toEqual({ functions: {}, parameters: {} });
  }
});

it('what was done last is what both masters show', async () => {
  const last = await pair.core.operations.list({ limit: 100 });
  await vi.waitFor(async () => {
    const now = await Promise.all(last.map((o) => pair.core.operations.get(o.id)));
    expect(now.filter((o) => o?.verifiedAt === undefined).map((o) => o?.action)).toEqual([]);
  }, 15_000);
  expect((await pair.core.reads.status()).drift).toBe(0);
});

it('the story tells every action', () => {
  expect(actions.map((a) => a.id).filter((id) => !story.some(([told]) => told === id))).toEqual([]);
});
