import { z } from 'zod';
import { uapi } from '../../whm/call.ts';
import { when } from '../answers.ts';
import { define } from '../define.ts';
import { onHome } from '../file/seen.ts';
import { remove } from '../plans.ts';
import * as seen from './seen.ts';

/** Mime::delete_redirect. */
export const deleteRedirect = define({
  ...onHome,
  id: 'redirect.delete',
  title: 'Delete redirect',
  params: z.strictObject(seen.redirectFields),
  again: 'read back',
  reversible: true,
  observe: (p) => [seen.lookAtRedirects(p.account)],
  read: (_p, answers) => seen.readRedirects(answers),
  plan: (p, s, place) =>
    when(s, (list) =>
      remove(place, {
        found: seen.redirectFor(list, p) !== undefined,
        call: uapi(p.account, 'Mime::delete_redirect', { domain: p.domain, src: p.path }),
        absent: `${p.domain}${p.path} is not redirected.`,
      }),
    ),
});
