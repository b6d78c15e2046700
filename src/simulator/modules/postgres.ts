/** PostgreSQL: UAPI `Postgresql` and WHM's renames. There is one privilege on a database: all. */
import type { AccountContext, AccountHandler, Entry, Module, Result } from '../handler.ts';
import { ok } from '../handler.ts';
import { change, changesOf, commonCalls, lifeHooks, whmCalls } from './database-calls.ts';
import { grant, revoke } from './database-change.ts';
import { postgresStore as store } from './database-store.ts';

const { renameUser, setPassword } = changesOf(store);

function users(context: AccountContext): Result {
  return ok(context.state.of(store.mappedUsers).keysBy(context.user));
}

const uapi: Readonly<Record<string, Entry<AccountHandler>>> = {
  ...commonCalls('Postgresql', store),
  'Postgresql::list_users': users,
  // A renamed role loses its password, which was hashed with its name.
  'Postgresql::rename_user': change(['oldname', 'newname', 'password'], (c, from = '', to = '', password = '') => {
    renameUser(c, from, to);
    setPassword(c, to, password);
  }),
  'Postgresql::rename_user_no_password': change(['oldname', 'newname'], renameUser),
  'Postgresql::set_password': change(['user', 'password'], setPassword),
  'Postgresql::grant_all_privileges': change(['database', 'user'], (c, database = '', user = '') =>
    grant(c, store, c.account, database, user, ['ALL PRIVILEGES']),
  ),
  'Postgresql::revoke_all_privileges': change(['database', 'user'], (c, database = '', user = '') =>
    revoke(c, store, c.account, database, user),
  ),
};

export const postgres: Module = { whm: whmCalls(store), uapi, hooks: lifeHooks(store) };
