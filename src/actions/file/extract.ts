import { z } from 'zod';
import { when } from '../answers.ts';
import { apply, define } from '../define.ts';
import * as f from '../fields.ts';
import * as seen from './seen.ts';

/** fileop extract. What it wrote cannot be told from what was there, and writing it once more changes nothing. */
export const extractFile = define({
  ...seen.onHome,
  id: 'file.extract',
  title: 'Extract archive',
  params: z.strictObject({
    account: seen.accountField,
    folder: seen.folderField,
    name: f.fileName().meta({ label: 'Archive' }),
    to: f.homePath().meta({ label: 'To folder' }),
  }),
  again: 'safe',
  longestSeconds: 300,
  observe: (p) => [seen.lookAtFolder(p.account, p.folder)],
  read: (_p, answers) => seen.readFolder(answers, 0),
  plan: (p, names) =>
    when(names, (there) =>
      there.has(p.name)
        ? apply(seen.fileop(p.account, 'extract', [seen.below(p.folder, p.name)], [p.to === '' ? '.' : p.to]))
        : seen.noSuch(p.name),
    ),
});
