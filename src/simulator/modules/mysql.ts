/** MySQL: UAPI `Mysql`, API 2 `MysqlFE`, WHM's renames, and what happens to databases with their account. */
import type { AccountContext, AccountHandler, Context, Entry, Handler, Hooks, Module, Result } from '../handler.ts';
import { ok } from '../handler.ts';
import { Refusal } from '../params.ts';
import type { Account } from '../tables.ts';
import { accounts } from '../tables.ts';
import {
  createDatabase,
  createDatabaseUser,
  deleteDatabase,
  deleteDatabaseUser,
  grant,
  longestDatabase,
  longestUser,
  moveDatabase,
  moveDatabaseUser,
  privilegesOf,
  renameDatabase,
  renameDatabaseUser,
  revoke,
  setDatabasePassword,
} from './mysql-change.ts';
import { databaseRows, mysqlReads, mysqlVersion, privileges, userRows } from './mysql-lists.ts';
import { dropServerDatabase, mappedDatabases, mappedUsers, prefixOf, serverUsers } from './mysql-store.ts';
import { mayTouch } from './zone-store.ts';

type Change = (context: AccountContext, ...values: readonly string[]) => void;

/** A change that answers null; `names` are its required parameters, in order. */
function change(names: readonly string[], run: Change): AccountHandler {
  return (context) => {
    run(context, ...names.map((name) => context.params.require(name)));
    return ok(null);
  };
}

const create: Change = (c, name = '') => createDatabase(c, c.account, name);
const remove: Change = (c, name = '') => deleteDatabase(c, c.account, name);
const createUser: Change = (c, name = '', password = '') => createDatabaseUser(c, c.account, name, password);
const removeUser: Change = (c, name = '') => deleteDatabaseUser(c, c.account, name);
const setPassword: Change = (c, name = '', password = '') => setDatabasePassword(c, c.account, name, password);
const setGrant: Change = (c, database = '', dbuser = '') =>
  grant(c, c.account, database, dbuser, privilegesOf(c.params.get('privileges') ?? ''));
const takeGrant: Change = (c, database = '', dbuser = '') => revoke(c, c.account, database, dbuser);

function restrictions(context: AccountContext): Result {
  return ok({
    max_database_name_length: longestDatabase,
    max_username_length: longestUser,
    prefix: prefixOf(context.user),
  });
}

/** Names and password are made here, so they differ on every server. */
function setupBoth(context: AccountContext): Result {
  const { account, host, params } = context;
  const prefix = `${prefixOf(account.user)}${params.get('prefix') ?? ''}`;
  const [database, dbuser] = [`${prefix}${host.randomText(20)}`, `${prefix}${host.randomText(12)}`];
  const password = `${host.randomText(24)}.;1Aa`;
  createDatabase(context, account, database);
  createDatabaseUser(context, account, dbuser, password);
  grant(context, account, database, dbuser, ['ALL PRIVILEGES']);
  return ok({ database, database_user: dbuser, database_user_password: password, hostname: 'localhost', port: 3306 });
}

const uapi: Readonly<Record<string, Entry<AccountHandler>>> = {
  'Mysql::create_database': change(['name'], create),
  'Mysql::delete_database': change(['name'], remove),
  'Mysql::rename_database': change(['oldname', 'newname'], (c, from = '', to = '') =>
    renameDatabase(c, c.account, from, to),
  ),
  'Mysql::list_databases': (c) => ok(databaseRows(c, c.user)),
  'Mysql::create_user': change(['name', 'password'], createUser),
  'Mysql::delete_user': change(['name'], removeUser),
  'Mysql::rename_user': change(['oldname', 'newname'], (c, from = '', to = '') =>
    renameDatabaseUser(c, c.account, from, to),
  ),
  'Mysql::set_password': (c) => {
    setPassword(c, c.params.require('user'), c.params.require('password'));
    return ok({ failures: [] });
  },
  'Mysql::list_users': (c) => ok(userRows(c, c.user)),
  'Mysql::set_privileges_on_database': change(['database', 'user'], setGrant),
  'Mysql::revoke_access_to_database': change(['database', 'user'], takeGrant),
  'Mysql::get_privileges_on_database': (c) => ok(privileges(c, c.params.require('database'), c.params.require('user'))),
  'Mysql::get_restrictions': restrictions,
  'Mysql::get_server_information': () => ok({ host: 'localhost', is_remote: 0, version: mysqlVersion }),
  'Mysql::locate_server': () => ok({ is_remote: 0, remote_host: 'localhost' }),
  'Mysql::list_routines': () => ok([]),
  'Mysql::update_privileges': () => ok(null),
  'Mysql::setup_db_and_user': setupBoth,
};

/** API 2 answers a change with no rows. */
function bare(params: readonly string[], run: Change, more: readonly string[] = []): Entry<AccountHandler> {
  return {
    params: [...params, ...more],
    run: (context) => {
      change(params, run)(context);
      return ok([]);
    },
  };
}

function listdbs(context: AccountContext): Result {
  const rows = databaseRows(context, context.user).map(({ database: db, disk_usage: size, users }) => {
    const names = Array.isArray(users) ? users : [];
    const sizemeg = (Number(size) / 1_048_576).toFixed(2);
    return {
      db,
      size: String(size),
      sizemeg,
      usercount: names.length,
      userlist: names.map((user: unknown) => ({ db, user })),
    };
  });
  return ok(rows);
}

function listusers(context: AccountContext): Result {
  const rows = userRows(context, context.user).map(({ user, shortuser, databases }) => {
    const names = Array.isArray(databases) ? databases : [];
    return { user, shortuser, dblist: names.map((db: unknown) => ({ db, user })) };
  });
  return ok(rows);
}

const api2: Readonly<Record<string, Entry<AccountHandler>>> = {
  'MysqlFE::createdb': bare(['db'], create),
  'MysqlFE::deletedb': bare(['db'], remove),
  'MysqlFE::createdbuser': bare(['dbuser', 'password'], createUser),
  'MysqlFE::deletedbuser': bare(['dbuser'], removeUser),
  'MysqlFE::setdbuserprivileges': bare(['db', 'dbuser'], setGrant, ['privileges']),
  'MysqlFE::getdbuserprivileges': {
    params: ['db', 'dbuser'],
    run: (c) => ok(privileges(c, c.params.require('db'), c.params.require('dbuser'))),
  },
  'MysqlFE::listdbs': { params: ['regex'], run: listdbs },
  'MysqlFE::listusers': { params: ['regex'], run: listusers },
};

/** The account whose map names the object, when the caller may touch it. */
function mappedTo(context: Context, kind: typeof mappedDatabases, name: string): Account {
  const user = context.params.get('cpuser') ?? context.state.of(kind).get(name)?.user ?? '';
  const account = context.state.of(accounts).get(user);
  if (account === undefined || !mayTouch(context, account)) throw new Refusal('Account does not exist.');
  return account;
}

type Rename = (context: Context, account: Account, from: string, to: string) => void;

function whmRename(kind: typeof mappedDatabases, run: Rename): Handler {
  return (context) => {
    const from = context.params.require('oldname');
    run(context, mappedTo(context, kind, from), from, context.params.require('newname'));
    return ok();
  };
}

function whmPassword(context: Context): Result {
  const name = context.params.require('user');
  setDatabasePassword(context, mappedTo(context, mappedUsers, name), name, context.params.require('password'));
  return ok();
}

const whm: Readonly<Record<string, Entry<Handler>>> = {
  ...mysqlReads,
  rename_mysql_database: whmRename(mappedDatabases, renameDatabase),
  rename_mysql_user: whmRename(mappedUsers, renameDatabaseUser),
  set_mysql_password: whmPassword,
};

/** Databases and users with the old prefix get the new one; without `databases` only their owner changes. */
function renamed(context: Context, account: Account, from: string, options: { readonly databases: boolean }): void {
  const next = (name: string): string =>
    options.databases && name.startsWith(prefixOf(from))
      ? prefixOf(account.user) + name.slice(prefixOf(from).length)
      : name;
  for (const name of context.state.of(mappedDatabases).keysBy(from))
    moveDatabase(context, account.user, name, next(name));
  for (const name of context.state.of(mappedUsers).keysBy(from))
    moveDatabaseUser(context, account.user, name, next(name));
  const own = context.state.of(serverUsers).get(from);
  context.state.of(serverUsers).delete(from);
  if (own !== undefined) context.state.of(serverUsers).set(account.user, { ...own, name: account.user });
}

/** Drops all that the map names, on the server too. */
function removing(context: Context, account: Account): void {
  const { state } = context;
  for (const name of state.of(mappedUsers).keysBy(account.user)) deleteDatabaseUser(context, account, name);
  for (const name of state.of(mappedDatabases).keysBy(account.user)) {
    dropServerDatabase(state, name);
    state.of(mappedDatabases).delete(name);
  }
  state.of(serverUsers).delete(account.user);
}

const hooks: Hooks = {
  created(context, account) {
    context.state.of(serverUsers).set(account.user, { name: account.user, password: account.password });
  },
  renamed,
  removing,
  passwordChanged(context, account, options) {
    if (options.database)
      context.state.of(serverUsers).set(account.user, { name: account.user, password: account.password });
  },
};

export const mysql: Module = { whm, uapi, api2, hooks };
