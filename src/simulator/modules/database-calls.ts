/** UAPI's `Mysql` and `Postgresql` and WHM's renames where they are alike, and what becomes of databases with their account. */
import type { AccountContext, AccountHandler, Context, Entry, Handler, Hooks, Result } from '../handler.ts';
import { ok } from '../handler.ts';
import { Refusal } from '../params.ts';
import type { Account } from '../tables.ts';
import { accounts } from '../tables.ts';
import {
  createDatabase,
  createDatabaseUser,
  deleteDatabase,
  deleteDatabaseUser,
  moveDatabase,
  moveDatabaseUser,
  renameDatabase,
  renameDatabaseUser,
  setDatabasePassword,
} from './database-change.ts';
import { type DatabaseStore, dropServerDatabase, prefixOf } from './database-store.ts';
import { databaseRows } from './mysql-lists.ts';
import { mayTouch } from './zone-store.ts';

export type Change = (context: AccountContext, ...values: readonly string[]) => void;

/** A change that answers null; `names` are its required parameters, in order. */
export function change(names: readonly string[], run: Change): AccountHandler {
  return (context) => {
    run(context, ...names.map((name) => context.params.require(name)));
    return ok(null);
  };
}

/** Changes of one store, as the functions of every API take them. */
export function changesOf(store: DatabaseStore) {
  return {
    create: ((c, name = '') => createDatabase(c, store, c.account, name)) satisfies Change,
    remove: ((c, name = '') => deleteDatabase(c, store, c.account, name)) satisfies Change,
    createUser: ((c, name = '', password = '') =>
      createDatabaseUser(c, store, c.account, name, password)) satisfies Change,
    removeUser: ((c, name = '') => deleteDatabaseUser(c, store, c.account, name)) satisfies Change,
    rename: ((c, from = '', to = '') => renameDatabase(c, store, c.account, from, to)) satisfies Change,
    renameUser: ((c, from = '', to = '') => renameDatabaseUser(c, store, c.account, from, to)) satisfies Change,
    setPassword: ((c, name = '', password = '') =>
      setDatabasePassword(c, store, c.account, name, password)) satisfies Change,
  };
}

/** What both modules of UAPI have. */
export function commonCalls(module: string, store: DatabaseStore): Readonly<Record<string, Entry<AccountHandler>>> {
  const { create, remove, createUser, removeUser, rename, renameUser } = changesOf(store);
  return {
    [`${module}::create_database`]: change(['name'], create),
    [`${module}::delete_database`]: change(['name'], remove),
    [`${module}::rename_database`]: change(['oldname', 'newname'], rename),
    [`${module}::list_databases`]: (c) => ok(databaseRows(c, store, c.user)),
    [`${module}::create_user`]: change(['name', 'password'], createUser),
    [`${module}::delete_user`]: change(['name'], removeUser),
    [`${module}::rename_user`]: change(['oldname', 'newname'], renameUser),
    [`${module}::update_privileges`]: () => ok(null),
    [`${module}::get_restrictions`]: (c) =>
      ok({
        max_database_name_length: store.longestDatabase,
        max_username_length: store.longestUser,
        prefix: prefixOf(c.user),
      }),
  };
}

/** The account whose map names the object, when the caller may touch it. */
function mappedTo(context: Context, kind: DatabaseStore['mappedDatabases'], name: string): Account {
  const user = context.params.get('cpuser') ?? context.state.of(kind).get(name)?.user ?? '';
  const account = context.state.of(accounts).get(user);
  if (account === undefined || !mayTouch(context, account)) throw new Refusal('Account does not exist.');
  return account;
}

type Rename = (context: Context, store: DatabaseStore, account: Account, from: string, to: string) => void;

function whmRename(store: DatabaseStore, kind: 'mappedDatabases' | 'mappedUsers', run: Rename): Handler {
  return (context) => {
    const from = context.params.require('oldname');
    run(context, store, mappedTo(context, store[kind], from), from, context.params.require('newname'));
    return ok();
  };
}

function whmPassword(store: DatabaseStore, context: Context): Result {
  const name = context.params.require('user');
  const account = mappedTo(context, store.mappedUsers, name);
  setDatabasePassword(context, store, account, name, context.params.require('password'));
  return ok();
}

/** WHM's three functions of an engine: 'rename_mysql_database' and so on. */
export function whmCalls(store: DatabaseStore): Readonly<Record<string, Entry<Handler>>> {
  const { engine } = store;
  return {
    [`rename_${engine}_database`]: whmRename(store, 'mappedDatabases', renameDatabase),
    [`rename_${engine}_user`]: whmRename(store, 'mappedUsers', renameDatabaseUser),
    [`set_${engine}_password`]: (context) => whmPassword(store, context),
  };
}

/** Databases and users with the old prefix get the new one, without `databases` only a new owner; all go with their account. */
export function lifeHooks(store: DatabaseStore): Required<Pick<Hooks, 'renamed' | 'removing'>> {
  return {
    renamed(context, account, from, options) {
      const next = (name: string): string =>
        options.databases && name.startsWith(prefixOf(from))
          ? prefixOf(account.user) + name.slice(prefixOf(from).length)
          : name;
      for (const name of context.state.of(store.mappedDatabases).keysBy(from))
        moveDatabase(context, store, account.user, name, next(name));
      for (const name of context.state.of(store.mappedUsers).keysBy(from))
        moveDatabaseUser(context, store, account.user, name, next(name));
    },
    removing(context, account) {
      const { state } = context;
      for (const name of state.of(store.mappedUsers).keysBy(account.user))
        deleteDatabaseUser(context, store, account, name);
      for (const name of state.of(store.mappedDatabases).keysBy(account.user)) {
        dropServerDatabase(state, store, name);
        state.of(store.mappedDatabases).delete(name);
      }
    },
  };
}
