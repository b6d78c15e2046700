import { z } from 'zod';
import { uapi } from '../../whm/call.ts';
import type { Answer } from '../../whm/outcome.ts';
import { type Readable, readable, when } from '../answers.ts';
import { define, exclusive } from '../define.ts';
import * as f from '../fields.ts';
import { remove } from '../plans.ts';
import { cpanelUser, worded } from '../raw.ts';

const params = z.strictObject({
  account: f.account().meta({ label: 'Account' }),
  address: f.mailbox().meta({ label: 'Address', input: 'email' }),
});

const rows = z.array(z.object({ email: z.string() }));

function isThere(answers: readonly Answer[], address: string): Readable<boolean> {
  const answer = readable(answers, 0, rows);
  return answer.ok ? { ok: true, value: answer.value.some((row) => row.email.toLowerCase() === address) } : answer;
}

/** Email::delete_auto_responder. */
export const deleteAutoresponder = define({
  id: 'autoresponder.delete',
  title: 'Delete autoresponder',
  audience: ['staff', 'reseller', 'customer', 'mailbox-user'],
  params,
  again: 'read back',
  reversible: true,
  covers: { 'Email::delete_auto_responder': worded({ names: { ...cpanelUser, email: 'address' } }) },
  subject: (p) => ({
    kind: 'account',
    account: p.account,
    domain: f.halves(p.address).domain,
    mailbox: p.address,
  }),
  keys: (p) => [exclusive(`account:${p.account}`)],
  observe: (p) => [uapi(p.account, 'Email::list_auto_responders', { domain: f.halves(p.address).domain })],
  read: (p, answers) => isThere(answers, p.address),
  plan: (p, seen, place) =>
    when(seen, (found) =>
      remove(place, {
        found,
        call: uapi(p.account, 'Email::delete_auto_responder', { email: p.address }),
        absent: `There is no autoresponder for ${p.address}.`,
      }),
    ),
});
