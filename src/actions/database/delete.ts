import { z } from 'zod';
import { uapi } from '../../whm/call.ts';
import { when } from '../answers.ts';
import { define, exclusive } from '../define.ts';
import { remove } from '../plans.ts';
import { cpanelUser, worded } from '../raw.ts';
import * as seen from './seen.ts';

/** Mysql::delete_database, with the data in it. */
export const deleteDatabase = define({
  id: 'database.delete',
  title: 'Delete database',
  audience: ['staff', 'reseller', 'customer'],
  params: z.strictObject({ account: seen.accountField, name: seen.databaseField }),
  again: 'read back',
  destroys: ['database'],
  covers: { 'Mysql::delete_database': worded({ names: { ...cpanelUser, name: 'name' } }) },
  subject: (p) => ({ kind: 'account', account: p.account }),
  keys: (p) => [exclusive(`account:${p.account}`)],
  observe: (p) => [seen.lookAtDatabases(p.account)],
  read: (p, answers) => seen.readDatabase(answers, 0, p.name),
  plan: (p, s, place) =>
    when(s, (found) =>
      remove(place, {
        found,
        call: uapi(p.account, 'Mysql::delete_database', { name: p.name }),
        absent: `The database “${p.name}” does not exist.`,
      }),
    ),
});
