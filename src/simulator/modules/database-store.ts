/**
 * Databases twice over: what the server of MySQL or PostgreSQL holds, and cPanel's map of what belongs to which
 * account. The two part when replication makes or drops a database behind cPanel's back.
 */
import type { Context } from '../handler.ts';
import { Refusal } from '../params.ts';
import type { State } from '../state.ts';
import { type Table, table } from '../state.ts';
import { xid } from './names.ts';

export interface ServerDatabase {
  readonly name: string;
  readonly bytes: number;
}

export interface ServerUser {
  readonly name: string;
  readonly password: string;
}

export interface Grant {
  readonly database: string;
  readonly dbuser: string;
  /** ['ALL PRIVILEGES'] or single ones, sorted. */
  readonly privileges: readonly string[];
}

export interface Mapped {
  readonly name: string;
  readonly user: string;
}

/** One kind of database server as cPanel has it. */
export interface DatabaseStore {
  readonly word: 'MySQL' | 'PostgreSQL';
  /** What cPanel calls it in addresses and rows. */
  readonly engine: 'mysql' | 'postgresql';
  readonly longestDatabase: number;
  readonly longestUser: number;
  /** Code and text of its error for a database that it does not have. */
  gone(name: string): readonly [code: string, text: string];
  /** The server's own. Key: the name. */
  readonly databases: Table<ServerDatabase>;
  readonly users: Table<ServerUser>;
  /** Key: 'database>user'. */
  readonly grants: Table<Grant>;
  /** cPanel's map. Key: the name. */
  readonly mappedDatabases: Table<Mapped>;
  readonly mappedUsers: Table<Mapped>;
}

function tablesOf(
  name: string,
): Pick<DatabaseStore, 'databases' | 'users' | 'grants' | 'mappedDatabases' | 'mappedUsers'> {
  return {
    databases: table<ServerDatabase>(`${name}-server-databases`),
    users: table<ServerUser>(`${name}-server-users`),
    grants: table<Grant>(`${name}-grants`, { group: (g) => g.database }),
    mappedDatabases: table<Mapped>(`${name}-map-databases`, { group: (m) => m.user }),
    mappedUsers: table<Mapped>(`${name}-map-users`, { group: (m) => m.user }),
  };
}

/** Longest names are what MariaDB allows. */
export const mysqlStore: DatabaseStore = {
  ...{ word: 'MySQL', engine: 'mysql', longestDatabase: 64, longestUser: 47 },
  gone: (name) => ['ER_DB_DROP_EXISTS', `Can't drop database '${name}'; database doesn't exist`],
  ...tablesOf('mysql'),
};

/** Longest names are what PostgreSQL allows. */
export const postgresStore: DatabaseStore = {
  ...{ word: 'PostgreSQL', engine: 'postgresql', longestDatabase: 63, longestUser: 63 },
  gone: (name) => ['3D000', `database "${name}" does not exist`],
  ...tablesOf('postgres'),
};

export const databaseStores: readonly DatabaseStore[] = [mysqlStore, postgresStore];

/** Key of a grant’s row. */
export function grantKey(database: string, dbuser: string): string {
  return `${database}>${dbuser}`;
}

/** What every database and user name of an account begins with. */
export function prefixOf(user: string): string {
  return `${user}_`;
}

/** Refuses a name without the account's prefix, too long, or with characters that cPanel does not take. */
export function checkName(name: string, user: string, longest: number): void {
  const prefix = prefixOf(user);
  if (!name.startsWith(prefix))
    throw new Refusal(`The name “${name}” does not begin with the required prefix “${prefix}”.`);
  if (name.length > longest)
    throw new Refusal(`The name “${name}” is too long. It may not exceed ${longest} characters.`);
  if (!/^[A-Za-z0-9_-]+$/u.test(name) || name === prefix)
    throw new Refusal(`The name “${name}” contains invalid characters.`);
}

/** Refuses in the words that cPanel puts around an error of the database server. */
export function serverError(context: Context, store: DatabaseStore, code: string, text: string): Refusal {
  return new Refusal(
    `${xid(context)} The system received an error from the “${store.word}” database “${store.engine}”: ${code} (${text})`,
  );
}

/** The account's own database, by the map. */
export function ownDatabase(context: Context, store: DatabaseStore, user: string, name: string): Mapped {
  const row = context.state.of(store.mappedDatabases).get(name);
  if (row?.user !== user) throw new Refusal(`You do not have a ${store.word} database named “${name}”.`);
  return row;
}

/** The account's own database user, by the map. */
export function ownUser(context: Context, store: DatabaseStore, user: string, name: string): Mapped {
  const row = context.state.of(store.mappedUsers).get(name);
  if (row?.user !== user) throw new Refusal(`You do not have a ${store.word} user named “${name}”.`);
  return row;
}

/** Grants on a database. */
export function grantsOn(state: State, store: DatabaseStore, database: string): readonly Grant[] {
  return state.of(store.grants).by(database);
}

/** Makes a database on the server alone, as replication does; the map does not know it. Must run inside a change. */
export function createServerDatabase(state: State, store: DatabaseStore, name: string, bytes = 0): void {
  state.of(store.databases).set(name, { name, bytes });
}

/** Drops a database from the server alone, with its grants; the map goes on naming it. Must run inside a change. */
export function dropServerDatabase(state: State, store: DatabaseStore, name: string): void {
  state.of(store.databases).delete(name);
  for (const key of state.of(store.grants).keysBy(name)) state.of(store.grants).delete(key);
}

/** `dbmaptool USER --type mysql --dbs '…' --dbusers '…'`: what exists on the server becomes the account's. Must run inside a change. */
export function mapObjects(
  state: State,
  store: DatabaseStore,
  user: string,
  databases: readonly string[],
  users: readonly string[] = [],
): void {
  for (const name of databases)
    if (state.of(store.databases).has(name)) state.of(store.mappedDatabases).set(name, { name, user });
  for (const name of users) if (state.of(store.users).has(name)) state.of(store.mappedUsers).set(name, { name, user });
}

/** `rebuild_dbmap USER`: forgets what the map names and the server has not. Must run inside a change. */
export function unmapAbsent(state: State, store: DatabaseStore, user: string): void {
  const databases = state.of(store.mappedDatabases);
  for (const name of databases.keysBy(user)) if (!state.of(store.databases).has(name)) databases.delete(name);
  const users = state.of(store.mappedUsers);
  for (const name of users.keysBy(user)) if (!state.of(store.users).has(name)) users.delete(name);
}
