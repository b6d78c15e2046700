import { z } from 'zod';
import { api2 } from '../../whm/call.ts';
import { type Readable, when } from '../answers.ts';
import { define, exclusive } from '../define.ts';
import * as f from '../fields.ts';
import { withOwnNames } from '../own-names/names.ts';
import { remove } from '../plans.ts';
import { cpanelUser, wordedAs } from '../raw.ts';
import * as seen from './seen.ts';

const params = z.strictObject({
  account: seen.accountField,
  domain: seen.domainField,
  subdomain: f
    .line(63)
    .toLowerCase()
    .regex(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/, 'must be one label, such as shop')
    .optional()
    .meta({ label: 'Subdomain label', help: 'Left empty, the master is asked.' }),
});

type Params = z.output<typeof params>;

interface Seen {
  readonly domains: Readable<seen.Domains>;
  readonly data: seen.DomainData | undefined;
}

/** API 2 names the carrying subdomain 'label_maindomain'. */
function carrier(p: Params, main: string, data: seen.DomainData | undefined): string {
  const served = data?.servername ?? '';
  const told = served.endsWith(`.${main}`) ? served.slice(0, -main.length - 1) : undefined;
  return `${p.subdomain ?? told ?? p.domain.split('.')[0]}_${main}`;
}

/** Removes an addon domain with the subdomain that carries it; the files stay. */
export const removeAddonDomain = define({
  id: 'domain.remove-addon',
  title: 'Remove addon domain',
  audience: ['staff', 'reseller', 'customer'],
  params,
  again: 'read back',
  proof: 'look',
  destroys: ['zone', 'mail'],
  longestSeconds: 300,
  covers: {
    'AddonDomain::deladdondomain'(raw) {
      const found = wordedAs(raw, { names: { ...cpanelUser, domain: 'domain', subdomain: 'carrier' } });
      if (found === undefined) return undefined;
      const { carrier: given, ...rest } = found;
      const label = /^([^_.]+)_/.exec(String(given ?? ''))?.[1];
      return label === undefined ? undefined : { ...rest, subdomain: label };
    },
  },
  subject: (p) => ({ kind: 'account', account: p.account, domain: p.domain }),
  keys: (p) => [exclusive(`account:${p.account}`), exclusive(`domain:${p.domain}`)],
  observe: (p) => [seen.lookAtDomains(p.account), seen.lookAtDomain(p.account, p.domain)],
  read: (_p, answers): Seen => ({ domains: seen.readDomains(answers, 0), data: seen.readDomain(answers, 1) }),
  plan: (p, s, place) =>
    when(s.domains, (domains) =>
      withOwnNames(
        remove(place, {
          found: domains.addon_domains.includes(p.domain),
          call: api2(p.account, 'AddonDomain::deladdondomain', {
            domain: p.domain,
            subdomain: carrier(p, domains.main_domain, s.data),
          }),
          absent: seen.notYours(p.domain),
        }),
        place.masters,
        p.domain,
        domains.sub_domains,
      ),
    ),
});
