import { z } from 'zod';
import { uapi } from '../../whm/call.ts';
import { when } from '../answers.ts';
import { apply, define } from '../define.ts';
import * as f from '../fields.ts';
import { onHome } from '../file/seen.ts';
import { remove } from '../plans.ts';
import * as seen from './seen.ts';

/** DirectoryPrivacy::add_user, which also gives a user a new password. It cannot be read back; twice is harmless. */
export const setPrivacyUser = define({
  ...onHome,
  id: 'privacy-user.set',
  title: 'Set user of a protected folder',
  params: z.strictObject({
    ...seen.privacyFields,
    user: seen.userField,
    password: f.password().meta({ label: 'Password', secret: true, input: 'password' }),
  }),
  blind: ['password'],
  again: 'safe',
  observe: () => [],
  read: () => undefined,
  plan: (p) =>
    apply(uapi(p.account, 'DirectoryPrivacy::add_user', { dir: p.folder, user: p.user, password: p.password })),
});

/** DirectoryPrivacy::delete_user. */
export const deletePrivacyUser = define({
  ...onHome,
  id: 'privacy-user.delete',
  title: 'Delete user of a protected folder',
  params: z.strictObject({ ...seen.privacyFields, user: seen.userField }),
  again: 'read back',
  observe: (p) => [seen.lookAtUsers(p.account, p.folder)],
  read: (_p, answers) => seen.readUsers(answers),
  plan: (p, s, place) =>
    when(s, (users) =>
      remove(place, {
        found: users.includes(p.user),
        call: uapi(p.account, 'DirectoryPrivacy::delete_user', { dir: p.folder, user: p.user }),
        absent: `There is no user ${p.user}.`,
      }),
    ),
});
