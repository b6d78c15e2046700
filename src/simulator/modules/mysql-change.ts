/** Databases, database users and grants come and go. */
import type { Context } from '../handler.ts';
import { Refusal } from '../params.ts';
import type { Account } from '../tables.ts';
import {
  checkName,
  dropServerDatabase,
  grantKey,
  grants,
  grantsOn,
  mappedDatabases,
  mappedUsers,
  mysqlError,
  ownDatabase,
  ownUser,
  serverDatabases,
  serverUsers,
} from './mysql-store.ts';
import { checkPassword } from './names.ts';

/** Longest names that MariaDB allows. */
export const longestDatabase = 64;
export const longestUser = 47;

/** Makes an empty database and maps it. One that the server holds already is refused, mapped or not. */
export function createDatabase(context: Context, account: Account, name: string): void {
  const { state } = context;
  checkName(name, account.user, longestDatabase);
  if (state.of(mappedDatabases).has(name) || state.of(serverDatabases).has(name)) {
    throw new Refusal(`The database “${name}” already exists.`);
  }
  const { maxsql } = account.limits;
  if (maxsql !== null && state.of(mappedDatabases).keysBy(account.user).length >= maxsql) {
    throw new Refusal(`You have reached the maximum number of databases (${maxsql}).`);
  }
  state.of(serverDatabases).set(name, { name, bytes: 0 });
  state.of(mappedDatabases).set(name, { name, user: account.user });
}

/** Drops a database. When the server has lost it, MySQL's own error comes back and the map stays. */
export function deleteDatabase(context: Context, account: Account, name: string): void {
  const { state } = context;
  ownDatabase(context, account.user, name);
  if (!state.of(serverDatabases).has(name)) {
    throw mysqlError(context, 'ER_DB_DROP_EXISTS', `Can't drop database '${name}'; database doesn't exist`);
  }
  dropServerDatabase(state, name);
  state.of(mappedDatabases).delete(name);
}

/** Makes a database user and maps it. Refuses a name that the server or the map has, and a weak password. */
export function createDatabaseUser(context: Context, account: Account, name: string, password: string): void {
  const { state } = context;
  checkName(name, account.user, longestUser);
  if (state.of(mappedUsers).has(name) || state.of(serverUsers).has(name)) {
    throw new Refusal(`The MySQL user “${name}” already exists.`);
  }
  checkPassword(context, password, name);
  state.of(serverUsers).set(name, { name, password });
  state.of(mappedUsers).set(name, { name, user: account.user });
}

/** Drops a database user and all that it was granted. */
export function deleteDatabaseUser(context: Context, account: Account, name: string): void {
  const { state } = context;
  ownUser(context, account.user, name);
  for (const [key, grant] of state.of(grants).entries()) if (grant.dbuser === name) state.of(grants).delete(key);
  state.of(serverUsers).delete(name);
  state.of(mappedUsers).delete(name);
}

/** Sets the password of one of the account’s database users. */
export function setDatabasePassword(context: Context, account: Account, name: string, password: string): void {
  ownUser(context, account.user, name);
  checkPassword(context, password, name);
  context.state.of(serverUsers).set(name, { name, password });
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
  account: Account,
  database: string,
  dbuser: string,
  privileges: readonly string[],
): void {
  ownUser(context, account.user, dbuser);
  ownDatabase(context, account.user, database);
  context.state.of(grants).set(grantKey(database, dbuser), { database, dbuser, privileges });
}

/** Takes everything that the user may do on the database. Having nothing there is no error. */
export function revoke(context: Context, account: Account, database: string, dbuser: string): void {
  ownUser(context, account.user, dbuser);
  ownDatabase(context, account.user, database);
  context.state.of(grants).delete(grantKey(database, dbuser));
}

/** Gives a database another name; data and grants go with it. */
export function renameDatabase(context: Context, account: Account, from: string, to: string): void {
  const { state } = context;
  ownDatabase(context, account.user, from);
  checkName(to, account.user, longestDatabase);
  if (state.of(mappedDatabases).has(to) || state.of(serverDatabases).has(to)) {
    throw new Refusal(`The database “${to}” already exists.`);
  }
  moveDatabase(context, account.user, from, to);
}

/** Moves a database to a name and an owner without asking. */
export function moveDatabase(context: Context, user: string, from: string, to: string): void {
  const { state } = context;
  const before = grantsOn(state, from);
  const real = state.of(serverDatabases).get(from);
  dropServerDatabase(state, from);
  state.of(mappedDatabases).delete(from);
  if (real !== undefined) state.of(serverDatabases).set(to, { ...real, name: to });
  state.of(mappedDatabases).set(to, { name: to, user });
  for (const one of before) state.of(grants).set(grantKey(to, one.dbuser), { ...one, database: to });
}

/** Gives a database user another name; password and grants go with it. */
export function renameDatabaseUser(context: Context, account: Account, from: string, to: string): void {
  const { state } = context;
  ownUser(context, account.user, from);
  checkName(to, account.user, longestUser);
  if (state.of(mappedUsers).has(to) || state.of(serverUsers).has(to)) {
    throw new Refusal(`The MySQL user “${to}” already exists.`);
  }
  moveDatabaseUser(context, account.user, from, to);
}

/** Moves a database user to a name and an owner without asking. */
export function moveDatabaseUser(context: Context, user: string, from: string, to: string): void {
  const { state } = context;
  const real = state.of(serverUsers).get(from);
  for (const [key, one] of state.of(grants).entries()) {
    if (one.dbuser !== from) continue;
    state.of(grants).delete(key);
    state.of(grants).set(grantKey(one.database, to), { ...one, dbuser: to });
  }
  state.of(serverUsers).delete(from);
  state.of(mappedUsers).delete(from);
  if (real !== undefined) state.of(serverUsers).set(to, { ...real, name: to });
  state.of(mappedUsers).set(to, { name: to, user });
}
