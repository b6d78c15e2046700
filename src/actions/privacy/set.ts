import { z } from 'zod';
import { uapi } from '../../whm/call.ts';
import { when } from '../answers.ts';
import { apply, define, settled } from '../define.ts';
import * as f from '../fields.ts';
import { onHome } from '../file/seen.ts';
import * as seen from './seen.ts';

/** DirectoryPrivacy::configure_directory_protection: lines of .htaccess, so only the active master is told. */
export const setPrivacy = define({
  ...onHome,
  id: 'privacy.set',
  title: 'Protect folder',
  params: z.strictObject({
    ...seen.privacyFields,
    on: f.flag().default(true).meta({ label: 'Ask for a password', input: 'checkbox' }),
    label: f
      .line(100)
      .regex(/^[^"\\]*$/, 'must not hold quotation marks')
      .default('Private')
      .meta({ label: 'Name that visitors are shown' }),
  }),
  again: 'safe',
  reversible: true,
  observe: (p) => [seen.lookAtProtection(p.account, p.folder)],
  read: (_p, answers) => seen.readProtection(answers),
  plan: (p, s) =>
    when(s, (found) => {
      if (found.on === p.on && (!p.on || found.label === p.label)) return settled;
      return apply(
        uapi(p.account, 'DirectoryPrivacy::configure_directory_protection', {
          dir: p.folder,
          authname: p.label,
          enabled: p.on,
        }),
      );
    }),
});
