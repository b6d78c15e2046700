import type { Context, Module, Result } from '../handler.ts';
import { ok } from '../handler.ts';
import { Refusal } from '../params.ts';
import { type Account, accounts, domains, resellers, settings, tokens } from '../tables.ts';
import { ownAccount, rootOnly } from './access.ts';
import { createAccount } from './account-create.ts';
import { limitOf, modifiedLimits, shown } from './limits.ts';
import { applyMailFlags } from './mail-flags.ts';
import { checkDomainFree, checkDomainName, checkPassword, checkUsername } from './names.ts';
import { findPackage } from './package-names.ts';
import { checkResellerRoom } from './reseller-rules.ts';

function rename(context: Context, account: Account, to: string): Account {
  const { hooks, params, state } = context;
  checkUsername(context, to, account.user);
  const moved: Account = { ...account, user: to, homedir: `/home/${to}` };
  const from = account.user;
  state.of(accounts).set(to, account.owner === from ? { ...moved, owner: to } : moved);
  for (const key of state.of(domains).keysBy(from)) {
    state
      .of(domains)
      .update(key, (d) => ({ ...d, user: to, docroot: d.docroot.replace(`/home/${from}/`, `/home/${to}/`) }));
  }
  const reseller = state.of(resellers).get(from);
  if (reseller !== undefined) {
    state.of(resellers).delete(from);
    state.of(resellers).set(to, { ...reseller, user: to });
    for (const key of state.of(accounts).keysBy(from)) state.of(accounts).update(key, (a) => ({ ...a, owner: to }));
  }
  for (const token of state.of(tokens).by(from)) {
    state.of(tokens).delete(`${token.service}/${from}/${token.name}`);
    state.of(tokens).set(`${token.service}/${to}/${token.name}`, { ...token, user: to });
  }
  state.of(accounts).delete(from);
  hooks.renamed?.(context, moved, from, { databases: params.flag('rename_database_objects', true) });
  return moved;
}

function moveDomain(context: Context, account: Account, to: string): Account {
  const { hooks, state } = context;
  checkDomainName(to);
  checkDomainFree(context, to);
  hooks.creating?.(context, { user: account.user, domain: to, force: false });
  const from = account.domain;
  const moved: Account = { ...account, domain: to };
  const row = state.of(domains).get(from);
  state.of(accounts).set(account.user, moved);
  state.of(domains).delete(from);
  const docroot = row?.docroot ?? `${account.homedir}/public_html`;
  state.of(domains).set(to, { domain: to, user: account.user, type: 'main', parent: to, docroot });
  hooks.domainChanged?.(context, moved, from);
  return moved;
}

function ownerFrom(context: Context, account: Account): string {
  const owner = context.params.get('owner', 'OWNER') ?? account.owner;
  if (owner === account.owner) return owner;
  rootOnly(context);
  if (owner !== 'root' && !context.state.of(resellers).has(owner)) throw new Refusal(`“${owner}” is not a reseller.`);
  return owner;
}

/** Plain fields of modifyacct, over the account as it is. */
function changed(context: Context, account: Account): Account {
  const { params } = context;
  const limits = modifiedLimits(params, account.limits);
  const shell = params.get('shell') ?? (params.has('HASSHELL') ? shellOf(limits.hasshell) : account.shell);
  return {
    ...account,
    owner: ownerFrom(context, account),
    email: params.get('contactemail', 'CONTACTEMAIL') ?? account.email,
    plan: params.get('PLAN', 'plan') ?? account.plan,
    limits,
    shell,
    locale: params.get('LOCALE', 'LANG') ?? account.locale,
    spf: params.flag('HASSPF', account.spf),
    dkim: params.flag('HASDKIM', account.dkim),
    dmarc: params.flag('HASDMARC', account.dmarc ?? false),
    backup: params.flag('BACKUP', account.backup),
    startdate: Number(params.get('STARTDATE') ?? account.startdate),
    enhancements: params.has('account_enhancements') ? params.list('account_enhancements') : account.enhancements,
  };
}

function shellOf(allowed: boolean): string {
  return allowed ? '/bin/bash' : '/usr/local/cpanel/bin/noshell';
}

function cpuser(context: Context, account: Account): Readonly<Record<string, unknown>> {
  const { limits } = account;
  const others = context.state
    .of(domains)
    .by(account.user)
    .filter((d) => d.type !== 'main');
  return {
    BACKUP: account.backup ? '1' : '0',
    BWLIMIT: limits.bwlimit === null ? '0' : String(limits.bwlimit * 1_048_576),
    CONTACTEMAIL: account.email,
    DEADDOMAINS: [],
    DOMAIN: account.domain,
    DOMAINS: others.map((d) => d.domain),
    FEATURELIST: limits.featurelist,
    HASCGI: limits.cgi ? '1' : '0',
    HASDKIM: account.dkim ? '1' : '0',
    HASDMARC: account.dmarc === true ? '1' : '0',
    HASSPF: account.spf ? '1' : '0',
    IP: account.ip,
    LOCALE: account.locale,
    MAXADDON: shown(limits.maxaddon),
    MAXFTP: shown(limits.maxftp),
    MAXLST: shown(limits.maxlst),
    MAXPARK: shown(limits.maxpark),
    MAXPOP: shown(limits.maxpop),
    MAXSQL: shown(limits.maxsql),
    MAXSUB: shown(limits.maxsub),
    MAX_DEFER_FAIL_PERCENTAGE: shown(limits.maxDeferFailPercentage),
    MAX_EMAIL_PER_HOUR: shown(limits.maxEmailPerHour),
    MAX_EMAILACCT_QUOTA: shown(limits.maxEmailacctQuota),
    MTIME: String(Math.floor(context.host.now() / 1000)),
    OWNER: account.owner,
    PLAN: account.plan,
    RS: limits.cpmod,
    STARTDATE: String(account.startdate),
    USER: account.user,
  };
}

export interface Modified {
  readonly cpuser: Readonly<Record<string, unknown>>;
  readonly domain: string;
  readonly setshell: string;
  readonly user: string;
}

/** What modifyacct does to one account. Throws Refusal. */
export function modifyAccount(context: Context, user: string): Modified {
  const { params, state } = context;
  const account = ownAccount(context, user, `Unable to fetch the cPanel user file for ${user}`);
  let next = changed(context, account);
  state.of(accounts).set(account.user, next);
  applyMailFlags(context, account, next);
  const domain = (params.get('domain', 'DNS') ?? '').toLowerCase();
  if (domain !== '' && domain !== account.domain) next = moveDomain(context, next, domain);
  const name = (params.get('newuser') ?? '').toLowerCase();
  if (name !== '' && name !== account.user) next = rename(context, next, name);
  const setshell = params.has('HASSHELL') || params.has('shell') ? next.shell : 'unmodified';
  return { cpuser: cpuser(context, next), domain: next.domain, setshell, user: next.user };
}

function modifyacct(context: Context): Result {
  const data = modifyAccount(context, context.params.require('user'));
  return ok(data, { reason: 'Account Modified', messages: [], warnings: [] });
}

function changepackage(context: Context): Result {
  const { params, state } = context;
  const user = params.require('user');
  const wanted = params.require('pkg');
  const account = ownAccount(context, user, `Sorry the user ${user} does not exist`);
  const pkg = findPackage(context, wanted);
  if (pkg === undefined) throw new Refusal('Specified package does not exist.');
  if (account.plan !== pkg.name) checkResellerRoom(context, pkg.name, pkg.limits, account.user);
  const limits = { ...pkg.limits, ip: account.limits.ip };
  state.of(accounts).set(account.user, {
    ...account,
    plan: pkg.name,
    limits,
    shell: shellOf(limits.hasshell),
    locale: limits.language,
  });
  const raw = `Changing Package...<br/>Changing Feature List from ${account.limits.featurelist} to ${limits.featurelist}<br/>Package successfully changed<br/>`;
  return ok(undefined, { reason: `Account Upgrade/Downgrade Complete for ${account.user}`, raw });
}

function passwd(context: Context): Result {
  const { hooks, params, state } = context;
  const user = params.require('user');
  const account = ownAccount(context, user, `Sorry, the user ${user} does not exist.`);
  const password = params.require('password', 'pass');
  if (account.suspended)
    throw new Refusal(`Sorry, the password for the suspended account “${user}” cannot be changed.`);
  checkPassword(context, password, account.user);
  const next: Account = { ...account, password };
  state.of(accounts).set(account.user, next);
  const database = params.flag('db_pass_update', true);
  hooks.passwordChanged?.(context, next, { database });
  const app = ['system', 'ftp', 'mail', ...(database ? ['MySQL'] : [])];
  return ok(
    { app },
    {
      reason: `Password changed for user “${account.user}”.`,
      raw: `Changing password for ${account.user}\nPassword for ${account.user} has been changed\n`,
    },
  );
}

function editquota(context: Context): Result {
  const { params, state } = context;
  const account = ownAccount(context, params.require('user'), 'Invalid user. Cannot set quota.');
  const quota = limitOf('quota', params.require('quota'));
  state
    .of(accounts)
    .set(account.user, { ...account, limits: { ...account.limits, quota: quota === 0 ? null : quota } });
  return ok(undefined, { reason: 'Set quota for user.' });
}

function limitbw(context: Context): Result {
  const { params, state } = context;
  const user = params.require('user');
  const megabytes = limitOf('bwlimit', params.get('bwlimit') ?? 'unlimited');
  const account = state.of(accounts).get(user);
  const limit = megabytes === 0 ? null : megabytes;
  if (account !== undefined) {
    ownAccount(context, user);
    state.of(accounts).set(user, { ...account, limits: { ...account.limits, bwlimit: limit } });
  }
  const bwlimits = [
    {
      bwlimit: (limit ?? 0) * 1_048_576,
      bwlimitenable: limit === null ? 0 : 1,
      domains: state.of(domains).keysBy(user),
      human_bwlimit: limit === null ? 'unlimited' : `${limit} MB`,
      human_bwused: 'none',
      unlimited: limit === null ? 1 : 0,
    },
  ];
  const said = limit === null ? 'unlimited' : `${limit} megabytes`;
  return ok({ bwlimits }, { reason: `Bandwidth Limit for ${user} has been set to ${said}` });
}

function setsiteip(context: Context): Result {
  const { hooks, params, state, host } = context;
  const ip = params.require('ip');
  const user = params.get('user') ?? state.of(domains).get(params.get('domain') ?? '')?.user;
  if (user === undefined) throw new Refusal('Cannot determine username');
  const account = ownAccount(context, user, 'Cannot determine username');
  const own = state.of(settings).get('server')?.dedicated ?? [];
  if (ip !== host.addresses[0] && !own.includes(ip)) throw new Refusal(`The IP address “${ip}” is not on this server.`);
  const other = state
    .of(accounts)
    .values()
    .find((a) => a.dedicated && a.ip === ip && a.user !== user);
  if (other !== undefined) throw new Refusal(`The IP address “${ip}” is dedicated to another account.`);
  const next: Account = { ...account, ip, dedicated: ip !== host.addresses[0] };
  state.of(accounts).set(account.user, next);
  hooks.addressChanged?.(context, next, account.ip);
  return ok();
}

export const accountChange: Module = {
  whm: {
    createacct: { run: createAccount, params: ['pass'] },
    modifyacct: { run: modifyacct, params: ['newuser', 'CONTACTEMAIL', 'OWNER', 'PLAN', 'LANG'] },
    changepackage,
    passwd: { run: passwd, params: ['pass', 'db_pass_update'] },
    editquota,
    limitbw,
    setsiteip,
  },
};
