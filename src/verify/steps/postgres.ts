/** PostgreSQL databases and their users. A server without PostgreSQL fails these alone. */
import { uapi } from '../../whm/call.ts';
import type { Step, Values } from '../model.ts';
import { does, makes, refuses } from './build.ts';

const db = (v: Values): string => `${v.user}_pg`;
const renamed = (v: Values): string => `${v.user}_pg2`;
const user = (v: Values): string => `${v.user}_pgweb`;
const yes = { needs: 'account', kind: 'write' } as const;

export const postgresSteps: readonly Step[] = [
  makes({
    id: 'postgres.rules',
    assumption: 'get_restrictions of PostgreSQL tells prefix and the longest names.',
    call: (v) => uapi(v.user, 'Postgresql::get_restrictions'),
  }),
  does({
    id: 'postgres.add',
    assumption: 'A PostgreSQL database is made and listed; made twice it is refused.',
    action: 'postgres-database.add',
    params: (v) => ({ account: v.user, name: db(v) }),
    repeated: 'refused',
    expect: { again: 'refused' },
  }),
  refuses(
    {
      id: 'postgres.exists',
      assumption: 'A PostgreSQL database that exists is refused with a sentence that says so.',
      call: (v) => uapi(v.user, 'Postgresql::create_database', { name: db(v) }),
      text: /exist/iu,
    },
    yes,
  ),
  does({
    id: 'postgres.add-user',
    assumption: 'A PostgreSQL user is made and listed; made twice it is refused.',
    action: 'postgres-user.add',
    params: (v) => ({ account: v.user, name: user(v), password: v.password }),
    repeated: 'refused',
    expect: { again: 'refused' },
  }),
  does({
    id: 'postgres.password',
    assumption: 'set_password of PostgreSQL may be sent again.',
    action: 'postgres-user.password',
    params: (v) => ({ account: v.user, name: user(v), password: v.password2 }),
    repeated: 'done',
    expect: { after: 'apply' },
  }),
  does({
    id: 'postgres.grant',
    assumption: 'Who was given all privileges is among the users of list_databases; giving them again changes nothing.',
    action: 'postgres-user.grant',
    params: (v) => ({ account: v.user, user: user(v), database: db(v) }),
    repeated: 'done',
    expect: { again: 'settled' },
  }),
  makes({
    id: 'postgres.databases',
    assumption: 'list_databases of PostgreSQL tells database, disk_usage and users.',
    call: (v) => uapi(v.user, 'Postgresql::list_databases'),
  }),
  makes({
    id: 'postgres.users',
    assumption: 'list_users of PostgreSQL is a list of names.',
    call: (v) => uapi(v.user, 'Postgresql::list_users'),
  }),
  does({
    id: 'postgres.rename',
    assumption: 'A PostgreSQL database has its new name after it was renamed.',
    action: 'postgres-database.rename',
    params: (v) => ({ account: v.user, name: db(v), newName: renamed(v) }),
    repeated: 'refused',
  }),
  does({
    id: 'postgres.revoke',
    assumption: 'A user is not among those of the database after its privileges were revoked.',
    action: 'postgres-user.revoke',
    params: (v) => ({ account: v.user, user: user(v), database: renamed(v) }),
  }),
  does({
    id: 'postgres.remove-user',
    assumption: 'A PostgreSQL user is gone after it was deleted.',
    action: 'postgres-user.delete',
    params: (v) => ({ account: v.user, name: user(v) }),
    repeated: 'refused',
  }),
  does({
    id: 'postgres.remove',
    assumption: 'A PostgreSQL database is gone after it was deleted.',
    action: 'postgres-database.delete',
    params: (v) => ({ account: v.user, name: renamed(v) }),
    repeated: 'refused',
  }),
];
