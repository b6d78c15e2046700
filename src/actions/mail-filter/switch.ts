import { z } from 'zod';
import { uapi } from '../../whm/call.ts';
import { when } from '../answers.ts';
import { define, exclusive } from '../define.ts';
import * as f from '../fields.ts';
import { change } from '../plans.ts';
import { filterFields, filterSubject, lookAtFilters, noFilter, readFilter, whoseFilter } from './seen.ts';

/** Email::enable_filter and disable_filter. */
export const switchMailFilter = define({
  id: 'mail-filter.switch',
  title: 'Switch mail filter on or off',
  audience: ['staff', 'reseller', 'customer', 'mailbox-user'],
  params: z.strictObject({ ...filterFields, enabled: f.flag().meta({ label: 'On', input: 'checkbox' }) }),
  again: 'safe',
  reversible: true,
  subject: filterSubject,
  keys: (p) => [exclusive(`account:${p.account}`)],
  observe: (p) => [lookAtFilters(p)],
  read: readFilter,
  plan: (p, seen) =>
    when(seen, (found) =>
      change({
        found,
        same: (filter) => filter.enabled === Number(p.enabled),
        call: uapi(p.account, p.enabled ? 'Email::enable_filter' : 'Email::disable_filter', {
          account: whoseFilter(p),
          filtername: p.name,
        }),
        absent: noFilter(p.name),
      }),
    ),
});
