/** WHM functions over many accounts: bandwidth, mass changes, forced passwords, packages by their settings. */
import { z } from 'zod';
import type { Context, Entry, Handler, Module, Result } from '../handler.ts';
import { ok } from '../handler.ts';
import { Refusal } from '../params.ts';
import { table } from '../state.ts';
import { type Account, domains, packages, resellers } from '../tables.ts';
import { usageOf } from '../usage.ts';
import { ownAccount, visibleAccounts } from './access.ts';
import { modifyAccount } from './account-change.ts';
import { packageFields } from './limits.ts';
import { ownedHooks } from './owned.ts';
import { mayUsePackage } from './package-names.ts';

type Row = Readonly<Record<string, unknown>>;

/** Accounts that have to choose a new password at their next sign-in. Key: 'user/password'. */
export const forcedChanges = table<{ readonly user: string }>('forced-password-changes', { group: (f) => f.user });

const SEARCHED: Readonly<Record<string, (account: Account) => string>> = {
  domain: (a) => a.domain,
  user: (a) => a.user,
  owner: (a) => a.owner,
  ip: (a) => a.ip,
  package: (a) => a.plan,
};

function bandwidthRow({ state }: Context, account: Account): Row & { readonly totalbytes: number } {
  const bytes = usageOf(state, account.user).bandwidthBytes;
  const names = [
    account.domain,
    ...state
      .of(domains)
      .keysBy(account.user)
      .filter((d) => d !== account.domain),
  ];
  return {
    bwusage: names.map((domain) => ({ deleted: 0, domain, usage: domain === account.domain ? bytes : 0 })),
    deleted: 0,
    limit: (account.limits.bwlimit ?? 0) * 1_048_576,
    maindomain: account.domain,
    owner: account.owner,
    reseller: state.of(resellers).has(account.user) ? 1 : 0,
    totalbytes: bytes,
    user: account.user,
  };
}

/** Bandwidth of the month asked for; what was used before this one is forgotten. */
function showbw(context: Context): Result {
  const { caller, host, params } = context;
  const today = new Date(host.now());
  const month = params.number('month') ?? today.getUTCMonth() + 1;
  const year = params.number('year') ?? today.getUTCFullYear();
  const field = SEARCHED[params.get('searchtype') ?? 'user'] ?? ((a: Account) => a.user);
  const term = params.get('search') ?? '';
  const owner = params.get('showres') ?? '';
  const found = visibleAccounts(context)
    .filter((a) => (term === '' || new RegExp(term, 'i').test(field(a))) && (owner === '' || a.owner === owner))
    .map((a) => bandwidthRow(context, a));
  const totalused = found.reduce((sum, row) => sum + row.totalbytes, 0);
  return ok({ acct: found, month, reseller: caller.user, totalused, year });
}

/** Packages whose settings are all those that were sent. */
function matchpkgs(context: Context): Result {
  const wanted = context.params.all;
  const fits = (fields: Row): boolean => wanted.every(([name, value]) => String(fields[name] ?? '') === value);
  const pkg = context.state
    .of(packages)
    .values()
    .filter((p) => mayUsePackage(context, p))
    .map((p): Row => ({ ...packageFields(p.limits), name: p.name }))
    .filter(fits);
  return ok({ pkg });
}

function massOne(context: Context, user: string): Row {
  try {
    const done = modifyAccount(context, user);
    const asked = context.params.all.map(([name]) => name);
    const cpuser = Object.fromEntries(Object.entries(done.cpuser).filter(([name]) => asked.includes(name)));
    return { user, result: 1, reason: 'OK', extended: { cpuser } };
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return { user, result: 0, reason: error.message };
  }
}

/** The same change to every named account; what one refuses does not stop the others. */
function massmodifyacct(context: Context): Result {
  const users = context.params.list('user');
  if (users.length === 0) context.params.require('user');
  return ok({ payload: users.map((user) => massOne(context, user)) });
}

const forced = z.record(z.string(), z.union([z.literal(0), z.literal(1), z.literal('0'), z.literal('1')]));

function parsed(text: string): Readonly<Record<string, number | string>> {
  try {
    return forced.parse(JSON.parse(text));
  } catch {
    throw new Refusal('The “users_json” parameter is not valid JSON.');
  }
}

function forcepasswordchange(context: Context): Result {
  const users = parsed(context.params.require('users_json'));
  const updated: string[] = [];
  for (const [user, value] of Object.entries(users)) {
    const account = ownAccount(context, user, `The user “${user}” does not exist.`);
    const key = `${account.user}/password`;
    if (Number(value) === 1) context.state.of(forcedChanges).set(key, { user: account.user });
    else context.state.of(forcedChanges).delete(key);
    updated.push(account.user);
  }
  return ok({ updated });
}

const whm: Readonly<Record<string, Entry<Handler>>> = {
  showbw,
  matchpkgs,
  massmodifyacct: { run: massmodifyacct, acl: 'edit-account' },
  forcepasswordchange,
};

export const accountMore: Module = {
  whm,
  hooks: {
    ...ownedHooks(forcedChanges),
    passwordChanged: ({ state }, account) => state.of(forcedChanges).delete(`${account.user}/password`),
  },
};
