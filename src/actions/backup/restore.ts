import { z } from 'zod';
import { uapi } from '../../whm/call.ts';
import { apply, define } from '../define.ts';
import * as f from '../fields.ts';
import { lookAtFile, noSuch, onHome, readFile } from '../file/seen.ts';

/** A backup as cPanel names it. */
export const backupName = /^backup-[\w.-]+\.tar\.gz$/;

/**
 * Backup::restore_files, from a backup that lies in the home. It writes what the backup holds and deletes nothing;
 * doing it twice leaves the same files.
 */
export const restoreFiles = define({
  ...onHome,
  id: 'backup.restore-files',
  title: 'Restore files from backup',
  params: z.strictObject({
    account: f.account().meta({ label: 'Account' }),
    backup: f.fileName().regex(backupName, 'must be a backup in the home folder').meta({ label: 'Backup' }),
    folder: f.homePath().default('').meta({
      label: 'Into folder',
      help: 'Left empty, to where the files were; files of today with the same names are replaced.',
    }),
  }),
  again: 'safe',
  // A restore is a mass change: nothing of it is carried before all of it is there.
  homes: true,
  longestSeconds: 300,
  observe: (p) => [lookAtFile(p.account, p.backup)],
  read: (_p, answers) => readFile(answers, 0),
  plan: (p, found) =>
    found === undefined
      ? noSuch(p.backup)
      : apply(
          uapi(p.account, 'Backup::restore_files', {
            backup: p.backup,
            ...(p.folder === '' ? {} : { directory: p.folder }),
          }),
        ),
});
