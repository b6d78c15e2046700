/** FTP accounts. */
import { encrypt } from 'unixcrypt';
import { uapi } from '../../whm/call.ts';
import type { Step, Values } from '../model.ts';
import { does, makes, told } from './build.ts';

const login = (v: Values) => ({ account: v.user, login: 'up', domain: v.domain });

export const ftpSteps: readonly Step[] = [
  does({
    id: 'ftp.add',
    assumption: 'An FTP account is made and listed; made twice it is refused.',
    action: 'ftp.add',
    params: (v) => ({ ...login(v), password: v.password, folder: 'public_html/up', quotaMb: 100 }),
    repeated: 'refused',
    expect: { again: 'refused' },
  }),
  {
    id: 'ftp.hash',
    assumption: 'add_ftp takes SHA-512 crypt as pass_hash in place of a password.',
    kind: 'write',
    needs: 'account',
    expect: { outcome: 'done' },
    async run(side) {
      const { user, domain, password } = side.values;
      const one = { user: 'hashed', domain };
      const more = { pass_hash: encrypt(password), homedir: 'public_html/hashed' };
      const made = told(await side.call(uapi(user, 'Ftp::add_ftp', { ...one, ...more })));
      await side.call(uapi(user, 'Ftp::delete_ftp', { ...one, destroy: 1 }));
      return made;
    },
  },
  makes({
    id: 'ftp.list',
    assumption: 'list_ftp tells user, type and homedir.',
    call: (v) => uapi(v.user, 'Ftp::list_ftp'),
  }),
  makes({
    id: 'ftp.list-disk',
    assumption: 'list_ftp_with_disk tells serverlogin, dir and diskquota.',
    call: (v) => uapi(v.user, 'Ftp::list_ftp_with_disk'),
  }),
  does({
    id: 'ftp.quota',
    assumption: 'set_quota counts in megabytes and reads back.',
    action: 'ftp.quota',
    params: (v) => ({ ...login(v), quotaMb: 200 }),
    repeated: 'done',
    expect: { again: 'settled' },
  }),
  does({
    id: 'ftp.password',
    assumption: 'Ftp::passwd may be sent again.',
    action: 'ftp.password',
    params: (v) => ({ ...login(v), password: v.password2 }),
    repeated: 'done',
    expect: { after: 'apply' },
  }),
  does({
    id: 'ftp.remove',
    assumption: 'An FTP account is gone after it was deleted, its files are not.',
    action: 'ftp.delete',
    params: login,
    repeated: 'refused',
  }),
];
