import { z } from 'zod';
import { uapi } from '../../whm/call.ts';
import { when } from '../answers.ts';
import { define, exclusive } from '../define.ts';
import * as f from '../fields.ts';
import { create } from '../plans.ts';
import { cpanelUser, joined, wordedAs } from '../raw.ts';
import { hashTyped } from '../travelling-password.ts';
import { accountField, halved, hasQuota, lookAtMailboxes, mailboxField, readMailbox } from './seen.ts';

const params = z
  .strictObject({
    account: accountField,
    address: mailboxField,
    password: f.password().optional().meta({
      label: 'Password',
      secret: true,
      input: 'password',
      help: 'Left empty, a strong one is made.',
    }),
    passwordHash: f.passwordHash().optional().meta({ label: 'Password hash', secret: true, input: 'hidden' }),
    asHash: f.asHash(),
    quotaMb: f.quotaMb().optional().meta({ label: 'Quota (MB)', help: 'Left empty, the server’s default.' }),
  })
  .refine((p) => f.mayUse(p.password, f.halves(p.address).local), { path: ['password'], message: f.containsName });

const names = { ...cpanelUser, email: 'local', domain: 'domain', password: 'password', quota: 'quotaMb' } as const;

/** Email::add_pop. */
export const addMailbox = define({
  id: 'mailbox.add',
  title: 'Add mailbox',
  audience: ['staff', 'reseller', 'customer'],
  params,
  blind: ['password', 'passwordHash'],
  again: 'read back',
  covers: {
    'Email::add_pop': (raw) =>
      joined(wordedAs(raw, { names, implied: { send_welcome_email: ['0'], skip_update_db: ['0'] } }), 'address'),
  },
  subject: (p) => ({
    kind: 'account',
    account: p.account,
    domain: f.halves(p.address).domain,
    mailbox: p.address,
  }),
  keys: (p) => [exclusive(`account:${p.account}`)],
  prepare: (p) => hashTyped(p, 'pop'),
  wants: (p) => (p.password === undefined && p.passwordHash === undefined ? ['password'] : []),
  choose: (p, chosen) => ({ ...p, password: p.password ?? chosen.password }),
  observe: (p) => [lookAtMailboxes(p.account, p.address)],
  read: (p, answers) => readMailbox(answers, p.address),
  plan: (p, seen, place) =>
    when(seen, (found) =>
      create(place, {
        found,
        same: (pop) => hasQuota(pop, p.quotaMb),
        call: uapi(p.account, 'Email::add_pop', {
          ...halved(p.address),
          password: p.passwordHash === undefined ? p.password : undefined,
          password_hash: p.passwordHash,
          quota: p.quotaMb,
        }),
        exists: `The email account "${p.address}" already exists!`,
      }),
    ),
});
