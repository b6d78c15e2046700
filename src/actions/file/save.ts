import { z } from 'zod';
import { uapi } from '../../whm/call.ts';
import { apply, define, refused, settled } from '../define.ts';
import * as f from '../fields.ts';
import * as seen from './seen.ts';

/** Characters of a text that is edited in a page. */
export const longestText = 256 * 1024;

const params = z.strictObject({
  account: seen.accountField,
  folder: seen.folderField,
  name: f.fileName().meta({ label: 'File name' }),
  content: z
    .string()
    .max(longestText, `must be at most ${longestText} characters`)
    .refine((value) => !value.includes('\0'), 'must be text')
    .default('')
    // Passwords of databases stand in such files: sealed, and gone with the operation.
    .meta({ label: 'Content', secret: true, input: 'textarea' }),
  was: z
    .string()
    .regex(/^(new|\d{1,12}:\d{1,15})$/)
    .optional()
    .meta({ label: 'Version that was opened', input: 'hidden' }),
});

/** Fileman::save_file_content. Nobody's changes are lost: what changed since it was opened is not overwritten. */
export const saveFile = define({
  ...seen.onHome,
  id: 'file.save',
  title: 'Save file',
  params,
  again: 'read back',
  observe: (p) => [
    seen.lookAtFile(p.account, seen.below(p.folder, p.name)),
    seen.lookAtContent(p.account, p.folder, p.name),
  ],
  read: (_p, answers) => {
    const found = seen.readFile(answers, 0);
    const isFile = found !== undefined && found.type === 'file';
    return { found, content: isFile ? seen.readContent(answers, 1) : undefined };
  },
  plan(p, { found, content }, place) {
    if (found !== undefined && found.type !== 'file') return refused(`“${p.name}” is a folder.`);
    if (found !== undefined && content === p.content) return settled;
    if (!place.sent && p.was === 'new' && found !== undefined) return seen.isThere(p.name);
    const isOld = p.was !== undefined && p.was !== 'new' && (found === undefined || seen.stampOf(found) !== p.was);
    if (!place.sent && isOld) return refused(`“${p.name}” was changed since you opened it. Nothing was overwritten.`);
    return apply(
      uapi(p.account, 'Fileman::save_file_content', {
        dir: p.folder === '' ? '.' : p.folder,
        file: p.name,
        content: p.content,
        from_charset: 'UTF-8',
        to_charset: 'UTF-8',
      }),
    );
  },
});
