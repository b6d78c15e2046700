import { z } from 'zod';
import { whm } from '../../whm/call.ts';
import { define, exclusive } from '../define.ts';
import * as f from '../fields.ts';
import { change } from '../plans.ts';
import { worded } from '../raw.ts';
import { lookAtAccount, noAccount, readAccount } from './seen.ts';

const params = z.strictObject({
  account: f.account().meta({ label: 'Account' }),
  reason: f.line(250).optional().meta({ label: 'Reason', help: 'Shown to the owner and in the list of suspensions.' }),
  rootOnly: f.flag().default(false).meta({ label: 'Only root may lift it' }),
  keepFtp: f.flag().default(false).meta({ label: 'Leave FTP accounts enabled' }),
});

/** suspendacct. Suspending again changes nothing, also not the reason. */
export const suspendAccount = define({
  id: 'account.suspend',
  title: 'Suspend account',
  audience: ['staff', 'reseller'],
  params,
  again: 'safe',
  reversible: true,
  covers: {
    suspendacct: worded({
      names: {
        user: 'account',
        username: 'account',
        reason: 'reason',
        disallowun: 'rootOnly',
        'leave-ftp-accts-enabled': 'keepFtp',
      },
    }),
  },
  subject: (p) => ({ kind: 'account', account: p.account }),
  keys: (p) => [exclusive(`account:${p.account}`)],
  observe: (p) => [lookAtAccount(p.account)],
  read: (_p, answers) => readAccount(answers, 0),
  plan: (p, seen) =>
    change({
      found: seen,
      same: (account) => account.suspended,
      call: whm('suspendacct', {
        user: p.account,
        reason: p.reason,
        disallowun: p.rootOnly,
        'leave-ftp-accts-enabled': p.keepFtp,
      }),
      absent: noAccount(p.account),
    }),
});
