import { z } from 'zod';
import { uapi } from '../../whm/call.ts';
import { when } from '../answers.ts';
import { define, exclusive } from '../define.ts';
import { remove } from '../plans.ts';
import { filterFields, filterSubject, lookAtFilters, noFilter, readFilter, whoseFilter } from './seen.ts';

/** Email::delete_filter. */
export const deleteMailFilter = define({
  id: 'mail-filter.delete',
  title: 'Delete mail filter',
  audience: ['staff', 'reseller', 'customer', 'mailbox-user'],
  params: z.strictObject(filterFields),
  again: 'read back',
  reversible: true,
  subject: filterSubject,
  keys: (p) => [exclusive(`account:${p.account}`)],
  observe: (p) => [lookAtFilters(p)],
  read: readFilter,
  plan: (p, seen, place) =>
    when(seen, (found) =>
      remove(place, {
        found: found !== undefined,
        call: uapi(p.account, 'Email::delete_filter', { account: whoseFilter(p), filtername: p.name }),
        absent: noFilter(p.name),
      }),
    ),
});
