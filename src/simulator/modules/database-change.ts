/** Databases, database users and grants come and go. */
import type { Context } from '../handler.ts';
import { Refusal } from '../params.ts';
import type { Account } from '../tables.ts';
import {
  checkName,
  type DatabaseStore,
  dropServerDatabase,
  grantKey,
  grantsOn,
  ownDatabase,
  ownUser,
  serverError,
} from './database-store.ts';
import { checkPassword } from './names.ts';

/** Makes an empty database and maps it. One that the server holds already is refused, mapped or not. */
export function createDatabase(context: Context, store: DatabaseStore, account: Account, name: string): void {
  const { state } = context;
  checkName(name, account.user, store.longestDatabase);
  if (state.of(store.mappedDatabases).has(name) || state.of(store.databases).has(name)) {
    throw new Refusal(`The database “${name}” already exists.`);
  }
  const { maxsql } = account.limits;
  if (maxsql !== null && state.of(store.mappedDatabases).keysBy(account.user).length >= maxsql) {
    throw new Refusal(`You have reached the maximum number of databases (${maxsql}).`);
  }
  state.of(store.databases).set(name, { name, bytes: 0 });
  state.of(store.mappedDatabases).set(name, { name, user: account.user });
}

/** Drops a database. When the server has lost it, MySQL's own error comes back and the map stays. */
export function deleteDatabase(context: Context, store: DatabaseStore, account: Account, name: string): void {
  const { state } = context;
  ownDatabase(context, store, account.user, name);
  if (!state.of(store.databases).has(name)) {
    throw serverError(context, store, ...store.gone(name));
  }
  dropServerDatabase(state, store, name);
  state.of(store.mappedDatabases).delete(name);
}

/** Makes a database user and maps it. Refuses a name that the server or the map has, and a weak password. */
export function createDatabaseUser(
  context: Context,
  store: DatabaseStore,
  account: Account,
  name: string,
  password: string,
): void {
  const { state } = context;
  checkName(name, account.user, store.longestUser);
  if (state.of(store.mappedUsers).has(name) || state.of(store.users).has(name)) {
    throw new Refusal(`The ${store.word} user “${name}” already exists.`);
  }
  checkPassword(context, password, name);
  state.of(store.users).set(name, { name, password });
  state.of(store.mappedUsers).set(name, { name, user: account.user });
}

/** Drops a database user and all that it was granted. */
export function deleteDatabaseUser(context: Context, store: DatabaseStore, account: Account, name: string): void {
  const { state } = context;
  ownUser(context, store, account.user, name);
  for (const [key, grant] of state.of(store.grants).entries())
    if (grant.dbuser === name) state.of(store.grants).delete(key);
  state.of(store.users).delete(name);
  state.of(store.mappedUsers).delete(name);
}

/** Sets the password of one of the account’s database users. */
export function setDatabasePassword(
  context: Context,
  store: DatabaseStore,
  account: Account,
  name: string,
  password: string,
): void {
  ownUser(context, store, account.user, name);
  checkPassword(context, password, name);
  context.state.of(store.users).set(name, { name, password });
}

const known = [
  'ALTER',
  'ALTER ROUTINE',
  'CREATE',
  'CREATE ROUTINE',
  'CREATE TEMPORARY TABLES',
  'CREATE VIEW',
  'DELETE',
  'DROP',
  'EVENT',
  'EXECUTE',
  'INDEX',
  'INSERT',
  'LOCK TABLES',
  'REFERENCES',
  'SELECT',
  'SHOW VIEW',
  'TRIGGER',
  'UPDATE',
];

/** Privileges in cPanel's form: 'ALL' or 'ALL PRIVILEGES' stands alone, names are upper case and sorted. */
export function privilegesOf(text: string): readonly string[] {
  const names = text
    .split(',')
    .map((one) => one.trim().toUpperCase())
    .filter((one) => one !== '');
  if (names.length === 0 || names.some((one) => one === 'ALL' || one === 'ALL PRIVILEGES')) return ['ALL PRIVILEGES'];
  for (const one of names) if (!known.includes(one)) throw new Refusal(`“${one}” is not a valid MySQL privilege.`);
  return [...new Set(names)].sort();
}

/** Replaces what the user may do on the database. */
export function grant(
  context: Context,
  store: DatabaseStore,
  account: Account,
  database: string,
  dbuser: string,
  privileges: readonly string[],
): void {
  ownUser(context, store, account.user, dbuser);
  ownDatabase(context, store, account.user, database);
  context.state.of(store.grants).set(grantKey(database, dbuser), { database, dbuser, privileges });
}

/** Takes everything that the user may do on the database. Having nothing there is no error. */
export function revoke(
  context: Context,
  store: DatabaseStore,
  account: Account,
  database: string,
  dbuser: string,
): void {
  ownUser(context, store, account.user, dbuser);
  ownDatabase(context, store, account.user, database);
  context.state.of(store.grants).delete(grantKey(database, dbuser));
}

/** Gives a database another name; data and grants go with it. */
export function renameDatabase(
  context: Context,
  store: DatabaseStore,
  account: Account,
  from: string,
  to: string,
): void {
  const { state } = context;
  ownDatabase(context, store, account.user, from);
  checkName(to, account.user, store.longestDatabase);
  if (state.of(store.mappedDatabases).has(to) || state.of(store.databases).has(to)) {
    throw new Refusal(`The database “${to}” already exists.`);
  }
  moveDatabase(context, store, account.user, from, to);
}

/** Moves a database to a name and an owner without asking. */
export function moveDatabase(context: Context, store: DatabaseStore, user: string, from: string, to: string): void {
  const { state } = context;
  const before = grantsOn(state, store, from);
  const real = state.of(store.databases).get(from);
  dropServerDatabase(state, store, from);
  state.of(store.mappedDatabases).delete(from);
  if (real !== undefined) state.of(store.databases).set(to, { ...real, name: to });
  state.of(store.mappedDatabases).set(to, { name: to, user });
  for (const one of before) state.of(store.grants).set(grantKey(to, one.dbuser), { ...one, database: to });
}

/** Gives a database user another name; password and grants go with it. */
export function renameDatabaseUser(
  context: Context,
  store: DatabaseStore,
  account: Account,
  from: string,
  to: string,
): void {
  const { state } = context;
  ownUser(context, store, account.user, from);
  checkName(to, account.user, store.longestUser);
  if (state.of(store.mappedUsers).has(to) || state.of(store.users).has(to)) {
    throw new Refusal(`The ${store.word} user “${to}” already exists.`);
  }
  moveDatabaseUser(context, store, account.user, from, to);
}

/** Moves a database user to a name and an owner without asking. */
export function moveDatabaseUser(context: Context, store: DatabaseStore, user: string, from: string, to: string): void {
  const { state } = context;
  const real = state.of(store.users).get(from);
  for (const [key, one] of state.of(store.grants).entries()) {
    if (one.dbuser !== from) continue;
    state.of(store.grants).delete(key);
    state.of(store.grants).set(grantKey(one.database, to), { ...one, dbuser: to });
  }
  state.of(store.users).delete(from);
  state.of(store.mappedUsers).delete(from);
  if (real !== undefined) state.of(store.users).set(to, { ...real, name: to });
  state.of(store.mappedUsers).set(to, { name: to, user });
}
