import { z } from 'zod';
import { type ArgValue, uapi } from '../../whm/call.ts';
import type { Answer } from '../../whm/outcome.ts';
import { type Readable, readable, when } from '../answers.ts';
import { define, exclusive } from '../define.ts';
import * as f from '../fields.ts';
import { change } from '../plans.ts';
import { cpanelUser, wordedAs } from '../raw.ts';

const params = z
  .strictObject({
    account: f.account().meta({ label: 'Account' }),
    domain: f.domain().meta({ label: 'Domain' }),
    mode: z.enum(['refuse', 'discard', 'forward']).meta({ label: 'Mail to unknown addresses' }),
    message: f.line(200).default('No such person at this address').meta({ label: 'Message to the sender' }),
    to: f.email().optional().meta({ label: 'Forward to', input: 'email' }),
  })
  .refine((p) => (p.mode === 'forward') === (p.to !== undefined), {
    path: ['to'],
    message: 'is needed to forward, and only then',
  });

type Params = z.output<typeof params>;

const rows = z.array(z.object({ domain: z.string(), defaultaddress: z.string() }));

function readDefault(p: Params, answers: readonly Answer[]): Readable<string | undefined> {
  const answer = readable(answers, 0, rows);
  if (!answer.ok) return answer;
  // The valiases file holds the value in quotes; some versions answer with them.
  const found = answer.value
    .find((row) => row.domain === p.domain)
    ?.defaultaddress.replace(/^"|"$/g, '')
    .trim();
  return { ok: true, value: found };
}

function wanted(p: Params): { readonly args: Readonly<Record<string, ArgValue>>; readonly value: string } {
  switch (p.mode) {
    case 'refuse':
      return { args: { fwdopt: 'fail', failmsgs: p.message }, value: `:fail: ${p.message}` };
    case 'discard':
      return { args: { fwdopt: 'blackhole' }, value: ':blackhole:' };
    case 'forward':
      return { args: { fwdopt: 'fwd', fwdemail: p.to }, value: p.to ?? '' };
  }
}

const modes: Readonly<Record<string, string>> = { fail: 'refuse', blackhole: 'discard', fwd: 'forward' };
const names = { ...cpanelUser, domain: 'domain', fwdopt: 'mode', failmsgs: 'message', fwdemail: 'to' } as const;

/** Email::set_default_address: what becomes of mail to addresses that do not exist. */
export const setDefaultAddress = define({
  id: 'default-address.set',
  title: 'Set default address',
  audience: ['staff', 'reseller', 'customer'],
  params,
  again: 'safe',
  reversible: true,
  covers: {
    'Email::set_default_address'(raw) {
      const found = wordedAs(raw, { names });
      const mode = modes[String(found?.['mode'])];
      return mode === undefined || found?.['domain'] === undefined ? undefined : { ...found, mode };
    },
  },
  subject: (p) => ({ kind: 'account', account: p.account, domain: p.domain }),
  keys: (p) => [exclusive(`account:${p.account}`)],
  observe: (p) => [uapi(p.account, 'Email::list_default_address', { user: p.account, domain: p.domain })],
  read: readDefault,
  plan: (p, seen) =>
    when(seen, (found) =>
      change({
        found,
        same: (value) => value === wanted(p).value,
        call: uapi(p.account, 'Email::set_default_address', { domain: p.domain, ...wanted(p).args }),
        absent: `The account has no domain ${p.domain}.`,
      }),
    ),
});
