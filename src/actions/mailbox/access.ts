import { z } from 'zod';
import { uapi, type WhmCall } from '../../whm/call.ts';
import type { Answer } from '../../whm/outcome.ts';
import { numeric, type Readable, readable, when } from '../answers.ts';
import { define, exclusive, refused } from '../define.ts';
import * as f from '../fields.ts';
import { applyAll } from '../plans.ts';
import { cpanelUser, wordedAs } from '../raw.ts';
import { accountField, lookAtMailboxes, mailboxField, noMailbox } from './seen.ts';

const params = z
  .strictObject({
    account: accountField,
    address: mailboxField,
    login: f.flag().optional().meta({ label: 'May sign in', input: 'checkbox' }),
    incoming: f.flag().optional().meta({ label: 'Receives mail', input: 'checkbox' }),
    outgoing: f.flag().optional().meta({ label: 'Sends mail', input: 'checkbox' }),
  })
  .refine((p) => p.login !== undefined || p.incoming !== undefined || p.outgoing !== undefined, {
    path: ['login'],
    message: 'change at least one thing',
  });

type Params = z.output<typeof params>;

const row = z.object({
  email: z.string(),
  suspended_login: numeric,
  suspended_incoming: numeric,
  suspended_outgoing: numeric.optional(),
});

type Row = z.output<typeof row>;

function readRow(p: Params, answers: readonly Answer[]): Readable<Row | undefined> {
  const answer = readable(answers, 0, z.array(row));
  if (!answer.ok) return answer;
  return { ok: true, value: answer.value.find((one) => one.email.toLowerCase() === p.address) };
}

const parts = ['login', 'incoming', 'outgoing'] as const;

/** The calls for what differs. A version that does not list outgoing mail is always told. */
function calls(p: Params, found: Row): readonly WhmCall[] {
  return parts.flatMap((part) => {
    const wanted = p[part];
    const listed = found[`suspended_${part}`];
    if (wanted === undefined || listed === Number(!wanted)) return [];
    return [uapi(p.account, `Email::${wanted ? 'unsuspend' : 'suspend'}_${part}`, { email: p.address })];
  });
}

/** The passthrough's function says which part, and which way. */
function cover(part: (typeof parts)[number], allowed: boolean) {
  return (raw: Parameters<typeof wordedAs>[0]): Record<string, unknown> | undefined => {
    const found = wordedAs(raw, { names: { ...cpanelUser, email: 'address' } });
    return found === undefined ? undefined : { ...found, [part]: allowed };
  };
}

/** Email::suspend_login, suspend_incoming, suspend_outgoing and their opposites. */
export const setMailboxAccess = define({
  id: 'mailbox.access',
  title: 'Suspend or release mailbox',
  audience: ['staff', 'reseller', 'customer'],
  params,
  again: 'safe',
  reversible: true,
  proof: 'look',
  covers: Object.fromEntries(
    parts.flatMap((part) => [
      [`Email::suspend_${part}`, cover(part, false)],
      [`Email::unsuspend_${part}`, cover(part, true)],
    ]),
  ),
  subject: (p) => ({
    kind: 'account',
    account: p.account,
    domain: f.halves(p.address).domain,
    mailbox: p.address,
  }),
  keys: (p) => [exclusive(`account:${p.account}`)],
  observe: (p) => [lookAtMailboxes(p.account, p.address)],
  read: readRow,
  plan: (p, seen) =>
    when(seen, (found) => (found === undefined ? refused(noMailbox(p.address)) : applyAll(calls(p, found)))),
});
