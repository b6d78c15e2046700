import { z } from 'zod';
import { when } from '../answers.ts';
import { apply, define, settled } from '../define.ts';
import * as f from '../fields.ts';
import * as seen from './seen.ts';

/**
 * fileop trash or unlink. What is deleted in a home is deleted there, and file sync carries it, with its own brakes: so
 * nothing on another master is destroyed by this call.
 */
export const deleteFiles = define({
  ...seen.onHome,
  id: 'file.delete',
  title: 'Delete files',
  params: z.strictObject({
    account: seen.accountField,
    folder: seen.folderField,
    names: seen.namesField,
    forever: f.flag().default(false).meta({ label: 'At once, without the trash', input: 'checkbox' }),
  }),
  again: 'read back',
  observe: (p) => [seen.lookAtFolder(p.account, p.folder)],
  read: (_p, answers) => seen.readFolder(answers, 0),
  plan: (p, names, place) =>
    when(names, (there) => {
      const todo = p.names.filter((name) => there.has(name));
      if (!place.sent && todo.length < p.names.length) {
        return seen.noSuch(p.names.find((name) => !there.has(name)) ?? '');
      }
      if (todo.length === 0) return settled;
      const paths = todo.map((name) => seen.below(p.folder, name));
      return apply(seen.fileop(p.account, p.forever ? 'unlink' : 'trash', paths, []));
    }),
});
