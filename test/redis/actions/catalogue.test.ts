import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { actionOf, actions } from '../../../src/actions/index.ts';
import { selfSigned } from '../../../src/certificates.ts';
import { api2 } from '../../../src/whm/call.ts';
import type { Answer } from '../../../src/whm/outcome.ts';
import { root, startPair, type TestPair } from '../../support/pair.ts';

const made = await selfSigned({ names: ['bob.example', 'www.bob.example'], days: 90 });

const nightly = { minute: '0', hour: '3', day: '*', month: '*', weekday: '*' };

/** Every action once, in an order in which each finds what it needs; all of it through the real client and core. */
const story: readonly (readonly [action: string, params: Readonly<Record<string, unknown>>])[] = [
  ['package.add', { name: 'gold', quotaMb: 500, maxAliases: 'unlimited', maxAddons: 'unlimited', maxMailboxes: 20 }],
  ['package.add', { name: 'silver', quotaMb: 100, maxAliases: 5, maxAddons: 5, maxEmailPerHour: 100 }],
  ['package.edit', { name: 'gold', quotaMb: 900, shell: 'n' }],
  ['feature-list.add', { name: 'small' }],
  ['feature-list.edit', { name: 'small', on: 'mysql', off: 'ssh,cron' }],
  ['account.create', { account: 'bob', domain: 'bob.example', plan: 'gold', contactEmail: 'bob@mail.example' }],
  ['account.modify', { account: 'bob', contactEmail: 'b@mail.example', quotaMb: 800, bandwidthMb: 5000, maxFtp: 7 }],
  ['account.contact', { account: 'bob', contactEmail: 'bob@else.example' }],
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
  ['own-names.install', { account: 'bob', domain: 'bob.example' }],
  ['spf.install', { account: 'bob', domain: 'bob.example', record: 'v=spf1 include:mail.example -all' }],
  ['certificate.install', { account: 'bob', domain: 'bob.example', certificate: made.cert, key: made.key }],
  ['database.add', { account: 'bob', name: 'bob_shop' }],
  ['database-user.add', { account: 'bob', name: 'bob_web', password: 'C0rrect-horse-battery' }],
  ['database-user.password', { account: 'bob', name: 'bob_web', password: 'An0ther-horse-battery' }],
  ['database-user.grant', { account: 'bob', user: 'bob_web', database: 'bob_shop', privileges: 'SELECT,INSERT' }],
  ['database-user.revoke', { account: 'bob', user: 'bob_web', database: 'bob_shop' }],
  ['database-user.delete', { account: 'bob', name: 'bob_web' }],
  ['database.delete', { account: 'bob', name: 'bob_shop' }],
  ['postgres-database.add', { account: 'bob', name: 'bob_shop' }],
  ['postgres-user.add', { account: 'bob', name: 'bob_web', password: 'C0rrect-horse-battery' }],
  ['postgres-user.password', { account: 'bob', name: 'bob_web', password: 'An0ther-horse-battery' }],
  ['postgres-user.grant', { account: 'bob', user: 'bob_web', database: 'bob_shop' }],
  ['postgres-database.rename', { account: 'bob', name: 'bob_shop', newName: 'bob_store' }],
  ['postgres-user.revoke', { account: 'bob', user: 'bob_web', database: 'bob_store' }],
  ['postgres-user.delete', { account: 'bob', name: 'bob_web' }],
  ['postgres-database.delete', { account: 'bob', name: 'bob_store' }],
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
  ['mailbox.access', { account: 'bob', address: 'ann@bob.example', outgoing: false }],
  [
    'mail-filter.set',
    {
      account: 'bob',
      name: 'win',
      rules: [{ part: '$header_subject:', match: 'contains', value: 'win' }],
      actions: [{ does: 'deliver', to: 'ann@bob.example' }],
    },
  ],
  ['mail-filter.switch', { account: 'bob', name: 'win', enabled: false }],
  ['mail-filter.delete', { account: 'bob', name: 'win' }],
  ['mail-routing.set', { account: 'bob', domain: 'bob.example', routing: 'local' }],
  ['spam.set', { account: 'bob', enabled: true, box: false, requiredScore: 6 }],
  ['file.add-folder', { account: 'bob', folder: 'public_html', name: 'new' }],
  ['file.save', { account: 'bob', folder: 'public_html', name: 'a.txt', content: 'DB_PASSWORD=x', was: 'new' }],
  ['file.copy', { account: 'bob', folder: 'public_html', names: ['a.txt'], to: 'public_html/new' }],
  ['file.rename', { account: 'bob', folder: 'public_html', name: 'a.txt', newName: 'b.txt' }],
  ['file.move', { account: 'bob', folder: 'public_html', names: ['b.txt'], to: 'public_html/new' }],
  ['file.permissions', { account: 'bob', folder: 'public_html/new', name: 'b.txt', mode: '600' }],
  ['file.compress', { account: 'bob', folder: 'public_html/new', names: ['a.txt', 'b.txt'], archive: 'all.zip' }],
  ['file.extract', { account: 'bob', folder: 'public_html/new', name: 'all.zip', to: 'tmp' }],
  ['file.delete', { account: 'bob', folder: 'tmp', names: ['a.txt', 'b.txt'] }],
  ['https.force', { account: 'bob', domain: 'bob.example', on: true }],
  ['certificate.check', { account: 'bob' }],
  ['php.version', { account: 'bob', domain: 'bob.example', version: 'ea-php83' }],
  ['php.settings', { account: 'bob', domain: 'bob.example', settings: [['memory_limit', '256M']] }],
  ['cron.set', { account: 'bob', jobs: [{ ...nightly, command: 'php cron.php' }], email: 'a@b.example', runsOn: 'm1' }],
  ['redirect.add', { account: 'bob', domain: 'bob.example', path: '/old', to: 'https://new.example/' }],
  ['redirect.delete', { account: 'bob', domain: 'bob.example', path: '/old' }],
  ['privacy.set', { account: 'bob', folder: 'public_html/new', on: true, label: 'Ours' }],
  ['privacy-user.set', { account: 'bob', folder: 'public_html/new', user: 'ann', password: 'C0rrect-horse-battery' }],
  ['privacy-user.delete', { account: 'bob', folder: 'public_html/new', user: 'ann' }],
  ['block.add', { account: 'bob', address: '192.0.2.7' }],
  ['block.delete', { account: 'bob', address: '192.0.2.7' }],
  ['backup.make', { account: 'bob' }],
  ['backup.restore-files', { account: 'bob', backup: 'the newest' }],
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
  ['account.terminate', { account: 'rob', archive: 'verified' }],
  ['account.restore', { account: 'rob', archive: 'the newest' }],
  ['account.terminate', { account: 'rob' }],
  ['feature-list.delete', { name: 'small' }],
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
  'postgres-user.password': 'Postgresql::set_password',
  'ftp.password': 'Ftp::passwd',
  'file.extract': 'Fileman::fileop',
  'backup.restore-files': 'Backup::restore_files',
  'certificate.check': 'SSL::start_autossl_check',
  'privacy-user.set': 'DirectoryPrivacy::add_user',
  'whm.call': 'editquota',
  // Without a key there is nothing to compare; the key itself is in the operation alone.
  'dkim.install': 'refused',
};

let pair: TestPair;
beforeAll(async () => {
  pair = await startPair({ config: { ownNames: true } });
});
afterAll(async () => {
  await pair?.close();
});

/** An archive's id is known only when it was made. */
async function withArchive(params: Readonly<Record<string, unknown>>) {
  if (params['backup'] === 'the newest') {
    const listed = await pair.core.clients.get('m1')?.call(api2('bob', 'Backups::listfullbackups'));
    const rows = listed?.kind === 'done' ? (listed.data as readonly { readonly file: string }[]) : [];
    return { ...params, backup: rows[0]?.file };
  }
  if (params['archive'] !== 'the newest') return params;
  return { ...params, archive: (await pair.core.archives.list())[0]?.id };
}

it.each(story)('%s %j is done on both masters, at the first try', async (action, told) => {
  const { operations } = pair.core;
  const params = await withArchive(told);
  const accepted = await operations.accept({ action, params, actor: root, door: 'api' });
  const final = await operations.wait(accepted.id, 'final', 20_000);
  expect({ state: final.state, errors: final.legs.flatMap((l) => (l.error === undefined ? [] : [l.error])) }).toEqual({
    state: 'done',
    errors: [],
  });
  const where = actionOf(action)?.where === 'active' ? ['m1'] : ['m1', 'm2'];
  for (const master of where) expect(await lookAgain(action, params, master)).toBe(unseen[action] ?? 'settled');
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

it('a new domain gets its www1 and www2 by itself', async () => {
  const { operations } = pair.core;
  const make = { account: 'zoe', domain: 'zoe.example', plan: 'silver' };
  await operations.accept({ action: 'account.create', params: make, actor: root, door: 'api' });
  await vi.waitFor(async () => {
    const all = await operations.list({ action: 'own-names.install', limit: 20 });
    const own = all.filter(({ actor }) => actor === 'own names').map(({ params, state }) => [params['domain'], state]);
    expect(own).toContainEqual(['zoe.example', 'done']);
  }, 30_000);
});

it('the story tells every action', () => {
  expect(actions.map((a) => a.id).filter((id) => !story.some(([told]) => told === id))).toEqual([]);
});
