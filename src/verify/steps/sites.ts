/** What customers set for their sites: PHP, HTTPS, cron, redirects, protected folders, blocked addresses. */
import { api2 } from '../../whm/call.ts';
import { act } from '../act.ts';
import type { Step } from '../model.ts';
import { at, dataOf, does } from './build.ts';

const unseen = { expect: { after: 'apply' } } as const;
const folder = 'public_html/tried';

export const siteSteps: readonly Step[] = [
  does({
    id: 'sites.https',
    assumption: 'toggle_ssl_redirect_for_domains sends visitors to HTTPS, and the domain shows it.',
    action: 'https.force',
    params: (v) => ({ account: v.user, domain: v.domain, on: true }),
    repeated: 'done',
  }),
  does({
    id: 'sites.autossl',
    assumption: 'start_autossl_check may be asked for at any time.',
    action: 'certificate.check',
    params: (v) => ({ account: v.user }),
    ...unseen,
  }),
  does({
    id: 'sites.php-version',
    assumption: 'php_set_vhost_versions sets a version that is installed, and the site shows it.',
    action: 'php.version',
    params: (v) => ({ account: v.user, domain: v.domain, version: 'ea-php83' }),
  }),
  does({
    id: 'sites.php-settings',
    assumption: 'php_ini_set_user_basic_directives takes “name:value”, and gives the value back.',
    action: 'php.settings',
    params: (v) => ({ account: v.user, domain: v.domain, settings: [['memory_limit', '256M']] }),
  }),
  {
    id: 'sites.cron',
    assumption: 'Cron (API 2) adds lines with keys, removes them by key, and keeps the address for output.',
    kind: 'write',
    action: 'cron.set',
    needs: 'account',
    expect: { before: 'apply', outcome: 'done', after: 'settled' },
    run: (side) =>
      act(side, 'cron.set', {
        account: side.values.user,
        jobs: [{ minute: '0', hour: '3', day: '*', month: '*', weekday: '*', command: 'php cron.php' }],
        email: `cron@${side.values.domain}`,
        runsOn: side.place(false).master.id,
      }),
  },
  does({
    id: 'sites.redirect',
    assumption: 'add_redirect makes a redirect that list_redirects shows.',
    action: 'redirect.add',
    params: (v) => ({ account: v.user, domain: v.domain, path: '/old', to: `https://${v.domain}/new` }),
  }),
  does({
    id: 'sites.redirect-remove',
    assumption: 'delete_redirect takes it away.',
    action: 'redirect.delete',
    params: (v) => ({ account: v.user, domain: v.domain, path: '/old' }),
  }),
  does({
    id: 'sites.privacy',
    assumption: 'configure_directory_protection asks for a password before a folder is shown.',
    action: 'privacy.set',
    params: (v) => ({ account: v.user, folder, on: true, label: 'Ours' }),
    repeated: 'done',
  }),
  does({
    id: 'sites.privacy-user',
    assumption: 'add_user of a protected folder may be called again, with another password.',
    action: 'privacy-user.set',
    params: (v) => ({ account: v.user, folder, user: 'ann', password: v.password }),
    repeated: 'done',
    ...unseen,
  }),
  does({
    id: 'sites.privacy-user-remove',
    assumption: 'delete_user of a protected folder takes it away.',
    action: 'privacy-user.delete',
    params: (v) => ({ account: v.user, folder, user: 'ann' }),
  }),
  does({
    id: 'sites.block',
    assumption: 'BlockIP::add_ip keeps an address out.',
    action: 'block.add',
    params: (v) => ({ account: v.user, address: '192.0.2.7' }),
  }),
  does({
    id: 'sites.unblock',
    assumption: 'BlockIP::remove_ip lets it in again.',
    action: 'block.delete',
    params: (v) => ({ account: v.user, address: '192.0.2.7' }),
  }),
  {
    id: 'sites.restore',
    assumption: 'restore_files writes what a backup in the home holds, and deletes nothing.',
    kind: 'write',
    action: 'backup.restore-files',
    needs: 'account',
    expect: { before: 'apply', outcome: 'done', after: 'apply' },
    async run(side) {
      const account = side.values.user;
      const made = await side.call(api2(account, 'Backups::listfullbackups'));
      return act(side, 'backup.restore-files', { account, backup: at(dataOf(made), 0, 'file') });
    },
  },
];
