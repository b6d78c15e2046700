import { z } from 'zod';
import { uapi } from '../../whm/call.ts';
import { when } from '../answers.ts';
import { define, exclusive } from '../define.ts';
import * as f from '../fields.ts';
import { change } from '../plans.ts';
import { cpanelUser, wordedAs } from '../raw.ts';
import { splitLogin } from './login.ts';
import * as seen from './seen.ts';

const names = { ...cpanelUser, user: 'login', domain: 'domain', quota: 'quotaMb' } as const;

/** Ftp::set_quota. */
export const setFtpQuota = define({
  id: 'ftp.quota',
  title: 'Change FTP quota',
  audience: ['staff', 'reseller', 'customer'],
  params: z.strictObject({ ...seen.ftpFields, quotaMb: f.quotaMb().meta({ label: 'Quota (MB)' }) }),
  again: 'safe',
  reversible: true,
  covers: { 'Ftp::set_quota': (raw) => splitLogin(wordedAs(raw, { names, implied: { kill: ['0'] } })) },
  subject: (p) => ({ kind: 'account', account: p.account, domain: p.domain }),
  keys: (p) => [exclusive(`account:${p.account}`)],
  observe: (p) => [seen.lookAtFtp(p.account)],
  read: (p, answers) => seen.readFtp(answers, p),
  plan: (p, s) =>
    when(s, (found) =>
      change({
        found,
        same: (ftp) => seen.hasQuota(ftp, p.quotaMb),
        call: uapi(p.account, 'Ftp::set_quota', { user: p.login, domain: p.domain, quota: seen.asMb(p.quotaMb) }),
        absent: seen.noFtp(p),
      }),
    ),
});
