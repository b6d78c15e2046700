import { z } from 'zod';
import { api2, uapi } from '../../whm/call.ts';
import { readable, when } from '../answers.ts';
import { apply, define, refused, settled } from '../define.ts';
import * as f from '../fields.ts';
import { onHome } from '../file/seen.ts';

const rows = z.array(z.object({ file: z.string(), status: z.string() }));

/** Backup::fullbackup_to_homedir: work that goes on after the answer. One at a time; one too many harms nobody. */
export const makeBackup = define({
  ...onHome,
  id: 'backup.make',
  title: 'Make backup',
  params: z.strictObject({
    account: f.account().meta({ label: 'Account' }),
    withFiles: f.flag().default(true).meta({ label: 'With the files of the home folder', input: 'checkbox' }),
  }),
  again: 'safe',
  observe: (p) => [api2(p.account, 'Backups::listfullbackups')],
  read: (_p, answers) => readable(answers, 0, rows),
  plan: (p, s, place) =>
    when(s, (list) => {
      if (!list.some((one) => one.status === 'inprogress')) {
        return apply(uapi(p.account, 'Backup::fullbackup_to_homedir', { homedir: p.withFiles ? 'include' : 'skip' }));
      }
      return place.sent ? settled : refused('A backup is being made already.');
    }),
});
