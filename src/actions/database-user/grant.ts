import { z } from 'zod';
import { uapi } from '../../whm/call.ts';
import { when } from '../answers.ts';
import { mysql } from '../database/engine.ts';
import * as seen from '../database/seen.ts';
import { define, exclusive } from '../define.ts';
import * as f from '../fields.ts';
import { change } from '../plans.ts';
import { cpanelUser, worded } from '../raw.ts';

const known = new Set(
  [
    'ALL PRIVILEGES,ALTER,ALTER ROUTINE,CREATE,CREATE ROUTINE,CREATE TEMPORARY TABLES,CREATE VIEW,DELETE,DROP,EVENT',
    'EXECUTE,INDEX,INSERT,LOCK TABLES,REFERENCES,SELECT,SHOW VIEW,TRIGGER,UPDATE',
  ].flatMap((names) => names.split(',')),
);

const params = z.strictObject({
  account: seen.accountField,
  user: mysql.user,
  database: mysql.database,
  privileges: f
    .line(400)
    .overwrite((value) => seen.canonicalPrivileges(value.split(',')).join(','))
    .refine(
      (value) => value !== '' && value.split(',').every((one) => known.has(one)),
      'must be MySQL privileges, with commas',
    )
    .default('ALL PRIVILEGES')
    .meta({ label: 'Privileges', help: 'ALL PRIVILEGES, or a list such as SELECT,INSERT' }),
});

/** Mysql::set_privileges_on_database: the user has exactly these privileges afterwards. */
export const grantDatabase = define({
  id: 'database-user.grant',
  title: 'Grant database privileges',
  audience: ['staff', 'reseller', 'customer'],
  params,
  again: 'safe',
  reversible: true,
  covers: {
    'Mysql::set_privileges_on_database': worded({
      names: { ...cpanelUser, user: 'user', database: 'database', privileges: 'privileges' },
    }),
  },
  subject: (p) => ({ kind: 'account', account: p.account }),
  keys: (p) => [exclusive(`account:${p.account}`)],
  observe: (p) => [seen.lookAtPrivileges(p.account, p.user, p.database)],
  read: (_p, answers) => seen.readPrivileges(answers),
  plan: (p, s) =>
    when(s, (found) =>
      change({
        found,
        same: (privileges) => privileges.join(',') === p.privileges,
        call: uapi(p.account, 'Mysql::set_privileges_on_database', {
          user: p.user,
          database: p.database,
          privileges: p.privileges,
        }),
        absent: `The database user “${p.user}” does not exist.`,
      }),
    ),
});
