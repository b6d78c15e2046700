import { z } from 'zod';
import { uapi } from '../../whm/call.ts';
import { type Readable, when } from '../answers.ts';
import { define, exclusive, refused } from '../define.ts';
import { create } from '../plans.ts';
import { cpanelUser, worded } from '../raw.ts';
import * as seen from './seen.ts';

interface Seen {
  readonly found: Readable<boolean>;
  readonly rules: seen.Rules | undefined;
}

/** Mysql::create_database. */
export const addDatabase = define({
  id: 'database.add',
  title: 'Add database',
  audience: ['staff', 'reseller', 'customer'],
  params: z.strictObject({ account: seen.accountField, name: seen.databaseField }),
  again: 'read back',
  covers: { 'Mysql::create_database': worded({ names: { ...cpanelUser, name: 'name' } }) },
  subject: (p) => ({ kind: 'account', account: p.account }),
  keys: (p) => [exclusive(`account:${p.account}`)],
  observe: (p) => [seen.lookAtDatabases(p.account), seen.lookAtRules(p.account)],
  read: (p, answers): Seen => ({ found: seen.readDatabase(answers, 0, p.name), rules: seen.readRules(answers, 1) }),
  plan: (p, s, place) =>
    when(s.found, (found) => {
      const wrong = seen.wrongName(p.name, s.rules, s.rules?.max_database_name_length);
      if (wrong !== undefined) return refused(wrong);
      return create(place, {
        found: found ? p.name : undefined,
        same: () => true,
        call: uapi(p.account, 'Mysql::create_database', { name: p.name }),
        exists: `The database “${p.name}” already exists.`,
      });
    }),
});
