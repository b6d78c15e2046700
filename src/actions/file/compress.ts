import { z } from 'zod';
import { when } from '../answers.ts';
import { define } from '../define.ts';
import * as f from '../fields.ts';
import { create } from '../plans.ts';
import * as seen from './seen.ts';

export const archiveKinds = ['zip', 'tar.gz'] as const;

/** fileop compress, into an archive beside what it holds. */
export const compressFiles = define({
  ...seen.onHome,
  id: 'file.compress',
  title: 'Compress files',
  params: z.strictObject({
    account: seen.accountField,
    folder: seen.folderField,
    names: seen.namesField,
    archive: f.fileName().meta({ label: 'Name of the archive', placeholder: 'site.zip' }),
    kind: z.enum(archiveKinds).default('zip').meta({ label: 'Kind' }),
  }),
  again: 'read back',
  longestSeconds: 300,
  observe: (p) => [seen.lookAtFolder(p.account, p.folder)],
  read: (_p, answers) => seen.readFolder(answers, 0),
  plan: (p, names, place) =>
    when(names, (there) => {
      const missing = p.names.find((name) => !there.has(name));
      if (missing !== undefined) return seen.noSuch(missing);
      const from = p.names.map((name) => seen.below(p.folder, name));
      return create(place, {
        found: there.has(p.archive) ? p.archive : undefined,
        same: () => true,
        call: seen.fileop(p.account, 'compress', from, [seen.below(p.folder, p.archive)], p.kind),
        exists: `“${p.archive}” is there already.`,
      });
    }),
});
