import { z } from 'zod';
import { whm } from '../../whm/call.ts';
import { apply, define, exclusive } from '../define.ts';
import * as f from '../fields.ts';
import { worded } from '../raw.ts';

const params = z
  .strictObject({
    account: f.account().meta({ label: 'Account' }),
    password: f.password().meta({ label: 'New password', secret: true, input: 'password' }),
    databases: f.flag().default(true).meta({ label: 'Set the MySQL password too' }),
  })
  .refine((p) => f.mayUse(p.password, p.account), { path: ['password'], message: f.containsName });

/** passwd. It cannot be read back, and setting it twice is harmless. */
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
  observe: () => [],
  read: () => undefined,
  plan: (p) => apply(whm('passwd', { user: p.account, password: p.password, db_pass_update: p.databases })),
});
