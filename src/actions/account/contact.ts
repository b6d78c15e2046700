import { z } from 'zod';
import { whm } from '../../whm/call.ts';
import { define, exclusive } from '../define.ts';
import * as f from '../fields.ts';
import { change } from '../plans.ts';
import { lookAtAccount, noAccount, readAccount } from './seen.ts';

const params = z.strictObject({
  account: f.account().meta({ label: 'Account' }),
  contactEmail: f.email().meta({ label: 'Contact address', input: 'email' }),
});

/**
 * The one of an account's settings that its customer may change: modifyacct with nothing but contactemail. Programs that
 * call modifyacct get account.modify, which has a word for everything that it can set.
 */
export const setContact = define({
  id: 'account.contact',
  title: 'Change contact address',
  audience: ['staff', 'reseller', 'customer'],
  params,
  again: 'safe',
  reversible: true,
  subject: (p) => ({ kind: 'account', account: p.account }),
  keys: (p) => [exclusive(`account:${p.account}`)],
  observe: (p) => [lookAtAccount(p.account)],
  read: (_p, answers) => readAccount(answers, 0),
  plan: (p, seen) =>
    change({
      found: seen,
      same: (account) => account.email === p.contactEmail,
      call: whm('modifyacct', { user: p.account, contactemail: p.contactEmail }),
      absent: noAccount(p.account),
    }),
});
