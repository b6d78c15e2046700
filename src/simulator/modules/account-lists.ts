import type { Context, Module, Result } from '../handler.ts';
import { no, ok } from '../handler.ts';
import { Refusal } from '../params.ts';
import { type Account, accounts, type Domain, domains, type Limit } from '../tables.ts';
import { usageOf } from '../usage.ts';
import { isOwn, ownAccount, visibleAccounts } from './access.ts';
import { shown } from './limits.ts';

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'] as const;

/** '13 May 22 16:03'. */
function startText(seconds: number): string {
  const date = new Date(seconds * 1000);
  const two = (n: number): string => String(n).padStart(2, '0');
  const day = `${two(date.getUTCDate())} ${MONTHS[date.getUTCMonth()]} ${two(date.getUTCFullYear() % 100)}`;
  return `${day} ${two(date.getUTCHours())}:${two(date.getUTCMinutes())}`;
}

function megabytes(limit: Limit): string {
  return limit === null ? 'unlimited' : `${limit}M`;
}

type Fields = Readonly<Record<string, unknown>>;

/** Rows never change, so what they look like is worked out once: lists of a thousand accounts are asked for all the time. */
const known = new WeakMap<Account, Fields>();

/** One entry of listaccts and accountsummary. */
export function accountFields(account: Account): Fields {
  const found = known.get(account) ?? fieldsOf(account);
  known.set(account, found);
  return found;
}

function fieldsOf(account: Account): Fields {
  const { limits } = account;
  return {
    backup: account.backup ? 1 : 0,
    child_nodes: [],
    disklimit: megabytes(limits.quota),
    diskused: '0M',
    domain: account.domain,
    email: account.email === '' ? '*unknown*' : account.email,
    inodeslimit: 'unlimited',
    inodesused: 12,
    ip: account.ip,
    ipv6: [],
    is_locked: account.locked ? 1 : 0,
    is_temporary_domain: account.temporary ? 1 : 0,
    legacy_backup: 0,
    mailbox_format: account.mailboxFormat,
    max_defer_fail_percentage: shown(limits.maxDeferFailPercentage),
    max_email_per_hour: shown(limits.maxEmailPerHour),
    max_emailacct_quota: shown(limits.maxEmailacctQuota),
    maxaddons: shown(limits.maxaddon),
    maxftp: shown(limits.maxftp),
    maxlst: shown(limits.maxlst),
    maxparked: shown(limits.maxpark),
    maxpop: shown(limits.maxpop),
    maxsql: shown(limits.maxsql),
    maxsub: shown(limits.maxsub),
    min_defer_fail_to_trigger_protection: '5',
    outgoing_mail_hold: account.outgoingHold ? 1 : 0,
    outgoing_mail_suspended: account.outgoingSuspended ? 1 : 0,
    owner: account.owner,
    partition: 'home',
    plan: account.plan,
    shell: account.suspended ? '/bin/false' : account.shell,
    startdate: startText(account.startdate),
    suspended: account.suspended ? 1 : 0,
    suspendreason: account.suspendReason,
    suspendtime: account.suspendTime,
    temporary: account.temporary ? 1 : 0,
    theme: limits.cpmod,
    uid: account.uid,
    unix_startdate: account.startdate,
    user: account.user,
  };
}

/** What changes without the account's row. */
function used({ state }: Context, { user }: Account): Fields {
  return { diskused: `${usageOf(state, user).diskMb}M` };
}

const SEARCHED: Readonly<Record<string, (account: Account) => string>> = {
  domain: (a) => a.domain,
  owner: (a) => a.owner,
  user: (a) => a.user,
  username: (a) => a.user,
  ip: (a) => a.ip,
  package: (a) => a.plan,
};

function matcher(context: Context): (account: Account) => boolean {
  const { params } = context;
  const term = params.get('search') ?? '';
  const field = SEARCHED[params.get('searchtype') ?? 'domain'] ?? ((a: Account) => a.domain);
  if (term === '') return () => true;
  if (params.get('searchmethod') === 'exact') return (account) => field(account) === term;
  const pattern = patternOf(term);
  return (account) => pattern.test(field(account));
}

function patternOf(term: string): RegExp {
  try {
    return new RegExp(term, 'i');
  } catch {
    // cPanel searches for the text itself when it is no regular expression.
    return new RegExp(term.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'), 'i');
  }
}

function wanted(context: Context, fields: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const want = context.params.get('want') ?? '';
  if (want === '') return fields;
  return Object.fromEntries(want.split(',').map((name) => [name.trim(), fields[name.trim()] ?? null]));
}

function listaccts(context: Context): Result {
  const found = visibleAccounts(context).filter(matcher(context));
  if (found.length === 0 && context.params.has('search') && context.host.atLeast('11.136'))
    return no('No accounts found.');
  return ok({ acct: found.map((a) => wanted(context, { ...accountFields(a), ...used(context, a), has_backup: 0 })) });
}

function accountsummary(context: Context): Result {
  const { params, state } = context;
  const domain = params.get('domain');
  const user =
    params.get('user') ?? (domain === undefined ? undefined : (state.of(domains).get(domain)?.user ?? domain));
  if (user === undefined || user === '') throw new Refusal('You must specify a user or domain to get a summary of');
  const account = ownAccount(context, user, 'Account does not exist.');
  return ok({ acct: [{ ...accountFields(account), ...used(context, account) }] });
}

function list_users(context: Context): Result {
  return ok({
    users: [...visibleAccounts(context).map((a) => a.user), ...(context.caller.kind === 'root' ? ['root'] : [])].sort(),
  });
}

function domainFields(context: Context, domain: Domain): Readonly<Record<string, unknown>> {
  const account = context.state.of(accounts).get(domain.user);
  return {
    docroot: domain.docroot,
    domain: domain.domain,
    domain_type: domain.type,
    ipv4: account?.ip ?? '',
    ipv4_ssl: account?.ip ?? '',
    ipv6: null,
    ipv6_is_dedicated: 0,
    modsecurity_enabled: 1,
    parent_domain: domain.parent,
    php_version: 'ea-php83',
    port: 80,
    port_ssl: 443,
    user: domain.user,
    user_owner: account?.owner ?? 'root',
  };
}

function get_domain_info(context: Context): Result {
  const mine = visibleAccounts(context).flatMap((a) => context.state.of(domains).by(a.user));
  return ok({ domains: mine.map((d) => domainFields(context, d)) });
}

function getdomainowner(context: Context): Result {
  const domain = context.state.of(domains).get(context.params.require('domain').toLowerCase());
  return ok({ user: domain?.user ?? null });
}

function domainuserdata(context: Context): Result {
  const { params, state } = context;
  const domain = state.of(domains).get(params.require('domain').toLowerCase());
  const account = domain === undefined ? undefined : state.of(accounts).get(domain.user);
  if (domain === undefined || account === undefined || !isOwn(context, account)) {
    throw new Refusal('Unable to determine account owner for domain.');
  }
  const userdata = {
    customlog: [{ format: 'combined', target: `/etc/apache2/logs/domlogs/${domain.domain}` }],
    documentroot: domain.docroot,
    group: account.user,
    hascgi: account.limits.cgi ? 1 : 0,
    homedir: account.homedir,
    ip: account.ip,
    owner: account.owner,
    phpopenbasedirprotect: 1,
    port: 80,
    scriptalias: [{ path: `${domain.docroot}/cgi-bin`, url: '/cgi-bin/' }],
    serveradmin: `webmaster@${domain.domain}`,
    serveralias: `www.${domain.domain} mail.${domain.domain}`,
    servername: domain.domain,
    usecanonicalname: 'Off',
    user: account.user,
    userdirprotect: '',
  };
  return ok({ userdata }, { reason: 'Obtained userdata.' });
}

export const accountLists: Module = {
  whm: {
    listaccts,
    accountsummary: { run: accountsummary, params: ['domain'] },
    list_users,
    get_domain_info,
    getdomainowner,
    domainuserdata,
    get_current_users_count: (context) => ok({ users: context.state.of(accounts).size }),
  },
};
