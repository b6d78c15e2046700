import { z } from 'zod';
import { uapi } from '../../whm/call.ts';
import { apply, define, exclusive } from '../define.ts';
import * as f from '../fields.ts';
import { cpanelUser, joined, wordedAs } from '../raw.ts';
import { accountField, halved, mailboxField } from './seen.ts';

const params = z
  .strictObject({
    account: accountField,
    address: mailboxField,
    password: f.password().meta({ label: 'New password', secret: true, input: 'password' }),
  })
  .refine((p) => f.mayUse(p.password, f.halves(p.address).local), { path: ['password'], message: f.containsName });

const names = { ...cpanelUser, email: 'local', domain: 'domain', password: 'password' } as const;

/** Email::passwd_pop. It cannot be read back, and setting it twice is harmless. */
export const setMailboxPassword = define({
  id: 'mailbox.password',
  title: 'Change mailbox password',
  audience: ['staff', 'reseller', 'customer', 'mailbox-user'],
  params,
  blind: ['password'],
  again: 'safe',
  covers: { 'Email::passwd_pop': (raw) => joined(wordedAs(raw, { names }), 'address') },
  subject: (p) => ({
    kind: 'account',
    account: p.account,
    domain: f.halves(p.address).domain,
    mailbox: p.address,
  }),
  keys: (p) => [exclusive(`account:${p.account}`)],
  observe: () => [],
  read: () => undefined,
  plan: (p) => apply(uapi(p.account, 'Email::passwd_pop', { ...halved(p.address), password: p.password })),
});
