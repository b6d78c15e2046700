/**
 * What of a home holds e-mail, its passwords, or everything, and who reaches it: the owner, and whom the owner lets
 * change e-mail. The programs of a site run as the account and can read all of its home, so this keeps e-mail out of
 * these pages, and out of nobody's code: whoever may change a site's programs is trusted with that.
 */
import { type Customer, customerReach } from '../../auth/customers.ts';

const folders = /^(mail|etc|\.cpanel|\.trash\/(mail|etc))(\/|$)|^backup-[^/]*$/;

/** Whether somebody may know of a path of the home. */
export function reachesPath(who: Customer, path: string): boolean {
  return mayMail(who) || !folders.test(bare(path));
}

/** Whether somebody may get everything below a folder, or put anything there: never the whole home. */
export function reachesBelow(who: Customer, folder: string): boolean {
  return mayMail(who) || (bare(folder) !== '' && reachesPath(who, folder));
}

function mayMail(who: Customer): boolean {
  return who.role === 'owner' && customerReach(who, 'mail') === 'change';
}

function bare(path: string): string {
  return path
    .split('/')
    .filter((part) => part !== '' && part !== '.')
    .join('/');
}

/** A folder as cPanel says it, such as '/home/bob/public_html', as one of the home; undefined: it is elsewhere. */
export function inHome(account: string, dir: string): string | undefined {
  if (!dir.startsWith('/')) return bare(dir);
  const [top = '', user, ...rest] = bare(dir).split('/');
  return /^home\d*$/.test(top) && user === account ? rest.join('/') : undefined;
}

/** What a shell takes for the home, before one of its folders. */
const home = '(?:~/|\\$HOME/|\\$\\{HOME\\}/|\\./|/home\\d*/[a-z0-9_-]+/)';
const named = new RegExp(`${home}(?:mail|etc|\\.cpanel)(?![\\w.-])|(?:^|[\\s'"=:;|&<>(])(?:mail|etc|\\.cpanel)/`);
const whole = /(?:^|[\s'"=])(?:~|\$HOME|\$\{HOME\}|\/home\d*\/[a-z0-9_-]+)\/?(?=$|[\s'";|&)])/;

/** Whether a command may be put into the crontab by somebody: one that names e-mail's folders, or the whole home, not. */
export function reachesCommand(who: Customer, command: string): boolean {
  return mayMail(who) || !(named.test(command) || whole.test(command));
}
