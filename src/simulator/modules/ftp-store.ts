/** FTP accounts. */
import type { AccountContext, Context } from '../handler.ts';
import { Refusal } from '../params.ts';
import { table } from '../state.ts';
import type { Account } from '../tables.ts';
import { mailDomain } from './mail-store.ts';

export interface FtpAccount {
  /** 'files@bob.example', what people sign in with. */
  readonly login: string;
  readonly user: string;
  readonly name: string;
  readonly domain: string;
  readonly password: string;
  /** MB; null is unlimited. */
  readonly quota: number | null;
  readonly homedir: string;
}

/** Key: the login. */
export const ftpAccounts = table<FtpAccount>('ftp-accounts', { group: (f) => f.user });

export interface FtpName {
  readonly name: string;
  readonly domain: string;
  readonly login: string;
}

/** The account that `user` and `domain` name together; the domain's default is the main one. */
export function ftpName(context: AccountContext, given: string): FtpName {
  const [name = '', ownDomain] = given.trim().toLowerCase().split('@');
  const domain = mailDomain(context, ownDomain ?? context.params.get('domain') ?? context.account.domain);
  if (!/^[a-z0-9][a-z0-9._-]*$/u.test(name) || name.length > 64)
    throw new Refusal(`“${name}” is not a valid FTP user name.`);
  return { name, domain, login: `${name}@${domain}` };
}

/** Forgets an account's FTP accounts. */
export function dropFtp(context: Context, user: string): void {
  for (const key of context.state.of(ftpAccounts).keysBy(user)) context.state.of(ftpAccounts).delete(key);
}

/** Replaces every FTP account of an account by what `change` makes of it. */
export function changeFtp(context: Context, user: string, change: (row: FtpAccount) => FtpAccount): void {
  const rows = context.state.of(ftpAccounts);
  for (const row of rows.by(user)) {
    const next = change(row);
    rows.delete(row.login);
    rows.set(next.login, next);
  }
}

/** Folders follow an account's new home. */
export function moveHome(row: FtpAccount, from: string, account: Account): FtpAccount {
  const old = account.homedir.replace(new RegExp(`/${account.user}$`, 'u'), `/${from}`);
  const homedir = row.homedir.startsWith(`${old}/`) ? account.homedir + row.homedir.slice(old.length) : row.homedir;
  return { ...row, user: account.user, homedir };
}
