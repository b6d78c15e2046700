/** MySQL: UAPI `Mysql`, API 2 `MysqlFE`, WHM's renames, and what happens to databases with their account. */
import type { AccountContext, AccountHandler, Context, Entry, Handler, Hooks, Module, Result } from '../handler.ts';
import { ok } from '../handler.ts';
import type { Account } from '../tables.ts';
import { type Change, change, changesOf, commonCalls, lifeHooks, whmCalls } from './database-calls.ts';
import { createDatabase, createDatabaseUser, grant, privilegesOf, revoke } from './database-change.ts';
import { prefixOf, mysqlStore as store } from './database-store.ts';
import { databaseRows, mysqlReads, mysqlUserRows, mysqlVersion, privileges } from './mysql-lists.ts';

const { create, remove, createUser, removeUser, setPassword } = changesOf(store);
const setGrant: Change = (c, database = '', dbuser = '') =>
  grant(c, store, c.account, database, dbuser, privilegesOf(c.params.get('privileges') ?? ''));
const takeGrant: Change = (c, database = '', dbuser = '') => revoke(c, store, c.account, database, dbuser);

/** Names and password are made here, so they differ on every server. */
function setupBoth(context: AccountContext): Result {
  const { account, host, params } = context;
  const prefix = `${prefixOf(account.user)}${params.get('prefix') ?? ''}`;
  const [database, dbuser] = [`${prefix}${host.randomText(20)}`, `${prefix}${host.randomText(12)}`];
  const password = `${host.randomText(24)}.;1Aa`;
  createDatabase(context, store, account, database);
  createDatabaseUser(context, store, account, dbuser, password);
  grant(context, store, account, database, dbuser, ['ALL PRIVILEGES']);
  return ok({ database, database_user: dbuser, database_user_password: password, hostname: 'localhost', port: 3306 });
}

const uapi: Readonly<Record<string, Entry<AccountHandler>>> = {
  ...commonCalls('Mysql', store),
  'Mysql::set_password': (c) => {
    setPassword(c, c.params.require('user'), c.params.require('password'));
    return ok({ failures: [] });
  },
  'Mysql::list_users': (c) => ok(mysqlUserRows(c, c.user)),
  'Mysql::set_privileges_on_database': change(['database', 'user'], setGrant),
  'Mysql::revoke_access_to_database': change(['database', 'user'], takeGrant),
  'Mysql::get_privileges_on_database': (c) => ok(privileges(c, c.params.require('database'), c.params.require('user'))),
  'Mysql::get_server_information': () => ok({ host: 'localhost', is_remote: 0, version: mysqlVersion }),
  'Mysql::locate_server': () => ok({ is_remote: 0, remote_host: 'localhost' }),
  'Mysql::list_routines': () => ok([]),
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
  const rows = databaseRows(context, store, context.user).map(({ database: db, disk_usage: size, users }) => {
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
  const rows = mysqlUserRows(context, context.user).map(({ user, shortuser, databases }) => {
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

const whm: Readonly<Record<string, Entry<Handler>>> = { ...mysqlReads, ...whmCalls(store) };

const life = lifeHooks(store);

/** Every account has a user of its own name on the server, with the account's password. */
function setOwn({ state }: Context, { user: name, password }: Account): void {
  state.of(store.users).set(name, { name, password });
}

const hooks: Hooks = {
  created: setOwn,
  renamed(context, account, from, options) {
    life.renamed(context, account, from, options);
    const own = context.state.of(store.users).get(from);
    context.state.of(store.users).delete(from);
    if (own !== undefined) context.state.of(store.users).set(account.user, { ...own, name: account.user });
  },
  removing(context, account, options) {
    life.removing(context, account, options);
    context.state.of(store.users).delete(account.user);
  },
  passwordChanged(context, account, options) {
    if (options.database) setOwn(context, account);
  },
};

export const mysql: Module = { whm, uapi, api2, hooks };
