/** Databases and their users. */
import { api2, uapi } from '../../whm/call.ts';
import type { Step, Values } from '../model.ts';
import { does, makes, refuses } from './build.ts';

const db = (v: Values): string => `${v.user}_shop`;
const user = (v: Values): string => `${v.user}_web`;
const yes = { needs: 'account', kind: 'write' } as const;

export const mysqlSteps: readonly Step[] = [
  makes({
    id: 'mysql.rules',
    assumption: 'get_restrictions tells prefix and the longest names.',
    call: (v) => uapi(v.user, 'Mysql::get_restrictions'),
  }),
  makes({
    id: 'mysql.server',
    assumption: 'get_server_information tells host and version.',
    call: (v) => uapi(v.user, 'Mysql::get_server_information'),
  }),
  does({
    id: 'mysql.add',
    assumption: 'A database is made and listed; made twice it is refused.',
    action: 'database.add',
    params: (v) => ({ account: v.user, name: db(v) }),
    repeated: 'refused',
    expect: { again: 'refused' },
  }),
  refuses(
    {
      id: 'mysql.exists',
      assumption: 'A database that exists is refused with a sentence that says so.',
      call: (v) => uapi(v.user, 'Mysql::create_database', { name: db(v) }),
      text: /exist/iu,
    },
    { ...yes, checks: ['errors.database-exists'] },
  ),
  refuses(
    {
      id: 'mysql.no-prefix',
      assumption: 'A database without the account’s prefix is refused.',
      call: (v) => uapi(v.user, 'Mysql::create_database', { name: 'noprefix' }),
      text: /prefix|begin|start/iu,
    },
    yes,
  ),
  does({
    id: 'mysql.add-user',
    assumption: 'A database user is made and listed; made twice it is refused.',
    action: 'database-user.add',
    params: (v) => ({ account: v.user, name: user(v), password: v.password }),
    repeated: 'refused',
    expect: { again: 'refused' },
  }),
  refuses(
    {
      id: 'mysql.user-exists',
      assumption: 'A database user that exists is refused with a sentence that says so.',
      call: (v) => uapi(v.user, 'Mysql::create_user', { name: user(v), password: v.password }),
      text: /exist/iu,
    },
    { ...yes, checks: ['errors.database-exists'] },
  ),
  does({
    id: 'mysql.password',
    assumption: 'set_password may be sent again.',
    action: 'database-user.password',
    params: (v) => ({ account: v.user, name: user(v), password: v.password2 }),
    repeated: 'done',
    expect: { after: 'apply' },
  }),
  does({
    id: 'mysql.grant',
    assumption: 'Privileges read back as they were set; setting them again changes nothing.',
    action: 'database-user.grant',
    params: (v) => ({ account: v.user, user: user(v), database: db(v), privileges: 'SELECT,INSERT' }),
    repeated: 'done',
    expect: { again: 'settled' },
  }),
  makes({
    id: 'mysql.databases',
    assumption: 'list_databases tells database, disk_usage and users.',
    call: (v) => uapi(v.user, 'Mysql::list_databases'),
  }),
  makes({
    id: 'mysql.users',
    assumption: 'list_users tells user, shortuser and databases.',
    call: (v) => uapi(v.user, 'Mysql::list_users'),
  }),
  makes(
    {
      id: 'mysql.api2-databases',
      assumption: 'API 2 listdbs tells db, size, sizemeg, usercount and userlist.',
      call: (v) => api2(v.user, 'MysqlFE::listdbs'),
    },
    { checks: ['api2.listdbs'] },
  ),
  makes(
    {
      id: 'mysql.api2-users',
      assumption: 'API 2 listusers tells user, shortuser and dblist.',
      call: (v) => api2(v.user, 'MysqlFE::listusers'),
    },
    { checks: ['api2.listusers'] },
  ),
  makes(
    {
      id: 'mysql.api2-add',
      assumption: 'API 2 createdb answers with an empty list and event.result 1.',
      call: (v) => api2(v.user, 'MysqlFE::createdb', { db: `${v.user}_old` }),
    },
    { checks: ['api2.mysqlfe-yes'] },
  ),
  refuses(
    {
      id: 'mysql.api2-exists',
      assumption: 'API 2 createdb says no in error, with event.result 0 or 1.',
      call: (v) => api2(v.user, 'MysqlFE::createdb', { db: `${v.user}_old` }),
      text: /exist/iu,
    },
    { ...yes, checks: ['api2.mysqlfe-no'] },
  ),
  makes(
    {
      id: 'mysql.api2-remove',
      assumption: 'API 2 deletedb removes a database.',
      call: (v) => api2(v.user, 'MysqlFE::deletedb', { db: `${v.user}_old` }),
    },
    { checks: ['api2.mysqlfe-yes'] },
  ),
  does({
    id: 'mysql.revoke',
    assumption: 'Privileges are gone after they were revoked.',
    action: 'database-user.revoke',
    params: (v) => ({ account: v.user, user: user(v), database: db(v) }),
  }),
  does({
    id: 'mysql.remove-user',
    assumption: 'A database user is gone after it was deleted.',
    action: 'database-user.delete',
    params: (v) => ({ account: v.user, name: user(v) }),
    repeated: 'refused',
  }),
  does({
    id: 'mysql.remove',
    assumption: 'A database is gone after it was deleted.',
    action: 'database.delete',
    params: (v) => ({ account: v.user, name: db(v) }),
    repeated: 'refused',
  }),
];
