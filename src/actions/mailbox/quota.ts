import { z } from 'zod';
import { uapi } from '../../whm/call.ts';
import { when } from '../answers.ts';
import { define, exclusive } from '../define.ts';
import * as f from '../fields.ts';
import { change } from '../plans.ts';
import { cpanelUser, joined, wordedAs } from '../raw.ts';
import { accountField, halved, hasQuota, lookAtMailboxes, mailboxField, noMailbox, readMailbox } from './seen.ts';

const params = z.strictObject({
  account: accountField,
  address: mailboxField,
  quotaMb: f.quotaMb().meta({ label: 'Quota (MB)' }),
});

const names = { ...cpanelUser, email: 'local', domain: 'domain', quota: 'quotaMb' } as const;

/** Email::edit_pop_quota. */
export const setMailboxQuota = define({
  id: 'mailbox.quota',
  title: 'Change mailbox quota',
  audience: ['staff', 'reseller', 'customer'],
  params,
  again: 'safe',
  reversible: true,
  covers: { 'Email::edit_pop_quota': (raw) => joined(wordedAs(raw, { names }), 'address') },
  subject: (p) => ({
    kind: 'account',
    account: p.account,
    domain: f.halves(p.address).domain,
    mailbox: p.address,
  }),
  keys: (p) => [exclusive(`account:${p.account}`)],
  observe: (p) => [lookAtMailboxes(p.account, p.address)],
  read: (p, answers) => readMailbox(answers, p.address),
  plan: (p, seen) =>
    when(seen, (found) =>
      change({
        found,
        same: (pop) => hasQuota(pop, p.quotaMb),
        call: uapi(p.account, 'Email::edit_pop_quota', { ...halved(p.address), quota: p.quotaMb }),
        absent: noMailbox(p.address),
      }),
    ),
});
