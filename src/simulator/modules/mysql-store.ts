/**
 * Databases twice over: what the MySQL server holds, and cPanel's map of what belongs to which account. The two part
 * when replication makes or drops a database behind cPanel's back.
 */
import type { Context } from '../handler.ts';
import { Refusal } from '../params.ts';
import type { State } from '../state.ts';
import { table } from '../state.ts';
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

/** The MySQL server's own. Key: the name. */
export const serverDatabases = table<ServerDatabase>('mysql-server-databases');
export const serverUsers = table<ServerUser>('mysql-server-users');
/** Key: 'database>user'. */
export const grants = table<Grant>('mysql-grants', { group: (g) => g.database });
/** cPanel's map. Key: the name. */
export const mappedDatabases = table<Mapped>('mysql-map-databases', { group: (m) => m.user });
export const mappedUsers = table<Mapped>('mysql-map-users', { group: (m) => m.user });

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

/** Refuses in the words that cPanel puts around an error of the MySQL server. */
export function mysqlError(context: Context, code: string, text: string): Refusal {
  return new Refusal(
    `${xid(context)} The system received an error from the “MySQL” database “mysql”: ${code} (${text})`,
  );
}

/** The account's own database, by the map. */
export function ownDatabase(context: Context, user: string, name: string): Mapped {
  const row = context.state.of(mappedDatabases).get(name);
  if (row?.user !== user) throw new Refusal(`You do not have a MySQL database named “${name}”.`);
  return row;
}

/** The account's own database user, by the map. */
export function ownUser(context: Context, user: string, name: string): Mapped {
  const row = context.state.of(mappedUsers).get(name);
  if (row?.user !== user) throw new Refusal(`You do not have a MySQL user named “${name}”.`);
  return row;
}

/** Grants on a database. */
export function grantsOn(state: State, database: string): readonly Grant[] {
  return state.of(grants).by(database);
}

/** Makes a database on the MySQL server alone, as replication does; the map does not know it. Must run inside a change. */
export function createServerDatabase(state: State, name: string, bytes = 0): void {
  state.of(serverDatabases).set(name, { name, bytes });
}

/** Drops a database from the MySQL server alone, with its grants; the map goes on naming it. Must run inside a change. */
export function dropServerDatabase(state: State, name: string): void {
  state.of(serverDatabases).delete(name);
  for (const key of state.of(grants).keysBy(name)) state.of(grants).delete(key);
}

/** `dbmaptool USER --type mysql --dbs '…' --dbusers '…'`: what exists on the server becomes the account's. Must run inside a change. */
export function mapObjects(
  state: State,
  user: string,
  databases: readonly string[],
  users: readonly string[] = [],
): void {
  for (const name of databases)
    if (state.of(serverDatabases).has(name)) state.of(mappedDatabases).set(name, { name, user });
  for (const name of users) if (state.of(serverUsers).has(name)) state.of(mappedUsers).set(name, { name, user });
}

/** `rebuild_dbmap USER`: forgets what the map names and the server has not. Must run inside a change. */
export function unmapAbsent(state: State, user: string): void {
  const databases = state.of(mappedDatabases);
  for (const name of databases.keysBy(user)) if (!state.of(serverDatabases).has(name)) databases.delete(name);
  const users = state.of(mappedUsers);
  for (const name of users.keysBy(user)) if (!state.of(serverUsers).has(name)) users.delete(name);
}
