/** What is known of databases and their users. */
import type { AccountContext, Context, Entry, Handler, Result } from '../handler.ts';
import { no, ok } from '../handler.ts';
import { accounts } from '../tables.ts';
import {
  type DatabaseStore,
  databaseStores,
  grantKey,
  grantsOn,
  mysqlStore,
  ownDatabase,
  ownUser,
  prefixOf,
} from './database-store.ts';
import { mayTouch } from './zone-store.ts';

type Row = Readonly<Record<string, unknown>>;

export const mysqlVersion = '10.6.22-MariaDB';

/** The map's databases with their size on the server and the users that may do something in them. */
export function databaseRows(context: Context, store: DatabaseStore, user: string): readonly Row[] {
  return context.state
    .of(store.mappedDatabases)
    .by(user)
    .map(({ name }) => ({
      database: name,
      disk_usage: context.state.of(store.databases).get(name)?.bytes ?? 0,
      users: grantsOn(context.state, store, name).map((g) => g.dbuser),
    }));
}

/** The map's users with the databases where they may do something. */
export function mysqlUserRows(context: Context, user: string): readonly Row[] {
  const all = context.state
    .of(mysqlStore.mappedDatabases)
    .by(user)
    .flatMap((d) => grantsOn(context.state, mysqlStore, d.name));
  return context.state
    .of(mysqlStore.mappedUsers)
    .by(user)
    .map(({ name }) => ({
      databases: all.filter((g) => g.dbuser === name).map((g) => g.database),
      shortuser: name.startsWith(prefixOf(user)) ? name.slice(prefixOf(user).length) : name,
      user: name,
    }));
}

/** What a user may do on a database; nothing is an empty list. */
export function privileges(context: AccountContext, database: string, dbuser: string): readonly string[] {
  ownUser(context, mysqlStore, context.user, dbuser);
  ownDatabase(context, mysqlStore, context.user, database);
  return context.state.of(mysqlStore.grants).get(grantKey(database, dbuser))?.privileges ?? [];
}

function visible(context: Context, user: string): boolean {
  return mayTouch(context, context.state.of(accounts).get(user));
}

function payload(context: Context, kind: 'mappedDatabases' | 'mappedUsers'): Result {
  const rows = databaseStores.flatMap((store) =>
    context.state
      .of(store[kind])
      .values()
      .filter((row) => visible(context, row.user))
      .map((row) => ({ cpuser: row.user, engine: store.engine, name: row.name })),
  );
  return ok({ payload: rows });
}

function listOfAccount(context: Context): Result {
  const user = context.params.require('user');
  if (!visible(context, user) || !context.state.of(accounts).has(user)) return no('Account does not exist.');
  const databases = databaseRows(context, mysqlStore, user).map((row) => [row['database'], row['users']]);
  const config = {
    'mysql-version': mysqlVersion.split('.').slice(0, 2).join('.'),
    prefix_length: 16,
    use_db_prefix: 1,
  };
  return ok({ mysql_config: config, mysql_databases: Object.fromEntries(databases) });
}

export const mysqlReads: Readonly<Record<string, Entry<Handler>>> = {
  list_databases: (c) => payload(c, 'mappedDatabases'),
  list_database_users: (c) => payload(c, 'mappedUsers'),
  list_mysql_databases_and_users: listOfAccount,
  current_mysql_version: () => ok({ server: 'mariadb', version: mysqlVersion.split('.').slice(0, 2).join('.') }),
};
