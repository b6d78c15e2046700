/** Files of the home, and backups of it. */
import type { Step } from '../model.ts';
import { does } from './build.ts';

const web = 'public_html';
const fresh = `${web}/tried`;
/** What cannot be read back is planned again. */
const unseen = { expect: { after: 'apply' } } as const;

export const fileSteps: readonly Step[] = [
  does({
    id: 'files.folder',
    assumption: 'mkdir makes a folder, which get_file_information then knows.',
    action: 'file.add-folder',
    params: (v) => ({ account: v.user, folder: web, name: 'tried' }),
  }),
  does({
    id: 'files.save',
    assumption: 'save_file_content writes a text, and get_file_content gives it back as it is.',
    action: 'file.save',
    params: (v) => ({ account: v.user, folder: web, name: 'tried.txt', content: 'grün & "quoted"\n', was: 'new' }),
    repeated: 'done',
  }),
  does({
    id: 'files.copy',
    assumption: 'fileop copy leaves the old file and makes the new one.',
    action: 'file.copy',
    params: (v) => ({ account: v.user, folder: web, names: ['tried.txt'], to: fresh }),
  }),
  does({
    id: 'files.rename',
    assumption: 'fileop rename gives a file another name.',
    action: 'file.rename',
    params: (v) => ({ account: v.user, folder: web, name: 'tried.txt', newName: 'renamed.txt' }),
  }),
  does({
    id: 'files.move',
    assumption: 'fileop move takes the old file away.',
    action: 'file.move',
    params: (v) => ({ account: v.user, folder: web, names: ['renamed.txt'], to: fresh }),
  }),
  does({
    id: 'files.permissions',
    assumption: 'fileop chmod takes an octal mode, and the file shows it.',
    action: 'file.permissions',
    params: (v) => ({ account: v.user, folder: fresh, name: 'renamed.txt', mode: '600' }),
    repeated: 'done',
  }),
  does({
    id: 'files.compress',
    assumption: 'fileop compress makes one archive of several files.',
    action: 'file.compress',
    params: (v) => ({ account: v.user, folder: fresh, names: ['tried.txt', 'renamed.txt'], archive: 'all.zip' }),
  }),
  does({
    id: 'files.extract',
    assumption: 'fileop extract unpacks into a folder.',
    action: 'file.extract',
    params: (v) => ({ account: v.user, folder: fresh, name: 'all.zip', to: 'tmp' }),
    ...unseen,
  }),
  does({
    id: 'files.delete',
    assumption: 'fileop unlink removes files for good.',
    action: 'file.delete',
    params: (v) => ({ account: v.user, folder: fresh, names: ['renamed.txt'] }),
  }),
  does({
    id: 'files.backup',
    assumption: 'fullbackup_to_homedir goes on after its answer; listfullbackups shows it at once.',
    action: 'backup.make',
    params: (v) => ({ account: v.user }),
    expect: { after: 'settled' },
  }),
];
