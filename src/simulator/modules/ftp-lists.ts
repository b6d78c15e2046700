/** Lists of FTP accounts and facts on the FTP server. */
import type { AccountContext, AccountHandler, Entry } from '../handler.ts';
import { ok } from '../handler.ts';
import { table } from '../state.ts';
import { ftpAccounts } from './ftp-store.ts';

type Row = Readonly<Record<string, unknown>>;
type Kind = 'main' | 'sub' | 'anonymous' | 'logaccess';

interface Listed {
  readonly login: string;
  readonly name: string;
  readonly type: Kind;
  readonly homedir: string;
  readonly quota: number | null;
}

interface Anonymous {
  readonly allowed: boolean;
  readonly incoming: boolean;
  readonly welcome: string;
}

/** Key: the cPanel account. */
const anonymous = table<Anonymous>('ftp-anonymous', { group: (_row, key) => key });
const closed: Anonymous = { allowed: false, incoming: false, welcome: '' };

/** What the account has by itself, then what it made. */
function all(context: AccountContext): readonly Listed[] {
  const { account, state } = context;
  const row = (login: string, type: Kind, homedir: string): Listed => ({
    login,
    name: login,
    type,
    homedir,
    quota: null,
  });
  const own = [
    row(account.user, 'main', account.homedir),
    row('ftp', 'anonymous', `${account.homedir}/public_ftp`),
    row('anonymous', 'anonymous', `${account.homedir}/public_ftp`),
    row(`${account.user}_logs`, 'logaccess', `/etc/apache2/logs/domlogs/${account.user}`),
  ];
  const subs = state
    .of(ftpAccounts)
    .by(account.user)
    .map((f): Listed => ({ ...f, type: 'sub' }));
  return [...own, ...subs];
}

function names(text: string | undefined): ReadonlySet<string> | undefined {
  return text === undefined || text === '' ? undefined : new Set(text.split(/[|,]/u));
}

function wanted(context: AccountContext): readonly Listed[] {
  const include = names(context.params.get('include_acct_types'));
  const skip = names(context.params.get('skip_acct_types'));
  return all(context).filter((f) => (include === undefined || include.has(f.type)) && skip?.has(f.type) !== true);
}

function listFtp(context: AccountContext): readonly Row[] {
  return wanted(context).map((f) => ({ homedir: f.homedir, type: f.type, user: f.login }));
}

function withDisk(context: AccountContext): readonly Row[] {
  const home = context.account.homedir;
  return wanted(context).map((f) => {
    const quota = f.quota === null ? 'unlimited' : f.quota.toFixed(2);
    return {
      _diskquota: f.quota === null ? '0' : quota,
      _diskused: '0',
      accttype: f.type,
      deleteable: f.type === 'sub' ? 1 : 0,
      dir: f.homedir,
      diskquota: quota,
      diskused: '0.00',
      diskusedpercent: 0,
      diskusedpercent20: 0,
      htmldir: f.homedir,
      humandiskquota: f.quota === null ? 'None' : `${f.quota}\u00a0MB`,
      humandiskused: 'None',
      login: f.name,
      reldir: f.homedir === home ? '' : f.homedir.replace(`${home}/`, ''),
      serverlogin: f.login,
    };
  });
}

function settingsOf(context: AccountContext): Anonymous {
  return context.state.of(anonymous).get(context.user) ?? closed;
}

function change(context: AccountContext, more: Partial<Anonymous>): ReturnType<AccountHandler> {
  context.state.of(anonymous).set(context.user, { ...settingsOf(context), ...more });
  return ok(null);
}

export const ftpReadsUapi: Readonly<Record<string, Entry<AccountHandler>>> = {
  'Ftp::list_ftp': (c) => ok(listFtp(c)),
  'Ftp::list_ftp_with_disk': (c) => ok(withDisk(c)),
  'Ftp::list_sessions': () => ok([]),
  'Ftp::kill_session': () => ok(null),
  'Ftp::get_port': () => ok({ port: 21 }),
  'Ftp::server_name': () => ok('pure-ftpd'),
  'Ftp::get_ftp_daemon_info': () =>
    ok({ enabled: 1, name: 'pure-ftpd', supports: { login_without_domain: 0, quota: 1 } }),
  'Ftp::allows_anonymous_ftp': (c) => ok({ allows: settingsOf(c).allowed ? 1 : 0 }),
  'Ftp::allows_anonymous_ftp_incoming': (c) => ok({ allows: settingsOf(c).incoming ? 1 : 0 }),
  'Ftp::set_anonymous_ftp': (c) => change(c, { allowed: c.params.flag('set', false) }),
  'Ftp::set_anonymous_ftp_incoming': (c) => change(c, { incoming: c.params.flag('set', false) }),
  'Ftp::get_welcome_message': (c) => ok(settingsOf(c).welcome),
  'Ftp::set_welcome_message': (c) => change(c, { welcome: c.params.require('message') }),
};

const types = ['include_acct_types', 'skip_acct_types'];

export const ftpReadsApi2: Readonly<Record<string, Entry<AccountHandler>>> = {
  'Ftp::listftp': { params: types, run: (c) => ok(listFtp(c)) },
  'Ftp::listftpwithdisk': { params: [...types, 'dirhtml'], run: (c) => ok(withDisk(c)) },
  'Ftp::listftpsessions': { params: [], run: () => ok([]) },
};
