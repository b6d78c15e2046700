import { describe, expect, it } from 'vitest';
import { action, both, no, ok, type Row } from './support.ts';

const gold = {
  name: 'gold',
  QUOTA: '500',
  MAXPOP: 'unlimited',
  HASSHELL: 'n',
  CGI: 'y',
  FEATURELIST: 'default',
  MAX_TEAM_USERS: 7,
};
const pkg = { name: 'gold', quotaMb: 500, maxMailboxes: 'unlimited', shell: 'n', maxTeamUsers: 7 };
const restrictions = ok({ prefix: 'bob_', max_database_name_length: 64, max_username_length: '16' });
const dbs = (...names: string[]) => ok(names.map((database) => ({ database, disk_usage: 0, users: [] })));
const users = (...names: string[]) => ok(names.map((user) => ({ user, shortuser: user.slice(4), databases: [] })));
const db = { account: 'bob', name: 'bob_shop' };
const dbUser = { account: 'bob', name: 'bob_web', password: 'Str0ng-enough!' };
const grant = { account: 'bob', user: 'bob_web', database: 'bob_shop' };
const ftp = {
  account: 'bob',
  login: 'up',
  domain: 'bob.example',
  password: 'Str0ng-enough!',
  folder: 'public_html/up',
  quotaMb: 100,
};
const ftpRow = (over: Readonly<Record<string, unknown>> = {}) =>
  ok([
    { login: 'bob', serverlogin: 'bob', accttype: 'main', dir: '/home/bob', diskquota: 'unlimited' },
    {
      login: 'up',
      serverlogin: 'up@bob.example',
      accttype: 'sub',
      dir: '/home/bob/public_html/up',
      diskquota: '100.00',
      ...over,
    },
  ]);
const noFtp = ok([{ login: 'bob', serverlogin: 'bob', accttype: 'main', dir: '/home/bob', diskquota: 'unlimited' }]);
const login = { account: 'bob', login: 'up', domain: 'bob.example' };

const rows: readonly (readonly [string, ...Row])[] = [
  [
    'package.add',
    'makes it with what was given',
    pkg,
    [ok({ pkg: [] })],
    false,
    ['addpkg name=gold quota=500 maxpop=unlimited max_team_users=7 hasshell=0 ip=n'],
  ],
  [
    'package.add',
    'writes two limits in capitals, as addpkg does',
    { name: 'gold', maxEmailPerHour: 50 },
    [ok({ pkg: [] })],
    false,
    ['addpkg name=gold MAX_EMAIL_PER_HOUR=50 ip=n'],
  ],
  [
    'package.add',
    'refuses what is there before',
    pkg,
    [ok({ pkg: [gold] })],
    false,
    'refused: The package "gold" already exists.',
  ],
  ['package.add', 'is settled on ours', pkg, [ok({ pkg: [gold] })], true, 'settled'],
  [
    'package.add',
    'sees a conflict',
    { ...pkg, quotaMb: 400 },
    [ok({ pkg: [gold] })],
    true,
    'refused: The package "gold" already exists. It differs from what was asked for.',
  ],
  [
    'package.edit',
    'changes what was given',
    { name: 'gold', quotaMb: 900, maxEmailPerHour: 50 },
    [ok({ pkg: [gold] })],
    false,
    ['editpkg name=gold quota=900 max_email_per_hour=50'],
  ],
  ['package.edit', 'is settled on it', pkg, [ok({ pkg: [gold] })], false, 'settled'],
  ['package.edit', 'needs the package', pkg, [ok({ pkg: [] })], false, 'refused: The package "gold" does not exist.'],
  ['package.delete', 'deletes it', { name: 'gold' }, [ok({ pkg: [gold] })], false, ['killpkg pkgname=gold']],
  ['package.delete', 'is settled when gone after our send', { name: 'gold' }, [ok({ pkg: [] })], true, 'settled'],
  [
    'package.delete',
    'refuses what was absent before',
    { name: 'gold' },
    [ok({ pkg: [] })],
    false,
    'refused: The package "gold" does not exist.',
  ],
  ['database.add', 'makes it', db, [dbs(), restrictions], false, ['Mysql::create_database@bob name=bob_shop']],
  [
    'database.add',
    'refuses what is there before',
    db,
    [dbs('bob_shop'), restrictions],
    false,
    'refused: The database “bob_shop” already exists.',
  ],
  ['database.add', 'is settled on ours', db, [dbs('bob_shop'), restrictions], true, 'settled'],
  [
    'database.add',
    'needs the prefix',
    { account: 'bob', name: 'shop' },
    [dbs(), restrictions],
    false,
    'refused: The name “shop” must begin with “bob_”.',
  ],
  [
    'database.add',
    'is refused where the account is not',
    db,
    [no('no such user'), no('no such user')],
    false,
    'refused: no such user',
  ],
  ['database.delete', 'deletes it', db, [dbs('bob_shop')], false, ['Mysql::delete_database@bob name=bob_shop']],
  ['database.delete', 'is settled when gone after our send', db, [dbs()], true, 'settled'],
  [
    'database.delete',
    'refuses what was absent before',
    db,
    [dbs()],
    false,
    'refused: The database “bob_shop” does not exist.',
  ],
  [
    'database-user.add',
    'makes it',
    dbUser,
    [users(), restrictions],
    false,
    ['Mysql::create_user@bob name=bob_web password=Str0ng-enough!'],
  ],
  [
    'database-user.add',
    'keeps to the master’s length',
    { ...dbUser, name: 'bob_a_very_long_name' },
    [users(), restrictions],
    false,
    'refused: The name “bob_a_very_long_name” is longer than 16 characters.',
  ],
  ['database-user.add', 'is settled on ours', dbUser, [users('bob_web'), restrictions], true, 'settled'],
  [
    'database-user.add',
    'refuses what is there before',
    dbUser,
    [users('bob_web'), restrictions],
    false,
    'refused: The database user “bob_web” already exists.',
  ],
  [
    'database-user.password',
    'is always sent',
    dbUser,
    [],
    true,
    ['Mysql::set_password@bob user=bob_web password=Str0ng-enough!'],
  ],
  ['database-user.delete', 'deletes it', db, [users('bob_shop')], false, ['Mysql::delete_user@bob name=bob_shop']],
  ['database-user.delete', 'is settled when gone after our send', db, [users()], true, 'settled'],
  [
    'database-user.grant',
    'grants',
    { ...grant, privileges: 'select, INSERT' },
    [ok([])],
    false,
    ['Mysql::set_privileges_on_database@bob user=bob_web database=bob_shop privileges=INSERT,SELECT'],
  ],
  [
    'database-user.grant',
    'is settled in any order',
    { ...grant, privileges: 'SELECT,INSERT' },
    [ok(['SELECT', 'INSERT'])],
    false,
    'settled',
  ],
  [
    'database-user.grant',
    'fewer than asked is not enough',
    grant,
    [ok(['SELECT'])],
    false,
    ['Mysql::set_privileges_on_database@bob user=bob_web database=bob_shop privileges=ALL PRIVILEGES'],
  ],
  [
    'database-user.revoke',
    'revokes',
    grant,
    [ok(['ALL PRIVILEGES'])],
    false,
    ['Mysql::revoke_access_to_database@bob user=bob_web database=bob_shop'],
  ],
  ['database-user.revoke', 'is settled without privileges after our send', grant, [ok(null)], true, 'settled'],
  [
    'database-user.revoke',
    'refuses when there were none before',
    grant,
    [ok([])],
    false,
    'refused: The database user “bob_web” has no privileges on “bob_shop”.',
  ],
  [
    'ftp.add',
    'makes it',
    ftp,
    [noFtp],
    false,
    ['Ftp::add_ftp@bob user=up domain=bob.example pass=Str0ng-enough! homedir=public_html/up quota=100 disallowdot=0'],
  ],
  [
    'ftp.add',
    'refuses what is there before',
    ftp,
    [ftpRow()],
    false,
    'refused: The FTP account “up@bob.example” already exists.',
  ],
  ['ftp.add', 'is settled on ours, though quotas are rounded', ftp, [ftpRow({ diskquota: '99.6' })], true, 'settled'],
  [
    'ftp.add',
    'sees another folder',
    ftp,
    [ftpRow({ dir: '/home/bob/x' })],
    true,
    'refused: The FTP account “up@bob.example” already exists. It differs from what was asked for.',
  ],
  [
    'ftp.password',
    'is always sent',
    { ...login, password: 'N3w-password' },
    [],
    true,
    ['Ftp::passwd@bob user=up domain=bob.example pass=N3w-password'],
  ],
  [
    'ftp.quota',
    'sets it',
    { ...login, quotaMb: 'unlimited' },
    [ftpRow()],
    false,
    ['Ftp::set_quota@bob user=up domain=bob.example quota=0'],
  ],
  ['ftp.quota', 'is settled on it', { ...login, quotaMb: 100 }, [ftpRow()], false, 'settled'],
  [
    'ftp.quota',
    'needs the login',
    { ...login, quotaMb: 100 },
    [noFtp],
    false,
    'refused: The FTP account “up@bob.example” does not exist.',
  ],
  [
    'ftp.delete',
    'deletes the login, never files',
    login,
    [ftpRow()],
    false,
    ['Ftp::delete_ftp@bob user=up domain=bob.example destroy=0'],
  ],
  ['ftp.delete', 'is settled when gone after our send', login, [noFtp], true, 'settled'],
  [
    'ftp.delete',
    'never takes the main login',
    { ...login, login: 'bob' },
    [noFtp],
    false,
    'refused: The FTP account “bob@bob.example” does not exist.',
  ],
];

describe('packages, databases, FTP', () => {
  it.each(rows)('%s %s', (id, ...row) => {
    const { got, wanted } = both(id, row);
    expect(got).toEqual(wanted);
  });

  it('an unknown privilege is refused before it reaches a master', () => {
    expect(action('database-user.grant').params.safeParse({ ...grant, privileges: 'SUPER' }).success).toBe(false);
  });
});
