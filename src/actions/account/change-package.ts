import { z } from 'zod';
import { whm } from '../../whm/call.ts';
import { define, exclusive, shared } from '../define.ts';
import * as f from '../fields.ts';
import { change } from '../plans.ts';
import { worded } from '../raw.ts';
import { lacksPackage, lookAtAccount, noAccount, readAccount } from './seen.ts';

const params = z.strictObject({
  account: f.account().meta({ label: 'Account' }),
  plan: f.packageName().meta({ label: 'Package' }),
});

/** changepackage. Custom limits of the account are lost with it, as with WHM. */
export const changePackage = define({
  id: 'account.change-package',
  title: 'Change package',
  audience: ['staff', 'reseller'],
  params,
  again: 'safe',
  reversible: true,
  longestSeconds: 300,
  covers: { changepackage: worded({ names: { user: 'account', username: 'account', pkg: 'plan', plan: 'plan' } }) },
  subject: (p) => ({ kind: 'account', account: p.account }),
  keys: (p) => [exclusive(`account:${p.account}`), shared(`package:${p.plan}`)],
  preflight: (p) => ({ calls: [whm('listpkgs')], judge: ([packages]) => lacksPackage(packages, p.plan) }),
  observe: (p) => [lookAtAccount(p.account)],
  read: (_p, answers) => readAccount(answers, 0),
  plan: (p, seen) =>
    change({
      found: seen,
      same: (account) => account.plan === p.plan,
      call: whm('changepackage', { user: p.account, pkg: p.plan }),
      absent: noAccount(p.account),
    }),
});
