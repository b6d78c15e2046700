import { z } from 'zod';
import { uapi } from '../../whm/call.ts';
import type { Answer } from '../../whm/outcome.ts';
import { type Readable, readable, when } from '../answers.ts';
import { define, exclusive } from '../define.ts';
import * as f from '../fields.ts';
import { change } from '../plans.ts';
import { cpanelUser, wordedAs } from '../raw.ts';

export const routings = ['auto', 'local', 'secondary', 'remote'] as const;

const params = z.strictObject({
  account: f.account().meta({ label: 'Account' }),
  domain: f.domain().meta({ label: 'Domain' }),
  routing: z.enum(routings).meta({ label: 'Mail is taken', help: 'local: here, whatever the MX records say.' }),
});

type Params = z.output<typeof params>;

const rows = z.array(z.object({ domain: z.string(), mxcheck: z.string() }));

function readRouting(p: Params, answers: readonly Answer[]): Readable<string | undefined> {
  const answer = readable(answers, 0, rows);
  if (!answer.ok) return answer;
  return { ok: true, value: answer.value.find((row) => row.domain === p.domain)?.mxcheck };
}

/** Email::set_always_accept: whether a server takes a domain's mail. The same on both, else the standby sends it away. */
export const setMailRouting = define({
  id: 'mail-routing.set',
  title: 'Set mail routing',
  audience: ['staff', 'reseller', 'customer'],
  params,
  again: 'safe',
  reversible: true,
  covers: {
    'Email::set_always_accept': (raw) =>
      wordedAs(raw, { names: { ...cpanelUser, domain: 'domain', mxcheck: 'routing' } }),
  },
  subject: (p) => ({ kind: 'account', account: p.account, domain: p.domain }),
  keys: (p) => [exclusive(`account:${p.account}`)],
  observe: (p) => [uapi(p.account, 'Email::list_mxs', { domain: p.domain })],
  read: readRouting,
  plan: (p, seen) =>
    when(seen, (found) =>
      change({
        found,
        same: (value) => value === p.routing,
        call: uapi(p.account, 'Email::set_always_accept', { domain: p.domain, mxcheck: p.routing }),
        absent: `The account has no domain ${p.domain}.`,
      }),
    ),
});
