/** What an account reads about itself: UAPI `Features`, `StatsBar`, `Variables`; API 2 `StatsBar`. */
import type { AccountContext, AccountHandler, Entry, Module, Result } from '../handler.ts';
import { no, ok } from '../handler.ts';
import { type Domain, domains, featureLists, type Limit } from '../tables.ts';
import { usageOf } from '../usage.ts';
import { mysqlStore } from './database-store.ts';
import { FEATURES } from './feature-lists.ts';
import { ftpAccounts } from './ftp-store.ts';
import { shown } from './limits.ts';
import { autoResponders, mailboxes } from './mail-store.ts';
import { mailingLists } from './mailing-lists.ts';

type Row = Readonly<Record<string, unknown>>;

function featuresOf({ account, state }: AccountContext): Readonly<Record<string, 0 | 1>> {
  const list = state.of(featureLists).get(account.limits.featurelist);
  return Object.fromEntries(Object.keys(FEATURES).map((id) => [id, list?.features[id] === false ? 0 : 1] as const));
}

function hasFeature(context: AccountContext): Result {
  const name = context.params.require('name');
  return featuresOf(context)[name] === 1 ? ok() : no(`You do not have the feature “${name}”.`);
}

interface Stat {
  readonly item: string;
  readonly count: number;
  readonly max: Limit;
  readonly units?: string;
}

function domainsOf({ state, user }: AccountContext, type: Domain['type']): number {
  return state
    .of(domains)
    .by(user)
    .filter((d) => d.type === type).length;
}

/** Counts and bounds by the names that `display` takes. */
function counted(context: AccountContext): Readonly<Record<string, Stat>> {
  const { account, state, user } = context;
  const { limits } = account;
  const usage = usageOf(state, user);
  return {
    diskusage: { item: 'Disk Space Usage', count: usage.diskMb, max: limits.quota, units: 'MB' },
    bandwidthusage: {
      item: 'Monthly Bandwidth Transfer',
      count: Math.round(usage.bandwidthBytes / 1_048_576),
      max: limits.bwlimit,
      units: 'MB',
    },
    emailaccounts: { item: 'Email Accounts', count: state.of(mailboxes).by(user).length, max: limits.maxpop },
    autoresponders: { item: 'Autoresponders', count: state.of(autoResponders).by(user).length, max: null },
    mailinglists: { item: 'Mailing Lists', count: state.of(mailingLists).by(user).length, max: limits.maxlst },
    addondomains: { item: 'Addon Domains', count: domainsOf(context, 'addon'), max: limits.maxaddon },
    parkeddomains: { item: 'Aliases', count: domainsOf(context, 'parked'), max: limits.maxpark },
    subdomains: { item: 'Subdomains', count: domainsOf(context, 'sub'), max: limits.maxsub },
    sqldatabases: {
      item: 'Databases',
      count: state.of(mysqlStore.mappedDatabases).by(user).length,
      max: limits.maxsql,
    },
    ftpaccounts: { item: 'FTP Accounts', count: state.of(ftpAccounts).by(user).length, max: limits.maxftp },
  };
}

function countedRow(name: string, { item, count, max, units }: Stat): Row {
  const percent = max === null || max === 0 ? 0 : Math.min(100, Math.round((count * 100) / max));
  const isMaxed = max !== null && count >= max ? 1 : 0;
  return {
    _count: String(count),
    _max: shown(max),
    _maxed: isMaxed,
    count: units === undefined ? count : `${count} ${units}`,
    id: name,
    is_maxed: isMaxed,
    item,
    max: shown(max),
    name,
    percent,
    percent10: Math.round(percent / 10) * 10,
    percent20: Math.round(percent / 20) * 20,
    percent5: Math.round(percent / 5) * 5,
    ...(units === undefined ? {} : { units }),
    zeroisunlimited: units === undefined ? 0 : 1,
  };
}

function told({ account, host }: AccountContext): Readonly<Record<string, readonly [item: string, value: string]>> {
  return {
    hostname: ['Hostname', host.hostname],
    sharedip: ['Shared IP Address', account.ip],
    dedicatedip: ['Dedicated IP Address', account.dedicated ? account.ip : ''],
    cpanelversion: ['cPanel Version', host.version],
    hostingpackage: ['Hosting Package', account.plan],
    theme: ['Theme', account.limits.cpmod],
  };
}

/** Rows in the order asked for; names that mean nothing are left out. */
function stats(context: AccountContext): Result {
  const [numbers, texts] = [counted(context), told(context)];
  const rows = context.params
    .require('display')
    .split('|')
    .flatMap((name): readonly Row[] => {
      const [number, text] = [numbers[name], texts[name]];
      if (number !== undefined) return [countedRow(name, number)];
      return text === undefined ? [] : [{ id: name, item: text[0], name, value: text[1] }];
    });
  return ok(rows);
}

function userInformation(context: AccountContext): Result {
  const { account, state, user } = context;
  const { limits } = account;
  const own = state.of(domains).by(user);
  const all: Row = {
    backup_enabled: account.backup ? 1 : 0,
    bandwidth_limit: (limits.bwlimit ?? 0) * 1_048_576,
    cgi_enabled: limits.cgi ? 1 : 0,
    contact_email: account.email,
    created: account.startdate,
    dkim_enabled: account.dkim ? 1 : 0,
    domain: account.domain,
    domains: own.map((d) => d.domain),
    feature_list: limits.featurelist,
    gid: account.gid,
    home: account.homedir,
    ip: account.ip,
    locale: account.locale,
    mailbox_format: account.mailboxFormat,
    maximum_addon_domains: shown(limits.maxaddon),
    maximum_databases: shown(limits.maxsql),
    maximum_ftp_accounts: shown(limits.maxftp),
    maximum_mail_accounts: shown(limits.maxpop),
    maximum_mailing_lists: shown(limits.maxlst),
    maximum_parked_domains: shown(limits.maxpark),
    maximum_subdomains: shown(limits.maxsub),
    owner: account.owner,
    plan: account.plan,
    shell: account.shell,
    spf_enabled: account.spf ? 1 : 0,
    theme: limits.cpmod,
    uid: account.uid,
    user,
  };
  const names = context.params.list('name');
  if (names.length === 0) return ok(all);
  return ok(Object.fromEntries(names.map((name) => [name, all[name] ?? null])));
}

const uapi: Readonly<Record<string, Entry<AccountHandler>>> = {
  'Features::list_features': (c) => ok(featuresOf(c)),
  'Features::has_feature': hasFeature,
  'StatsBar::get_stats': stats,
  'Variables::get_user_information': { run: userInformation, params: ['name-#'] },
};

const api2: Readonly<Record<string, Entry<AccountHandler>>> = {
  'StatsBar::stat': { run: stats, params: ['display', 'infinityimg', 'infinitylang', 'rowcounter', 'warnings'] },
};

export const accountInfo: Module = { uapi, api2 };
