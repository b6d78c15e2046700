import { z } from 'zod';
import { uapi } from '../../whm/call.ts';
import { when } from '../answers.ts';
import { define, exclusive } from '../define.ts';
import { remove } from '../plans.ts';
import { cpanelUser, wordedAs } from '../raw.ts';
import { splitLogin } from './login.ts';
import * as seen from './seen.ts';

const names = { ...cpanelUser, user: 'login', domain: 'domain' } as const;

/** Ftp::delete_ftp. The files stay: what is deleted in a home is deleted there, and file sync carries it. */
export const deleteFtp = define({
  id: 'ftp.delete',
  title: 'Delete FTP account',
  audience: ['staff', 'reseller', 'customer'],
  params: z.strictObject(seen.ftpFields),
  again: 'read back',
  covers: { 'Ftp::delete_ftp': (raw) => splitLogin(wordedAs(raw, { names, implied: { destroy: ['0'] } })) },
  subject: (p) => ({ kind: 'account', account: p.account, domain: p.domain }),
  keys: (p) => [exclusive(`account:${p.account}`)],
  observe: (p) => [seen.lookAtFtp(p.account)],
  read: (p, answers) => seen.readFtp(answers, p),
  plan: (p, s, place) =>
    when(s, (found) =>
      remove(place, {
        found: found !== undefined,
        call: uapi(p.account, 'Ftp::delete_ftp', { user: p.login, domain: p.domain, destroy: 0 }),
        absent: seen.noFtp(p),
      }),
    ),
});
