import { z } from 'zod';
import { whm } from '../../whm/call.ts';
import { when } from '../answers.ts';
import { define, exclusive } from '../define.ts';
import { withOwnNames } from '../own-names/names.ts';
import { remove } from '../plans.ts';
import { cpanelUser, worded } from '../raw.ts';
import * as seen from './seen.ts';

/** Removes an alias domain, after a look that it is this account's: WHM's function takes any domain. */
export const removeAliasDomain = define({
  id: 'domain.remove-alias',
  title: 'Remove alias domain',
  audience: ['staff', 'reseller', 'customer'],
  params: z.strictObject({ account: seen.accountField, domain: seen.domainField }),
  again: 'read back',
  proof: 'look',
  destroys: ['zone', 'mail'],
  longestSeconds: 300,
  covers: { 'Park::unpark': worded({ names: { ...cpanelUser, domain: 'domain' } }) },
  subject: (p) => ({ kind: 'account', account: p.account, domain: p.domain }),
  keys: (p) => [exclusive(`account:${p.account}`), exclusive(`domain:${p.domain}`)],
  observe: (p) => [seen.lookAtDomains(p.account)],
  read: (_p, answers) => seen.readDomains(answers, 0),
  plan: (p, s, place) =>
    when(s, (domains) =>
      withOwnNames(
        remove(place, {
          found: domains.parked_domains.includes(p.domain),
          call: whm('delete_domain', { domain: p.domain }),
          absent: seen.notYours(p.domain),
        }),
        place.masters,
        p.domain,
        domains.sub_domains,
      ),
    ),
});
