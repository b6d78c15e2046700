/** What sites left behind: error entries, months of traffic, archived visitor logs, disk in use. */
import type { AccountContext, AccountHandler, Entry, Module, Result } from '../handler.ts';
import { no, ok } from '../handler.ts';
import { homeOf, nameOf } from '../home.ts';
import { table } from '../state.ts';
import { domains } from '../tables.ts';
import { usageOf } from '../usage.ts';
import { inTurn, ownedHooks } from './owned.ts';

interface SiteErrors {
  readonly user: string;
  readonly entries: readonly { readonly date: number; readonly entry: string }[];
}

/** Key: 'user/domain'. */
export const siteErrors = table<SiteErrors>('siteErrors', { silent: true, group: (row) => row.user });

interface Traffic {
  readonly user: string;
  /** Seconds since 1970 of the month's first moment → bytes. */
  readonly months: Readonly<Record<string, number>>;
}

/** Key: 'user/domain'. */
export const traffic = table<Traffic>('traffic', { silent: true, group: (row) => row.user });

function errorsOf(context: AccountContext): Result {
  const { params, state, user } = context;
  const domain = params.require('domain');
  if (state.of(domains).get(domain)?.user !== user) return no(`You do not own the domain “${domain}”.`);
  const most = params.number('maxlines') ?? 300;
  return ok((state.of(siteErrors).get(`${user}/${domain}`)?.entries ?? []).slice(-most));
}

function bandwidth(context: AccountContext): Result {
  const { account, host, state, user } = context;
  const rows = state
    .of(traffic)
    .entries()
    .filter(([, row]) => row.user === user)
    .flatMap(([key, row]) =>
      Object.entries(row.months).map(([month, bytes]) => ({
        bytes,
        domain: key.slice(user.length + 1),
        month_start: Number(month),
        protocol: 'http',
      })),
    );
  const date = new Date(host.now());
  const start = Date.UTC(date.getUTCFullYear(), date.getUTCMonth()) / 1000;
  const { bandwidthBytes } = usageOf(state, user);
  const now = { bytes: bandwidthBytes, domain: account.domain, month_start: start, protocol: 'http' };
  return ok(bandwidthBytes === 0 ? rows : [...rows, now]);
}

function quotaInfo(context: AccountContext): Result {
  const { account, state, user } = context;
  const used = usageOf(state, user).diskMb;
  const limit = account.limits.quota ?? 0;
  const isUnder = limit === 0 || used < limit ? 1 : 0;
  return ok({
    inode_limit: 0,
    inodes_remain: 0,
    inodes_used: 0,
    megabyte_limit: limit,
    megabytes_remain: limit === 0 ? 0 : Math.max(0, limit - used),
    megabytes_used: used,
    under_inode_limit: 1,
    under_megabyte_limit: isUnder,
    under_quota_overall: isUnder,
  });
}

function archives(context: AccountContext): Result {
  const home = homeOf(context);
  if (home.stat('logs')?.isDirectory() !== true) return ok([]);
  const files = home.list('logs').filter((entry) => entry.path.endsWith('.gz'));
  return ok(files.map(({ path, stats }) => ({ file: nameOf(path), mtime: Math.floor(stats.mtimeMs / 1000), path })));
}

const uapi: Readonly<Record<string, Entry<AccountHandler>>> = {
  'Stats::get_site_errors': errorsOf,
  'Stats::get_bandwidth': bandwidth,
  'Quota::get_quota_info': quotaInfo,
  'LogManager::list_archives': archives,
};

export const siteLogs: Module = { uapi, hooks: inTurn(ownedHooks(siteErrors), ownedHooks(traffic)) };
