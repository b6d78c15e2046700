import { z } from 'zod';
import { uapi } from '../../whm/call.ts';
import { apply, define, exclusive } from '../define.ts';
import * as f from '../fields.ts';
import { cpanelUser, wordedAs } from '../raw.ts';
import { splitLogin } from './login.ts';
import { ftpFields } from './seen.ts';

const params = z
  .strictObject({
    ...ftpFields,
    password: f.password().meta({ label: 'New password', secret: true, input: 'password' }),
  })
  .refine((p) => f.mayUse(p.password, p.login), { path: ['password'], message: f.containsName });

const names = { ...cpanelUser, user: 'login', domain: 'domain', pass: 'password' } as const;

/** Ftp::passwd. It cannot be read back, and setting it twice is harmless. */
export const setFtpPassword = define({
  id: 'ftp.password',
  title: 'Change FTP password',
  audience: ['staff', 'reseller', 'customer'],
  params,
  blind: ['password'],
  again: 'safe',
  covers: { 'Ftp::passwd': (raw) => splitLogin(wordedAs(raw, { names })) },
  subject: (p) => ({ kind: 'account', account: p.account, domain: p.domain }),
  keys: (p) => [exclusive(`account:${p.account}`)],
  observe: () => [],
  read: () => undefined,
  plan: (p) => apply(uapi(p.account, 'Ftp::passwd', { user: p.login, domain: p.domain, pass: p.password })),
});
