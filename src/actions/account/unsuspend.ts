import { z } from 'zod';
import { whm } from '../../whm/call.ts';
import { define, exclusive } from '../define.ts';
import * as f from '../fields.ts';
import { change } from '../plans.ts';
import { worded } from '../raw.ts';
import { lookAtAccount, noAccount, readAccount } from './seen.ts';

/** unsuspendacct. */
export const unsuspendAccount = define({
  id: 'account.unsuspend',
  title: 'Unsuspend account',
  audience: ['staff', 'reseller'],
  params: z.strictObject({ account: f.account().meta({ label: 'Account' }) }),
  again: 'safe',
  reversible: true,
  covers: { unsuspendacct: worded({ names: { user: 'account', username: 'account' } }) },
  subject: (p) => ({ kind: 'account', account: p.account }),
  keys: (p) => [exclusive(`account:${p.account}`)],
  observe: (p) => [lookAtAccount(p.account)],
  read: (_p, answers) => readAccount(answers, 0),
  plan: (p, seen) =>
    change({
      found: seen,
      same: (account) => !account.suspended,
      call: whm('unsuspendacct', { user: p.account }),
      absent: noAccount(p.account),
    }),
});
