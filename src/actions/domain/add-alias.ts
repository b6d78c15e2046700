import { z } from 'zod';
import { whm } from '../../whm/call.ts';
import { type Readable, when } from '../answers.ts';
import { define, exclusive, refused } from '../define.ts';
import * as f from '../fields.ts';
import { lookAtMailAuth, type MailAuth, readMailAuth } from '../mail-auth.ts';
import { cpanelUser, worded } from '../raw.ts';
import { planNewDomain } from './mail.ts';
import * as seen from './seen.ts';

const params = z.strictObject({
  account: seen.accountField,
  domain: seen.domainField,
  target: f
    .domain()
    .optional()
    .meta({ label: 'Shows', help: 'The domain whose site it shows. Left empty: the main domain.' }),
  dkimKey: seen.dkimField,
});

interface Seen {
  readonly domains: Readable<seen.Domains>;
  readonly auth: MailAuth;
}

/** An alias (parked) domain: another name for a site of the account. */
export const addAliasDomain = define({
  id: 'domain.add-alias',
  title: 'Add alias domain',
  audience: ['staff', 'reseller', 'customer'],
  params,
  again: 'read back',
  proof: 'look',
  longestSeconds: 300,
  covers: {
    create_parked_domain_for_user: worded({
      names: { username: 'account', domain: 'domain', web_vhost_domain: 'target' },
    }),
    'Park::park': worded({
      names: { ...cpanelUser, domain: 'domain', topdomain: 'target' },
      implied: { disallowdot: ['0'], force: ['0'] },
    }),
  },
  subject: (p) => ({ kind: 'account', account: p.account, domain: p.domain }),
  keys: (p) => [exclusive(`account:${p.account}`), exclusive(`domain:${p.domain}`)],
  wants: (p) => (p.dkimKey === undefined ? ['dkimKey'] : []),
  choose: (p, chosen) => ({ ...p, dkimKey: p.dkimKey ?? chosen.dkimKey }),
  observe: (p) => [seen.lookAtDomains(p.account), ...lookAtMailAuth(p.domain)],
  read: (p, answers): Seen => ({
    domains: seen.readDomains(answers, 0),
    auth: readMailAuth(answers, 1, p.domain),
  }),
  plan: (p, s, place) =>
    when(s.domains, (domains) => {
      const found = domains.parked_domains.includes(p.domain);
      if (!found && seen.allOf(domains).includes(p.domain)) return refused(seen.alreadyThere(p.domain));
      return planNewDomain(place, {
        domain: p.domain,
        dkimKey: p.dkimKey,
        found,
        same: true,
        call: whm('create_parked_domain_for_user', {
          domain: p.domain,
          username: p.account,
          web_vhost_domain: p.target ?? domains.main_domain,
        }),
        exists: seen.alreadyThere(p.domain),
        auth: s.auth,
      });
    }),
});
