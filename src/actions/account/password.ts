import { z } from 'zod';
import { whm } from '../../whm/call.ts';
import { apply, define, exclusive, refused } from '../define.ts';
import * as f from '../fields.ts';
import { worded } from '../raw.ts';
import { lookAtAccount, noAccount, readAccount } from './seen.ts';

const params = z
  .strictObject({
    account: f.account().meta({ label: 'Account' }),
    password: f.password().meta({ label: 'New password', secret: true, input: 'password' }),
    databases: f.flag().default(true).meta({ label: 'Set the MySQL password too' }),
    uid: f.whole(1000, 4_000_000_000).optional().meta({ label: 'User id', input: 'hidden' }),
  })
  .refine((p) => f.mayUse(p.password, p.account), { path: ['password'], message: f.containsName });

/** passwd. It cannot be read back, and setting it twice is harmless. With a user id only the account that has it is meant. */
export const setAccountPassword = define({
  id: 'account.password',
  title: 'Change account password',
  audience: ['staff', 'reseller', 'customer'],
  params,
  blind: ['password'],
  again: 'safe',
  covers: {
    passwd: worded({
      names: {
        user: 'account',
        username: 'account',
        password: 'password',
        pass: 'password',
        db_pass_update: 'databases',
      },
      implied: { digestauth: ['0'], enabledigest: ['0'] },
    }),
  },
  subject: (p) => ({ kind: 'account', account: p.account }),
  keys: (p) => [exclusive(`account:${p.account}`)],
  observe: (p) => (p.uid === undefined ? [] : [lookAtAccount(p.account)]),
  read: (p, answers) => (p.uid === undefined ? undefined : readAccount(answers, 0)?.uid),
  plan: (p, uid) =>
    uid === p.uid
      ? apply(whm('passwd', { user: p.account, password: p.password, db_pass_update: p.databases }))
      : refused(noAccount(p.account)),
});
