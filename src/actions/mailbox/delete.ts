import { z } from 'zod';
import { uapi } from '../../whm/call.ts';
import { when } from '../answers.ts';
import { define, exclusive } from '../define.ts';
import * as f from '../fields.ts';
import { remove } from '../plans.ts';
import { cpanelUser, joined, wordedAs } from '../raw.ts';
import { accountField, halved, lookAtMailboxes, mailboxField, noMailbox, readMailbox } from './seen.ts';

const names = { ...cpanelUser, email: 'local', domain: 'domain' } as const;

/** Email::delete_pop, with the mail in it. */
export const deleteMailbox = define({
  id: 'mailbox.delete',
  title: 'Delete mailbox',
  audience: ['staff', 'reseller', 'customer'],
  params: z.strictObject({ account: accountField, address: mailboxField }),
  again: 'read back',
  destroys: ['mail'],
  covers: {
    'Email::delete_pop': (raw) => joined(wordedAs(raw, { names, implied: { skip_quota: ['0'] } }), 'address'),
  },
  subject: (p) => ({
    kind: 'account',
    account: p.account,
    domain: f.halves(p.address).domain,
    mailbox: p.address,
  }),
  keys: (p) => [exclusive(`account:${p.account}`)],
  observe: (p) => [lookAtMailboxes(p.account, p.address)],
  read: (p, answers) => readMailbox(answers, p.address),
  plan: (p, seen, place) =>
    when(seen, (found) =>
      remove(place, {
        found: found !== undefined,
        call: uapi(p.account, 'Email::delete_pop', halved(p.address)),
        absent: noMailbox(p.address),
      }),
    ),
});
