import { z } from 'zod';
import { uapi } from '../../whm/call.ts';
import { type Readable, when } from '../answers.ts';
import * as seen from '../database/seen.ts';
import { define, exclusive, refused } from '../define.ts';
import * as f from '../fields.ts';
import { create } from '../plans.ts';
import { cpanelUser, worded } from '../raw.ts';

const params = z
  .strictObject({
    account: seen.accountField,
    name: seen.userField,
    password: seen.databasePassword.optional().meta({
      label: 'Password',
      secret: true,
      input: 'password',
      help: 'Left empty, a strong one is made.',
    }),
  })
  .refine((p) => f.mayUse(p.password, p.name), { path: ['password'], message: f.containsName });

interface Seen {
  readonly found: Readable<boolean>;
  readonly rules: seen.Rules | undefined;
}

/** Mysql::create_user. */
export const addDatabaseUser = define({
  id: 'database-user.add',
  title: 'Add database user',
  audience: ['staff', 'reseller', 'customer'],
  params,
  blind: ['password'],
  again: 'read back',
  covers: { 'Mysql::create_user': worded({ names: { ...cpanelUser, name: 'name', password: 'password' } }) },
  subject: (p) => ({ kind: 'account', account: p.account }),
  keys: (p) => [exclusive(`account:${p.account}`)],
  wants: (p) => (p.password === undefined ? ['password'] : []),
  choose: (p, chosen) => ({ ...p, password: p.password ?? chosen.password }),
  observe: (p) => [seen.lookAtUsers(p.account), seen.lookAtRules(p.account)],
  read: (p, answers): Seen => ({ found: seen.readUser(answers, 0, p.name), rules: seen.readRules(answers, 1) }),
  plan: (p, s, place) =>
    when(s.found, (found) => {
      const wrong = seen.wrongName(p.name, s.rules, s.rules?.max_username_length);
      if (wrong !== undefined) return refused(wrong);
      return create(place, {
        found: found ? p.name : undefined,
        same: () => true,
        call: uapi(p.account, 'Mysql::create_user', { name: p.name, password: p.password }),
        exists: `The database user “${p.name}” already exists.`,
      });
    }),
});
