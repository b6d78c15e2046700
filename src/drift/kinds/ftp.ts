import { z } from 'zod';
import { uapi } from '../../whm/call.ts';
import { type Kind, noRepair } from '../model.ts';
import { oneStep, quota, seen, text, told, unread } from './reading.ts';

const rows = z.array(
  z.object({
    login: z.string(),
    serverlogin: z.string().nullish(),
    accttype: z.string().nullish(),
    dir: z.string().nullish(),
    diskquota: z.union([z.string(), z.number()]).nullish(),
  }),
);
const ask = (account: string) => uapi(account, 'Ftp::list_ftp_with_disk');

/** FTP accounts that the customer made; those that every account has by itself are left out. */
export const ftpKind: Kind = {
  id: 'ftp',
  title: 'FTP accounts',
  scope: 'account',
  rank: 80,
  findable: true,
  rounds: [(account) => [ask(account)]],
  read(account, answers) {
    const read = told(answers, ask(account), rows);
    if ('reason' in read) return unread(read.reason);
    return seen(
      read.value
        .filter((r) => (r.accttype ?? 'sub') === 'sub')
        .map((r) => [
          (r.serverlogin ?? r.login).toLowerCase(),
          { folder: (r.dir ?? '').replace(/^\/[^/]+\/[^/]+\/?/, ''), 'quota (MB)': String(quota(text(r.diskquota))) },
        ]),
    );
  },
  touched: (action, p) =>
    action.startsWith('ftp.') ? `${text(p['login'])}@${text(p['domain'])}`.toLowerCase() : undefined,
  repair(input) {
    const { account, name, from, to } = input;
    const at = name.lastIndexOf('@');
    const params = { account, login: name.slice(0, at), domain: name.slice(at + 1) };
    if (from.value === undefined)
      return oneStep(input, 'ftp.delete', params, `Delete the FTP account ${name}; its files stay`, true);
    if (to.value === undefined)
      return noRepair(
        'Its password cannot be read through cPanel, so it cannot be made alike. Set a new password where it is, and add it there with the same.',
      );
    if (from.value['quota (MB)'] === to.value['quota (MB)'])
      return noRepair('The folder of an existing FTP account is not changed by Tandem.');
    return oneStep(
      input,
      'ftp.quota',
      { ...params, quotaMb: quota(from.value['quota (MB)']) },
      `Set its quota to ${from.value['quota (MB)']} MB`,
    );
  },
};
