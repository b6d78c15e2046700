import { z } from 'zod';
import { apply, define, settled } from '../define.ts';
import * as f from '../fields.ts';
import * as seen from './seen.ts';

/** '0644' of what cPanel writes as text or as a number. */
function modeOf(found: seen.FileInfo): string {
  return `0${String(found.nicemode ?? '').slice(-3)}`;
}

/** fileop chmod. Never writable for everybody's programs: no bit beyond the nine, and none that changes who runs it. */
export const setPermissions = define({
  ...seen.onHome,
  id: 'file.permissions',
  title: 'Change permissions',
  params: z.strictObject({
    account: seen.accountField,
    folder: seen.folderField,
    name: f.fileName().meta({ label: 'File or folder' }),
    mode: z
      .string()
      .regex(/^0?[0-7]{3}$/, 'must be three digits from 0 to 7, such as 644')
      .transform((mode) => `0${mode.slice(-3)}`)
      .meta({ label: 'Permissions', placeholder: '644' }),
  }),
  again: 'safe',
  observe: (p) => [seen.lookAtFile(p.account, seen.below(p.folder, p.name))],
  read: (_p, answers) => seen.readFile(answers, 0),
  plan(p, found) {
    if (found === undefined) return seen.noSuch(p.name);
    if (modeOf(found) === p.mode) return settled;
    return apply(seen.fileop(p.account, 'chmod', [seen.below(p.folder, p.name)], [], p.mode));
  },
});
