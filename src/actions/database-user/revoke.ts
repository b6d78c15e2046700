import { z } from 'zod';
import { uapi } from '../../whm/call.ts';
import { when } from '../answers.ts';
import { mysql } from '../database/engine.ts';
import * as seen from '../database/seen.ts';
import { define, exclusive } from '../define.ts';
import { remove } from '../plans.ts';
import { cpanelUser, worded } from '../raw.ts';

/** Mysql::revoke_access_to_database: the user has no privileges on the database afterwards. */
export const revokeDatabase = define({
  id: 'database-user.revoke',
  title: 'Revoke database privileges',
  audience: ['staff', 'reseller', 'customer'],
  params: z.strictObject({ account: seen.accountField, user: mysql.user, database: mysql.database }),
  again: 'safe',
  reversible: true,
  covers: {
    'Mysql::revoke_access_to_database': worded({
      names: { ...cpanelUser, user: 'user', database: 'database' },
    }),
  },
  subject: (p) => ({ kind: 'account', account: p.account }),
  keys: (p) => [exclusive(`account:${p.account}`)],
  observe: (p) => [seen.lookAtPrivileges(p.account, p.user, p.database)],
  read: (_p, answers) => seen.readPrivileges(answers),
  plan: (p, s, place) =>
    when(s, (found) =>
      remove(place, {
        found: found.length > 0,
        call: uapi(p.account, 'Mysql::revoke_access_to_database', { user: p.user, database: p.database }),
        absent: `The database user “${p.user}” has no privileges on “${p.database}”.`,
      }),
    ),
});
