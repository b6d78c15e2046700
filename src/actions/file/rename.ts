import { z } from 'zod';
import { when } from '../answers.ts';
import { apply, define, settled } from '../define.ts';
import * as f from '../fields.ts';
import * as seen from './seen.ts';

/** fileop rename, within one folder. */
export const renameFile = define({
  ...seen.onHome,
  id: 'file.rename',
  title: 'Rename file',
  params: z.strictObject({
    account: seen.accountField,
    folder: seen.folderField,
    name: f.fileName().meta({ label: 'File or folder' }),
    newName: f.fileName().meta({ label: 'New name' }),
  }),
  again: 'read back',
  observe: (p) => [seen.lookAtFolder(p.account, p.folder)],
  read: (_p, answers) => seen.readFolder(answers, 0),
  plan: (p, names, place) =>
    when(names, (there) => {
      const [before, after] = [there.has(p.name), there.has(p.newName)];
      if (!before) return place.sent && after ? settled : seen.noSuch(p.name);
      if (after) return seen.isThere(p.newName);
      const [from, to] = [seen.below(p.folder, p.name), seen.below(p.folder, p.newName)];
      return apply(seen.fileop(p.account, 'rename', [from], [to]));
    }),
});
