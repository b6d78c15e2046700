/** What WHM enforces on resellers when they make accounts. */
import type { Context } from '../handler.ts';
import { Refusal } from '../params.ts';
import {
  type Account,
  accounts,
  type Limit,
  type Limits,
  type Reseller,
  type ResellerLimits,
  resellers,
} from '../tables.ts';

/** What a reseller may do until setacls says otherwise. */
const DEFAULT_ACLS = [
  'acct-summary',
  'basic-system-info',
  'basic-whm-functions',
  'cors-proxy-get',
  'cpanel-api',
  'cpanel-integration',
  'create-user-session',
  'list-pkgs',
  'manage-api-tokens',
  'manage-oidc',
  'manage-styles',
  'mysql-info',
  'public-contact',
  'ssl-info',
  'track-email',
  'ns-config',
  'create-acct',
  'kill-acct',
  'edit-account',
  'list-accts',
  'suspend-acct',
  'upgrade-account',
  'passwd',
  'add-pkg',
  'edit-pkg',
  'manage-dns-records',
  'create-dns',
  'kill-dns',
  'edit-dns',
  'edit-mx',
  'park-dns',
  'quota',
  'limit-bandwidth',
  'show-bandwidth',
] as const;

const NO_LIMITS: ResellerLimits = {
  enabledAccountLimit: false,
  accountLimit: null,
  enabledResourceLimits: false,
  diskMb: null,
  bandwidthMb: null,
  overselling: { disk: false, bandwidth: false },
  enabledPackageLimits: false,
};

/** Gives an account the reseller role; leaves an existing one as it is. */
export function makeReseller(context: Context, user: string): void {
  const rows = context.state.of(resellers);
  if (rows.has(user)) return;
  const reseller: Reseller = {
    user,
    acls: DEFAULT_ACLS,
    acllist: null,
    mainIp: null,
    nameservers: [],
    limits: NO_LIMITS,
    packageLimits: null,
  };
  rows.set(user, reseller);
}

type Pick = (limits: Limits) => Limit;

function sum(owned: readonly Account[], pick: Pick): number {
  let total = 0;
  for (const account of owned) total += pick(account.limits) ?? 0;
  return total;
}

function checkResource(owned: readonly Account[], what: string, wanted: Limit, bound: Limit, pick: Pick): void {
  if (bound === null) return;
  if (wanted === null) {
    throw new Refusal(`Sorry, you are not permitted to create accounts with an unlimited ${what} limit.`);
  }
  const used = sum(owned, pick);
  if (used + wanted > bound) {
    throw new Refusal(
      `Sorry, you have exceeded your ${what} limit: ${used} MB of ${bound} MB are allocated and ${wanted} MB were asked for.`,
    );
  }
}

function checkPackageLimit(owned: readonly Account[], reseller: Reseller, plan: string): void {
  if (!reseller.limits.enabledPackageLimits) return;
  const rule = reseller.packageLimits?.[plan];
  if (rule === undefined || !rule.allowed) throw new Refusal(`You are not permitted to use the package “${plan}”.`);
  const used = owned.filter((a) => a.plan === plan).length;
  if (rule.number !== null && used >= rule.number) {
    throw new Refusal(`You have already created the maximum number of accounts (${rule.number}) with “${plan}”.`);
  }
}

/**
 * Throws when the calling reseller has no room for an account of this plan. `existing` is the account whose plan
 * changes: it is not counted twice.
 */
export function checkResellerRoom(context: Context, plan: string, limits: Limits, existing?: string): void {
  const reseller = context.state.of(resellers).get(context.caller.user);
  if (context.caller.kind !== 'reseller' || reseller === undefined) return;
  const bounds = reseller.limits;
  const owned = context.state
    .of(accounts)
    .by(reseller.user)
    .filter((a) => a.user !== existing);
  if (bounds.enabledAccountLimit && bounds.accountLimit !== null && owned.length >= bounds.accountLimit) {
    throw new Refusal(`Sorry, you have reached your account limit of ${bounds.accountLimit} accounts.`);
  }
  if (bounds.enabledResourceLimits && !bounds.overselling.disk) {
    checkResource(owned, 'disk space', limits.quota, bounds.diskMb, (l) => l.quota);
  }
  if (bounds.enabledResourceLimits && !bounds.overselling.bandwidth) {
    checkResource(owned, 'bandwidth', limits.bwlimit, bounds.bandwidthMb, (l) => l.bwlimit);
  }
  checkPackageLimit(owned, reseller, plan);
}
