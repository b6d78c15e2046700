import { z } from 'zod';
import { api2 } from '../../whm/call.ts';
import { when } from '../answers.ts';
import { define } from '../define.ts';
import * as f from '../fields.ts';
import { create } from '../plans.ts';
import * as seen from './seen.ts';

/** API 2 Fileman::mkdir. */
export const makeFolder = define({
  ...seen.onHome,
  id: 'file.add-folder',
  title: 'Make folder',
  params: z.strictObject({
    account: seen.accountField,
    folder: seen.folderField,
    name: f.fileName().meta({ label: 'Name of the folder' }),
  }),
  again: 'read back',
  observe: (p) => [seen.lookAtFolder(p.account, p.folder)],
  read: (_p, answers) => seen.readFolder(answers, 0),
  plan: (p, names, place) =>
    when(names, (there) =>
      create(place, {
        found: there.has(p.name) ? p.name : undefined,
        same: () => true,
        call: api2(p.account, 'Fileman::mkdir', {
          path: p.folder === '' ? '.' : p.folder,
          name: p.name,
          permissions: '0755',
        }),
        exists: `“${p.name}” is there already.`,
      }),
    ),
});
