/** FTP: UAPI `Ftp` and the API 2 functions of the same meaning. */
import type { AccountContext, AccountHandler, Entry, Hooks, Module, Result } from '../handler.ts';
import { no, ok } from '../handler.ts';
import { Refusal } from '../params.ts';
import { folder } from './domains-change.ts';
import { ftpReadsApi2, ftpReadsUapi } from './ftp-lists.ts';
import type { FtpAccount } from './ftp-store.ts';
import { changeFtp, dropFtp, ftpAccounts, ftpName, moveHome } from './ftp-store.ts';
import { checkPassword } from './names.ts';

/** MB; null is unlimited, as 0 and nothing are. */
function quotaOf(context: AccountContext): number | null {
  const given = context.params.number('quota');
  if (given === undefined || given === 0 || given === Number.POSITIVE_INFINITY) return null;
  if (Number.isNaN(given) || given < 0)
    throw new Refusal('The quota must be a whole number of megabytes, or “unlimited”.');
  return given;
}

function existing(context: AccountContext): FtpAccount {
  const { login } = ftpName(context, context.params.require('user'));
  const found = context.state.of(ftpAccounts).get(login);
  if (found?.user !== context.user) throw new Refusal(`The FTP account “${login}” does not exist.`);
  return found;
}

function change(context: AccountContext, more: Partial<FtpAccount>): Result {
  const found = existing(context);
  context.state.of(ftpAccounts).set(found.login, { ...found, ...more });
  return ok(null);
}

function addFtp(context: AccountContext): Result {
  const { params, account, state } = context;
  const given = params.require('user');
  const dotless = params.flag('disallowdot', true)
    ? given.replace(/^[^@]*/u, (name) => name.replaceAll('.', ''))
    : given;
  const wanted = ftpName(context, dotless);
  const hash = params.get('pass_hash') ?? '';
  const password = hash === '' ? params.require('pass') : hash;
  const rows = state.of(ftpAccounts);
  if (rows.has(wanted.login)) return no(`The FTP account “${wanted.login}” already exists.`);
  const { maxftp } = account.limits;
  if (maxftp !== null && rows.keysBy(account.user).length >= maxftp) {
    return no(`You have reached the maximum number of FTP accounts (${maxftp}).`);
  }
  if (hash === '') checkPassword(context, password, wanted.name);
  const homedir = folder(account, params.get('homedir'), `public_html/${wanted.name}`);
  rows.set(wanted.login, { ...wanted, user: account.user, password, quota: quotaOf(context), homedir });
  return ok(null);
}

function passwd(context: AccountContext): Result {
  const password = context.params.require('pass');
  checkPassword(context, password, existing(context).name);
  return change(context, { password });
}

function setQuota(context: AccountContext): Result {
  return change(context, { quota: context.params.flag('kill', false) ? null : quotaOf(context) });
}

function setHomedir(context: AccountContext): Result {
  const found = existing(context);
  return change(context, { homedir: folder(context.account, context.params.get('homedir'), found.login) });
}

function deleteFtp(context: AccountContext): Result {
  context.state.of(ftpAccounts).delete(existing(context).login);
  return ok(null);
}

function exists(context: AccountContext): Result {
  existing(context);
  return ok(1);
}

const uapi: Readonly<Record<string, Entry<AccountHandler>>> = {
  ...ftpReadsUapi,
  'Ftp::add_ftp': addFtp,
  'Ftp::passwd': passwd,
  'Ftp::set_quota': setQuota,
  'Ftp::set_homedir': setHomedir,
  'Ftp::delete_ftp': deleteFtp,
  'Ftp::ftp_exists': exists,
  'Ftp::get_quota': (c) => {
    const { login } = ftpName(c, c.params.require('account'));
    const found = c.state.of(ftpAccounts).get(login);
    return found?.user === c.user
      ? ok(String(found.quota ?? 'unlimited'))
      : no(`The FTP account “${login}” does not exist.`);
  },
};

function twin(run: AccountHandler, params: readonly string[]): Entry<AccountHandler> {
  return {
    params: ['user', 'domain', ...params],
    run: (context) => {
      const result = run(context);
      return result.ok ? ok([{ result: 1, reason: 'OK' }]) : result;
    },
  };
}

const api2: Readonly<Record<string, Entry<AccountHandler>>> = {
  ...ftpReadsApi2,
  'Ftp::addftp': twin(addFtp, ['pass', 'quota', 'homedir', 'disallowdot']),
  'Ftp::passwd': twin(passwd, ['pass']),
  'Ftp::setquota': twin(setQuota, ['quota', 'kill']),
  'Ftp::delftp': twin(deleteFtp, ['destroy']),
};

const hooks: Hooks = {
  removing: (context, account) => dropFtp(context, account.user),
  renamed: (context, account, from) => changeFtp(context, from, (row) => moveHome(row, from, account)),
  domainChanged: (context, account, from) =>
    changeFtp(context, account.user, (row) =>
      row.domain === from ? { ...row, domain: account.domain, login: `${row.name}@${account.domain}` } : row,
    ),
};

export const ftp: Module = { uapi, api2, hooks };
