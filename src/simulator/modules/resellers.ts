import { privileges } from '../acls.ts';
import type { Context, Module, Result } from '../handler.ts';
import { ok } from '../handler.ts';
import { Refusal } from '../params.ts';
import { type Account, accounts, type Limit, type Reseller, resellers } from '../tables.ts';
import { ownAccount } from './access.ts';
import { dropAccount, suspend, unsuspend } from './account-life.ts';
import { aclLists } from './acl-lists.ts';
import { limitOf, shown } from './limits.ts';
import { makeReseller } from './reseller-rules.ts';

function existing(context: Context, name: string, missing: string): Reseller {
  const found = context.state.of(resellers).get(name);
  if (found === undefined) throw new Refusal(missing);
  return found;
}

function setupreseller(context: Context): Result {
  const { params, state } = context;
  const account = ownAccount(context, params.require('user'));
  makeReseller(context, account.user);
  if (params.flag('makeowner', false)) state.of(accounts).set(account.user, { ...account, owner: account.user });
  return ok();
}

function unsetupreseller(context: Context): Result {
  const { params, state } = context;
  const user = params.require('user');
  existing(context, user, `“${user}” is not a reseller.`);
  for (const key of state.of(accounts).keysBy(user)) state.of(accounts).update(key, (a) => ({ ...a, owner: 'root' }));
  state.of(resellers).delete(user);
  return ok();
}

/** The privileges of `acl-NAME=1` parameters. */
function askedAcls(context: Context): readonly string[] {
  return privileges.filter((acl) => context.params.flag(`acl-${acl}`, false));
}

function setacls(context: Context): Result {
  const { params, state } = context;
  const reseller = existing(context, params.require('reseller'), 'Not a reseller.');
  const listName = params.get('acllist') ?? '';
  const list = listName === '' ? undefined : state.of(aclLists).get(listName);
  if (listName !== '' && list === undefined) throw new Refusal(`The ACL list “${listName}” does not exist.`);
  state.of(resellers).set(reseller.user, {
    ...reseller,
    acls: list?.acls ?? askedAcls(context),
    acllist: list?.name ?? null,
  });
  return ok();
}

function limit(context: Context, name: string, before: Limit): Limit {
  const text = context.params.get(name);
  return text === undefined ? before : limitOf(name, text);
}

function setresellerlimits(context: Context): Result {
  const { params, state } = context;
  const user = params.require('user');
  const reseller = existing(context, user, 'Reseller Does Not Exist');
  const before = reseller.limits;
  const over = params.flag('enable_overselling', before.overselling.disk && before.overselling.bandwidth);
  state.of(resellers).set(user, {
    ...reseller,
    limits: {
      enabledAccountLimit: params.flag('enable_account_limit', before.enabledAccountLimit),
      accountLimit: limit(context, 'account_limit', before.accountLimit),
      enabledResourceLimits: params.flag('enable_resource_limits', before.enabledResourceLimits),
      diskMb: limit(context, 'diskspace_limit', before.diskMb),
      bandwidthMb: limit(context, 'bandwidth_limit', before.bandwidthMb),
      overselling: {
        disk: params.flag('enable_overselling_diskspace', over),
        bandwidth: params.flag('enable_overselling_bandwidth', over),
      },
      enabledPackageLimits: params.flag('enable_package_limits', before.enabledPackageLimits),
    },
  });
  return ok();
}

function setresellerpackagelimit(context: Context): Result {
  const { params, state } = context;
  const user = params.require('user');
  const reseller = existing(context, user, 'Reseller Does Not Exist');
  const name = params.require('package');
  const rule = { allowed: params.flag('allowed', true), number: limit(context, 'number', null) };
  state.of(resellers).set(user, { ...reseller, packageLimits: { ...reseller.packageLimits, [name]: rule } });
  return ok();
}

function mass(work: (context: Context, account: Account) => void): (context: Context) => Result {
  return (context) => {
    const { params, state } = context;
    const user = params.require('user');
    existing(context, user, 'Reseller Does Not Exist');
    const self = ownAccount(context, user);
    const owned = state
      .of(accounts)
      .by(user)
      .filter((a) => a.user !== user);
    for (const account of params.flag('reseller-only', false) ? [self] : [self, ...owned]) work(context, account);
    return ok(undefined, { reason: 'OK' });
  };
}

const suspendreseller = mass((context, account) => {
  suspend(context, account, context.params.get('reason') ?? '', context.params.flag('disallow', false));
});
const unsuspendreseller = mass((context, account) => {
  unsuspend(context, account);
});

function terminatereseller(context: Context): Result {
  const { params, state } = context;
  const user = params.require('user', 'reseller');
  existing(context, user, `Reseller ${user} Does not exist`);
  const owned = state
    .of(accounts)
    .by(user)
    .filter((a) => a.user !== user);
  for (const account of owned) dropAccount(context, account, false);
  const self = state.of(accounts).get(user);
  if (self !== undefined && params.flag('terminatereseller', true)) dropAccount(context, self, false);
  else state.of(resellers).delete(user);
  const gone = [...owned, ...(self === undefined ? [] : [self])];
  return ok({
    acct: gone.map((a) => ({ output: { raw: '' }, reason: `${a.user} account removed`, result: 1, user: a.user })),
  });
}

function resellerstats(context: Context): Result {
  const { params, state } = context;
  const user = params.get('user', 'reseller') ?? context.caller.user;
  const reseller = existing(context, user, 'Reseller Does Not Exist');
  const date = new Date(context.host.now());
  const acct = state
    .of(accounts)
    .by(user)
    .map((a) => ({
      bandwidthlimit: shown(a.limits.bwlimit),
      bandwidthused: '0',
      deleted: 0,
      diskquota: shown(a.limits.quota),
      diskused: '0.00',
      domain: a.domain,
      package: a.plan,
      suspended: a.suspended ? 1 : 0,
      user: a.user,
    }));
  const totals = {
    bandwidthlimit: reseller.limits.bandwidthMb,
    bwoverselling: reseller.limits.overselling.bandwidth ? 1 : 0,
    diskoverselling: reseller.limits.overselling.disk ? 1 : 0,
    diskquota: reseller.limits.diskMb,
    diskused: 0,
  };
  return ok({ reseller: { acct, ...totals, month: date.getUTCMonth() + 1, year: date.getUTCFullYear(), user } });
}

function acctcounts(context: Context): Result {
  const user = context.params.get('user') ?? context.caller.user;
  const reseller = existing(context, user, 'Specified user is not a reseller.');
  const owned = context.state.of(accounts).by(user);
  const suspended = owned.filter((a) => a.suspended).length;
  const max = reseller.limits.enabledAccountLimit ? reseller.limits.accountLimit : null;
  return ok({ reseller: { active: owned.length - suspended, limit: max, suspended, user } });
}

export const resellerFunctions: Module = {
  whm: {
    setupreseller,
    unsetupreseller,
    listresellers: (context) =>
      ok({
        reseller: context.state
          .of(resellers)
          .values()
          .map((r) => r.user),
      }),
    setacls: { run: setacls, params: privileges.map((acl) => `acl-${acl}`) },
    setresellerlimits,
    setresellerpackagelimit,
    suspendreseller,
    unsuspendreseller,
    terminatereseller: { run: terminatereseller, params: ['reseller', 'verify'] },
    resellerstats: { run: resellerstats, params: ['reseller'] },
    acctcounts,
  },
};
