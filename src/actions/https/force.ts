import { z } from 'zod';
import { uapi } from '../../whm/call.ts';
import type { Answer } from '../../whm/outcome.ts';
import { numeric, type Readable, readable, when } from '../answers.ts';
import { define, exclusive } from '../define.ts';
import * as f from '../fields.ts';
import { change } from '../plans.ts';

const row = z.object({ domain: z.string(), is_https_redirecting: numeric.nullish() });
// Aliases have no virtual host of their own: some servers list them by name alone.
const some = z.union([z.array(z.union([row, z.string()])), row.transform((one) => [one])]).nullish();
const data = z.object({ main_domain: some, addon_domains: some, parked_domains: some, sub_domains: some });

function readRedirect(domain: string, answers: readonly Answer[]): Readable<boolean | undefined> {
  const answer = readable(answers, 0, data);
  if (!answer.ok) return answer;
  const found = Object.values(answer.value)
    .flatMap((rows) => rows ?? [])
    .find((one) => typeof one !== 'string' && one.domain === domain);
  return { ok: true, value: typeof found === 'object' ? found.is_https_redirecting === 1 : undefined };
}

/** SSL::toggle_ssl_redirect_for_domains: a setting of the server, so every master is told. */
export const forceHttps = define({
  id: 'https.force',
  title: 'Force HTTPS',
  audience: ['staff', 'reseller', 'customer'],
  params: z.strictObject({
    account: f.account().meta({ label: 'Account' }),
    domain: f.domain().meta({ label: 'Domain' }),
    on: f.flag().default(true).meta({ label: 'Send visitors from HTTP to HTTPS', input: 'checkbox' }),
  }),
  again: 'safe',
  reversible: true,
  subject: (p) => ({ kind: 'account', account: p.account, domain: p.domain }),
  keys: (p) => [exclusive(`account:${p.account}`)],
  observe: (p) => [uapi(p.account, 'DomainInfo::domains_data', { format: 'hash' })],
  read: (p, answers) => readRedirect(p.domain, answers),
  plan: (p, s) =>
    when(s, (found) =>
      change({
        found,
        same: (on) => on === p.on,
        call: uapi(p.account, 'SSL::toggle_ssl_redirect_for_domains', { domains: p.domain, state: p.on }),
        absent: `The account has no domain ${p.domain}.`,
      }),
    ),
});
