import { z } from 'zod';
import { whm } from '../../whm/call.ts';
import { when } from '../answers.ts';
import { define, exclusive } from '../define.ts';
import * as f from '../fields.ts';
import { remove } from '../plans.ts';
import { cpanelUser, worded } from '../raw.ts';
import * as seen from './seen.ts';

const params = z.strictObject({
  account: seen.accountField,
  domain: f
    .line(253)
    .toLowerCase()
    .regex(/^(\*\.)?[a-z0-9_-]+(\.[a-z0-9_-]+)+$/, 'must be a subdomain such as shop.example.com')
    .meta({ label: 'Subdomain', placeholder: 'shop.example.com' }),
});

/** Removes a subdomain; the files stay. WHM's function takes any domain, so the look asks whose it is. */
export const removeSubdomain = define({
  id: 'domain.remove-sub',
  title: 'Remove subdomain',
  audience: ['staff', 'reseller', 'customer'],
  params,
  again: 'read back',
  proof: 'look',
  destroys: ['zone', 'mail'],
  longestSeconds: 300,
  covers: {
    'SubDomain::delsubdomain': worded({ names: { ...cpanelUser, domain: 'domain' }, implied: { disallowdot: ['0'] } }),
  },
  subject: (p) => ({ kind: 'account', account: p.account, domain: p.domain }),
  keys: (p) => [
    exclusive(`account:${p.account}`),
    exclusive(`domain:${p.domain}`),
    exclusive(`domain:${p.domain.split('.').slice(1).join('.')}`),
  ],
  observe: (p) => [seen.lookAtDomains(p.account)],
  read: (_p, answers) => seen.readDomains(answers, 0),
  plan: (p, s, place) =>
    when(s, (domains) =>
      remove(place, {
        found: domains.sub_domains.includes(p.domain),
        call: whm('delete_domain', { domain: p.domain }),
        absent: seen.notYours(p.domain),
      }),
    ),
});
