import { z } from 'zod';
import { uapi } from '../../whm/call.ts';
import { when } from '../answers.ts';
import * as seen from '../database/seen.ts';
import { define, exclusive } from '../define.ts';
import { remove } from '../plans.ts';
import { cpanelUser, worded } from '../raw.ts';

/** Mysql::delete_user. */
export const deleteDatabaseUser = define({
  id: 'database-user.delete',
  title: 'Delete database user',
  audience: ['staff', 'reseller', 'customer'],
  params: z.strictObject({ account: seen.accountField, name: seen.userField }),
  again: 'read back',
  covers: { 'Mysql::delete_user': worded({ names: { ...cpanelUser, name: 'name' } }) },
  subject: (p) => ({ kind: 'account', account: p.account }),
  keys: (p) => [exclusive(`account:${p.account}`)],
  observe: (p) => [seen.lookAtUsers(p.account)],
  read: (p, answers) => seen.readUser(answers, 0, p.name),
  plan: (p, s, place) =>
    when(s, (found) =>
      remove(place, {
        found,
        call: uapi(p.account, 'Mysql::delete_user', { name: p.name }),
        absent: `The database user “${p.name}” does not exist.`,
      }),
    ),
});
