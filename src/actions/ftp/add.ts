import { z } from 'zod';
import { uapi } from '../../whm/call.ts';
import { when } from '../answers.ts';
import { define, exclusive } from '../define.ts';
import * as f from '../fields.ts';
import { create } from '../plans.ts';
import { cpanelUser, wordedAs } from '../raw.ts';
import { hashTyped } from '../travelling-password.ts';
import { splitLogin } from './login.ts';
import * as seen from './seen.ts';

const params = z
  .strictObject({
    ...seen.ftpFields,
    password: f.password().optional().meta({
      label: 'Password',
      secret: true,
      input: 'password',
      help: 'Left empty, a strong one is made.',
    }),
    passwordHash: f.passwordHash().optional().meta({ label: 'Password hash', secret: true, input: 'hidden' }),
    asHash: f.asHash(),
    folder: f.folder().optional().meta({ label: 'Folder', placeholder: 'public_html/upload' }),
    quotaMb: f.quotaMb().default('unlimited').meta({ label: 'Quota (MB)' }),
  })
  .refine((p) => f.mayUse(p.password, p.login), { path: ['password'], message: f.containsName });

const names = {
  ...cpanelUser,
  user: 'login',
  domain: 'domain',
  pass: 'password',
  homedir: 'folder',
  quota: 'quotaMb',
} as const;

/** Ftp::add_ftp. */
export const addFtp = define({
  id: 'ftp.add',
  title: 'Add FTP account',
  audience: ['staff', 'reseller', 'customer'],
  params,
  blind: ['password', 'passwordHash'],
  again: 'read back',
  covers: {
    'Ftp::add_ftp': (raw) => splitLogin(wordedAs(raw, { names, implied: { pass_hash: [''], disallowdot: ['0'] } })),
  },
  subject: (p) => ({ kind: 'account', account: p.account, domain: p.domain }),
  keys: (p) => [exclusive(`account:${p.account}`)],
  prepare: (p) => hashTyped(p, 'ftp'),
  wants: (p) => (p.password === undefined && p.passwordHash === undefined ? ['password'] : []),
  choose: (p, chosen) => ({ ...p, password: p.password ?? chosen.password }),
  observe: (p) => [seen.lookAtFtp(p.account)],
  read: (p, answers) => seen.readFtp(answers, p),
  plan: (p, s, place) =>
    when(s, (found) =>
      create(place, {
        found,
        same: (ftp) => seen.hasQuota(ftp, p.quotaMb) && seen.hasFolder(ftp, p.folder),
        call: uapi(p.account, 'Ftp::add_ftp', {
          user: p.login,
          domain: p.domain,
          pass: p.passwordHash === undefined ? p.password : undefined,
          pass_hash: p.passwordHash,
          homedir: p.folder,
          quota: seen.asMb(p.quotaMb),
          // Left at its default, cPanel would take the dots out of the login without a word.
          disallowdot: 0,
        }),
        exists: `The FTP account “${p.login}@${p.domain}” already exists.`,
      }),
    ),
});
