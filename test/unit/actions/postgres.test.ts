import { expect, it } from 'vitest';
import { covered } from '../../../src/actions/index.ts';
import { both, ok, type Row } from './support.ts';

const restrictions = ok({ prefix: 'bob_', max_database_name_length: 63, max_username_length: '63' });
const dbs = (...names: string[]) => ok(names.map((database) => ({ database, disk_usage: 0, users: [] })));
const held = (name: string, ...users: string[]) => ok([{ database: name, disk_usage: 0, users }]);
const db = { account: 'bob', name: 'bob_shop' };
const dbUser = { account: 'bob', name: 'bob_web', password: 'Str0ng-enough!' };
const grant = { account: 'bob', user: 'bob_web', database: 'bob_shop' };
const rename = { account: 'bob', name: 'bob_shop', newName: 'bob_store' };

const rows: readonly (readonly [string, ...Row])[] = [
  [
    'postgres-database.add',
    'makes it',
    db,
    [dbs(), restrictions],
    false,
    ['Postgresql::create_database@bob name=bob_shop'],
  ],
  [
    'postgres-database.add',
    'refuses what is there before',
    db,
    [dbs('bob_shop'), restrictions],
    false,
    'refused: The PostgreSQL database “bob_shop” already exists.',
  ],
  [
    'postgres-database.delete',
    'deletes it',
    db,
    [dbs('bob_shop')],
    false,
    ['Postgresql::delete_database@bob name=bob_shop'],
  ],
  ['postgres-database.delete', 'is settled when gone after our send', db, [dbs()], true, 'settled'],
  [
    'postgres-database.rename',
    'renames it',
    rename,
    [dbs('bob_shop'), restrictions],
    false,
    ['Postgresql::rename_database@bob oldname=bob_shop newname=bob_store'],
  ],
  ['postgres-database.rename', 'is settled on ours', rename, [dbs('bob_store'), restrictions], true, 'settled'],
  [
    'postgres-database.rename',
    'refuses a name that is taken',
    rename,
    [dbs('bob_shop', 'bob_store'), restrictions],
    true,
    'refused: The PostgreSQL database “bob_store” already exists.',
  ],
  [
    'postgres-database.rename',
    'refuses what is not there',
    rename,
    [dbs('bob_store'), restrictions],
    false,
    'refused: The PostgreSQL database “bob_shop” does not exist.',
  ],
  [
    'postgres-database.rename',
    'needs the prefix',
    { ...rename, newName: 'store' },
    [dbs('bob_shop'), restrictions],
    false,
    'refused: The name “store” must begin with “bob_”.',
  ],
  [
    'postgres-user.add',
    'makes it',
    dbUser,
    [ok([]), restrictions],
    false,
    ['Postgresql::create_user@bob name=bob_web password=Str0ng-enough!'],
  ],
  ['postgres-user.add', 'is settled on ours', dbUser, [ok(['bob_web']), restrictions], true, 'settled'],
  [
    'postgres-user.password',
    'is always sent',
    dbUser,
    [],
    true,
    ['Postgresql::set_password@bob user=bob_web password=Str0ng-enough!'],
  ],
  ['postgres-user.delete', 'deletes it', db, [ok(['bob_shop'])], false, ['Postgresql::delete_user@bob name=bob_shop']],
  [
    'postgres-user.grant',
    'grants',
    grant,
    [held('bob_shop')],
    false,
    ['Postgresql::grant_all_privileges@bob user=bob_web database=bob_shop'],
  ],
  ['postgres-user.grant', 'is settled with it', grant, [held('bob_shop', 'bob_web')], false, 'settled'],
  [
    'postgres-user.grant',
    'needs the database',
    grant,
    [dbs()],
    false,
    'refused: The PostgreSQL database “bob_shop” does not exist.',
  ],
  [
    'postgres-user.revoke',
    'revokes',
    grant,
    [held('bob_shop', 'bob_web')],
    false,
    ['Postgresql::revoke_all_privileges@bob user=bob_web database=bob_shop'],
  ],
  ['postgres-user.revoke', 'is settled without it after our send', grant, [held('bob_shop')], true, 'settled'],
];

it.each(rows)('%s %s', (id, ...row) => {
  const { got, wanted } = both(id, row);
  expect(got).toEqual(wanted);
});

it.each([
  ['create_database', 'postgres-database.add', [['name', 'bob_shop']]],
  [
    'rename_database',
    'postgres-database.rename',
    [
      ['oldname', 'bob_shop'],
      ['newname', 'bob_store'],
    ],
  ],
  [
    'grant_all_privileges',
    'postgres-user.grant',
    [
      ['database', 'bob_shop'],
      ['user', 'bob_web'],
    ],
  ],
  [
    'set_password',
    'postgres-user.password',
    [
      ['user', 'bob_web'],
      ['password', 'Str0ng-enough!'],
    ],
  ],
] as const)('UAPI Postgresql::%s is taken over by %s', (fn, id, args) => {
  const found = covered(`Postgresql::${fn}`, [['cpanel.user', 'bob'], ...args]);
  expect(found?.action.id).toBe(id);
  expect(found?.action.params.safeParse(found.params).success).toBe(true);
});
