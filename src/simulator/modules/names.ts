/** What names and passwords the server takes. Pure but for the state that is looked at. */
import type { Context } from '../handler.ts';
import { Refusal } from '../params.ts';
import { accounts, domains, settings } from '../tables.ts';

const RESERVED = new Set(
  'root bin daemon adm lp sync shutdown halt mail operator games ftp nobody mysql named postgres mailman mailnull cpanel cpanelhulk cpaneleximfilter cpanelphpmyadmin cpanellogin cpses dovecot dovenull sshd dbus all virtual system toor admin spamassassin eximstats roundcube horde cphulkd information_schema performance_schema'.split(
    ' ',
  ),
);

/** Six random letters in WHM's "(XID abcdef) ". */
export function xid(context: Context): string {
  return `(XID ${context.host.randomText(6).toLowerCase()})`;
}

/** Throws the sentence WHM says when a new account may not have this name. */
export function checkUsername(context: Context, user: string, own = ''): void {
  const { state } = context;
  if (!/^[a-z][a-z0-9]{0,15}$/u.test(user)) {
    throw new Refusal(
      `“${user}” is not a valid username: it must begin with a letter and have at most 16 lower-case letters and digits.`,
    );
  }
  if (user.startsWith('test')) throw new Refusal('Usernames may not begin with “test”.');
  if (RESERVED.has(user)) throw new Refusal(`“${user}” is a reserved username.`);
  if (user !== own && state.of(accounts).has(user)) {
    throw new Refusal(`This system already has an account named “${user}”.`);
  }
  const start = user.slice(0, 8);
  const twin = state
    .of(accounts)
    .values()
    .find((a) => a.user !== own && a.user.slice(0, 8) === start);
  if (twin !== undefined) {
    throw new Refusal(
      `The name of another account on this server has the same initial 8 characters as the given username (${user}). Each username’s first 8 characters must be unique on the system.`,
    );
  }
}

const LABEL = /^(?!-)[a-z0-9-]{1,63}(?<!-)$/u;

/** Throws when the text is no domain name of at least two labels. */
export function checkDomainName(domain: string): void {
  const labels = domain.split('.');
  const top = labels.at(-1) ?? '';
  const valid = domain.length <= 253 && labels.length >= 2 && labels.every((l) => LABEL.test(l)) && !/^\d+$/u.test(top);
  if (!valid) throw new Refusal(`“${domain}” is not a valid domain name.`);
}

/** Throws when an account of this server has the domain. */
export function checkDomainFree(context: Context, domain: string): void {
  if (context.state.of(domains).has(domain)) {
    throw new Refusal(`${xid(context)} The domain “${domain}” already exists in the userdata.`);
  }
}

/** 0 to 100; grows with the number of different characters and of their kinds. */
export function strengthOf(password: string): number {
  const kinds = [/[a-z]/u, /[A-Z]/u, /\d/u, /[^A-Za-z0-9]/u].filter((kind) => kind.test(password)).length;
  return Math.min(100, new Set(password).size * 5 + Math.max(0, kinds - 1) * 10);
}

/** Throws when the password is too weak for this server or holds the user's name. */
export function checkPassword(context: Context, password: string, user: string): void {
  if (user.length > 2 && password.toLowerCase().includes(user.toLowerCase())) {
    throw new Refusal('Sorry, the password may not contain the username for security reasons.');
  }
  const minimum = context.state.of(settings).get('server')?.minimumStrength ?? 0;
  if (strengthOf(password) < minimum) {
    throw new Refusal(
      `Sorry, the password you selected cannot be used because it is too weak and would be too easy to guess.  Please select a password with strength rating of ${minimum} or higher.`,
    );
  }
}
