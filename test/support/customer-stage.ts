/** One customer's account with something on every page, for pictures and for whatever looks at all pages. */
import { openPlacement } from '../../src/operations/placement.ts';
import { done } from './customer-doors.ts';
import type { Doors } from './doors.ts';
import { type PairOptions, root } from './pair.ts';

export const stagePassword = 'Right-Horse-42';
export const stageMailbox = 'info@bob.example';

/** PostgreSQL is offered where it is looked after on both; nothing is carried here. */
const looked = { postgres: { socket: '/nonexistent', user: 'postgres' } };
export const stageMasters: NonNullable<PairOptions['masters']> = { m1: looked, m2: looked };

const box = encodeURIComponent(stageMailbox);
const of = (area: string, names: readonly string[]): readonly string[] => names.map((name) => `/my/${area}${name}`);

/** The owner's pages; every page with a tab of its own and what they lead to. */
export const ownerPaths: readonly string[] = [
  ...of('overview', ['', '/server']),
  ...of('mail/', ['boxes', `boxes/${box}`, 'forwarders', 'autoresponders', `autoresponders/${box}`, 'filters']),
  ...of('mail/', [`filters/of/${box}`, 'routing', 'spam', 'authentication', 'clients', 'delivery']),
  ...of('domains/', ['list', 'list/shop.bob.example/remove', 'zones', 'zones/bob.example', 'zones/bob.example/text']),
  `/my/domains/zones/bob.example/record?line=${encodeURIComponent('bob.example. 14400 MX 0 bob.example.')}`,
  ...of('files', ['', '?folder=public_html', '/edit?folder=public_html', '/one?folder=public_html&name=index.php']),
  ...of('databases', ['', '/one?name=bob_shop', '/open?name=bob_shop', '/users', '/user?name=bob_web']),
  ...of('databases/postgres', ['', '/one?name=bob_notes', '/users', '/user?name=bob_notes']),
  ...of('websites', ['', '/site?domain=bob.example', '/cron', '/redirects', '/privacy']),
  ...of('websites', ['/privacy/folder?folder=public_html', '/blocked', '/other']),
  ...of('statistics', ['', '/errors', '/visitors']),
  ...of('', ['backups', 'access/ftp', 'access/ftp/one?login=up%40bob.example', 'access/tokens', 'activity', 'people']),
  ...of('own', ['', '/second-factor']),
];

export const mailboxPaths: readonly string[] = of('mailbox/', [
  'home',
  'forwarders',
  'autoresponder',
  'filters',
  'spam',
]);

/** Fills the account bob, whose password and whose mailbox's is stagePassword. */
export async function fillAccount(doors: Doors): Promise<void> {
  const mine = (action: string, params: Readonly<Record<string, unknown>>): Promise<void> =>
    done(doors, action, { account: 'bob', ...params });
  const password = stagePassword;
  await done(doors, 'package.add', { name: 'gold', quotaMb: 4096, maxAddons: 3 });
  await mine('account.create', { plan: 'gold', domain: 'bob.example', password, contactEmail: 'bob@mail.test' });
  await mine('mailbox.add', { address: stageMailbox, password, quotaMb: 250 });
  await mine('mailbox.add', { address: 'shop@bob.example', password, quotaMb: 'unlimited' });
  await mine('forwarder.add', { address: 'sales@bob.example', to: stageMailbox });
  await mine('autoresponder.set', { address: stageMailbox, from: 'Bob', subject: 'Away', body: 'Back on Monday.' });
  await mine('domain.add-sub', { name: 'shop', parent: 'bob.example', folder: 'shop.bob.example' });
  const further = { domain: 'bakery.example', subdomain: 'bakery', folder: 'bakery.example' };
  await mine('domain.add-addon', further);
  const rules = [{ part: '$header_subject:', match: 'contains', value: 'prize' }];
  await mine('mail-filter.set', { name: 'Prizes', rules, actions: [{ does: 'save', to: '/dev/null' }] });
  await mine('database.add', { name: 'bob_shop' });
  await mine('database-user.add', { name: 'bob_web', password });
  await mine('database-user.grant', { user: 'bob_web', database: 'bob_shop', privileges: 'ALL PRIVILEGES' });
  await mine('postgres-database.add', { name: 'bob_notes' });
  await mine('postgres-user.add', { name: 'bob_notes', password });
  await mine('ftp.add', { login: 'up', domain: 'bob.example', password, folder: 'public_html/up' });
  await mine('file.save', { folder: 'public_html', name: 'index.php', content: '<?php echo "Bread";\n', was: 'new' });
  await mine('redirect.add', { domain: 'bob.example', path: '/old', to: 'https://bob.example/new' });
  await mine('block.add', { address: '192.0.2.7' });
  const placement = openPlacement({ ...doors.core.deps, reads: doors.core.reads }, async () => {});
  await placement.say({ kind: 'account', name: 'bob' }, { mayChoose: true }, root);
  const { customers, tokenCreate } = doors.core.auth;
  await customers.invite({ account: 'bob', email: 'ana@firm.example', role: 'builder', by: 'bob' });
  await tokenCreate({ owner: 'bob', scope: 'account', label: 'deploy', acl: ['read', 'file.*'] });
}
