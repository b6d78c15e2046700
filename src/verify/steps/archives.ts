/** Archives of accounts: packing leaves a file that no WHM function removes, so it is named and not tried. */
import type { Step } from '../model.ts';
import { untried } from './build.ts';

export const archiveSteps: readonly Step[] = [
  untried(
    'archives.pack',
    'start_background_pkgacct writes cpmove-USER.tar.gz into the folder tarroot: cp/USER, homedir, mysql/DATABASE.sql, domainkeys/private/DOMAIN and homedir/ssl/keys below one folder.',
    ['archives.tarroot', 'archives.places'],
    'pkgacct leaves a file on the server that no WHM function removes; the first real archive is its check',
  ),
  {
    ...untried(
      'archives.restore',
      'start_local_cpmove_restore brings an account back under its name, with update_a_records=all at this server’s address.',
      ['archives.restore', 'archives.uid'],
      'it needs an account to be removed and an archive on the server',
    ),
    action: 'account.restore',
  },
];
