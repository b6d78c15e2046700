import { z } from 'zod';
import { uapi } from '../../whm/call.ts';
import { when } from '../answers.ts';
import { define } from '../define.ts';
import * as f from '../fields.ts';
import { onHome } from '../file/seen.ts';
import { create } from '../plans.ts';
import * as seen from './seen.ts';

/** Mime::add_redirect: lines of .htaccess, which is a file, so only the active master is told. */
export const addRedirect = define({
  ...onHome,
  id: 'redirect.add',
  title: 'Add redirect',
  params: z.strictObject({
    ...seen.redirectFields,
    to: f.webAddress().meta({ label: 'To address', placeholder: 'https://example.com/new' }),
    permanent: f.flag().default(true).meta({ label: 'For good (301)', input: 'checkbox' }),
    wildcard: f.flag().default(false).meta({ label: 'Everything below the path too', input: 'checkbox' }),
  }),
  again: 'read back',
  reversible: true,
  observe: (p) => [seen.lookAtRedirects(p.account)],
  read: (_p, answers) => seen.readRedirects(answers),
  plan: (p, s, place) =>
    when(s, (list) =>
      create(place, {
        found: seen.redirectFor(list, p),
        same: (one) => one.to === p.to && one.permanent === p.permanent && one.wildcard === p.wildcard,
        call: uapi(p.account, 'Mime::add_redirect', {
          domain: p.domain,
          src: p.path,
          redirect: p.to,
          type: p.permanent ? 'permanent' : 'temp',
          redirect_wildcard: p.wildcard,
          redirect_www: 0,
        }),
        exists: `${p.domain}${p.path} is redirected already.`,
      }),
    ),
});
