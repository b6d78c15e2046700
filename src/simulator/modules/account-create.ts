import type { Context, Result } from '../handler.ts';
import { ok } from '../handler.ts';
import { Refusal } from '../params.ts';
import { type Account, accounts, domains, type Limits, type Package, packages, settings } from '../tables.ts';
import { rootOnly } from './access.ts';
import { defaults, limitsFrom } from './limits.ts';
import { checkDomainFree, checkDomainName, checkPassword, checkUsername } from './names.ts';
import { findPackage } from './package-names.ts';
import { checkResellerRoom, makeReseller } from './reseller-rules.ts';

interface Plan {
  readonly name: string;
  readonly limits: Limits;
}

/** The plan that is asked for, or the limits given one by one. */
function planOf(context: Context): Plan {
  const { params } = context;
  const wanted = params.get('plan') ?? '';
  const found = wanted === '' ? undefined : findPackage(context, wanted);
  if (wanted !== '' && found === undefined && !/^(default|undefined)$/u.test(wanted)) {
    throw new Refusal(
      `Sorry, “${wanted}” is not a valid package name for “${context.caller.user}” at /usr/local/cpanel/Whostmgr/Accounts/Create.pm line 1179.`,
    );
  }
  const base = found?.limits ?? { ...defaults, bwlimit: null, maxpark: null, maxaddon: null };
  return { name: found?.name ?? (wanted === '' ? 'undefined' : wanted), limits: limitsFrom(params, base) };
}

function passwordOf(context: Context, user: string): string {
  const given = context.params.get('password', 'pass');
  if (given === undefined || given === '') return `${context.host.randomText(14)}!7`;
  checkPassword(context, given, user);
  return given;
}

function askedId(context: Context, name: 'uid' | 'gid', used: ReadonlySet<number>): number | undefined {
  const given = context.params.get(name) ?? '';
  if (given === '') return undefined;
  rootOnly(context);
  const id = Number(given);
  if (!Number.isInteger(id) || id < 500) throw new Refusal(`The ${name.toUpperCase()} “${given}” is not valid.`);
  if (used.has(id)) throw new Refusal(`The ${name.toUpperCase()} “${given}” is already in use on this system.`);
  return id;
}

/** The uid or gid asked for, or `otherwise`, or the next free one of this server. */
function idOf(context: Context, name: 'uid' | 'gid', otherwise?: number): number {
  const { state } = context;
  const used = new Set(
    state
      .of(accounts)
      .values()
      .map((a) => a[name]),
  );
  const asked = askedId(context, name, used) ?? otherwise;
  if (asked !== undefined && !used.has(asked)) return asked;
  const from = state.of(settings).get('server')?.uidStart ?? 1001;
  for (;;) {
    const id = state.next('uid', from);
    if (!used.has(id)) return id;
  }
}

/** An address for the account: the shared one, or a free one of its own. */
function addressOf(context: Context, limits: Limits): { readonly ip: string; readonly dedicated: boolean } {
  const { host, params, state } = context;
  const free = state.of(settings).get('server')?.dedicated ?? [];
  const taken = new Set(
    state
      .of(accounts)
      .values()
      .map((a) => a.ip),
  );
  const custom = params.get('customip');
  if (custom !== undefined && custom !== '') {
    if (custom === host.addresses[0]) return { ip: custom, dedicated: false };
    if (!free.includes(custom)) throw new Refusal(`The IP address “${custom}” is not on this server.`);
    if (taken.has(custom)) throw new Refusal(`The IP address “${custom}” is already in use.`);
    return { ip: custom, dedicated: true };
  }
  if (!limits.ip) return { ip: host.addresses[0] ?? '', dedicated: false };
  const ip = free.find((address) => !taken.has(address));
  if (ip === undefined) throw new Refusal('Sorry, there are no dedicated IP addresses available on this server.');
  return { ip, dedicated: true };
}

function checkSeats(context: Context): void {
  const seats = context.state.of(settings).get('server')?.seats ?? null;
  if (seats !== null && context.state.of(accounts).size >= seats) {
    throw new Refusal(
      `You have reached the maximum number of accounts (${seats}) that your cPanel & WHM license allows. You must upgrade your license to create more accounts.`,
    );
  }
}

/** Root may name any owner that exists; a reseller's accounts are its own. */
function ownerOf(context: Context, user: string): string {
  const { caller, params } = context;
  if (params.flag('ownerself', false) && params.flag('reseller', false)) return user;
  const wanted = params.get('owner') ?? '';
  if (caller.kind !== 'root') return caller.user;
  if (wanted === '' || wanted === 'root' || wanted === user) return wanted === '' ? 'root' : wanted;
  if (!context.state.of(accounts).has(wanted)) throw new Refusal(`The owner “${wanted}” does not exist.`);
  return wanted;
}

function savePackage(context: Context, plan: Plan): string {
  const { caller, params, state } = context;
  const wanted = params.get('pkgname') ?? '';
  if (wanted === '' || !params.flag('savepkg', true)) return plan.name;
  const name = caller.kind === 'root' ? wanted : `${caller.user}_${wanted}`;
  const saved: Package = { name, owner: caller.user, limits: plan.limits };
  state.of(packages).set(name, saved);
  return name;
}

function build(context: Context, user: string, domain: string, plan: Plan): Account {
  const { host, params } = context;
  const uid = idOf(context, 'uid');
  const now = Math.floor(host.now() / 1000);
  return {
    user,
    domain,
    owner: ownerOf(context, user),
    plan: plan.name,
    email: params.get('contactemail') ?? '',
    ...addressOf(context, plan.limits),
    uid,
    gid: idOf(context, 'gid', uid),
    homedir: params.get('homedir') || `/home/${user}`,
    password: passwordOf(context, user),
    limits: plan.limits,
    shell: plan.limits.hasshell ? '/bin/bash' : '/usr/local/cpanel/bin/noshell',
    locale: plan.limits.language,
    mailboxFormat: params.get('mailbox_format') || 'maildir',
    startdate: now,
    suspended: false,
    suspendReason: 'not suspended',
    suspendTime: null,
    suspendedBy: '',
    locked: false,
    spf: params.flag('spf', true),
    dkim: params.flag('dkim', true),
    dmarc: params.flag('dmarc', false),
    backup: true,
    outgoingHold: false,
    outgoingSuspended: false,
    temporary: params.get('domain') === undefined,
    enhancements: params.list('account_enhancements'),
  };
}

function log(context: Context, account: Account): string {
  const password = context.params.flag('showpass', true) ? account.password : 'HIDDEN';
  return `Checking input data......Done
WWWAcct 12.6.0 (c) 2026 cPanel, L.L.C.
Running pre creation script (/usr/local/cpanel/scripts/prewwwacct)......Done
Adding User......Success
Copying skel files from /root/cpanel3-skel/ to ${account.homedir}/......Done
Adding Entries to httpd.conf......Done
Setting up Mail & Local Domains......Done
wwwacct creation finished
+===================================+
| New Account Info                  |
+===================================+
| Domain: ${account.domain}
| Ip: ${account.ip} (${account.dedicated ? 'y' : 'n'})
| HasCgi: ${account.limits.cgi ? 'y' : 'n'}
| UserName: ${account.user}
| PassWord: ${password}
| CpanelMod: ${account.limits.cpmod}
| HomeRoot: /home
| Quota: ${account.limits.quota === null ? 'unlimited' : `${account.limits.quota} MB`}
| NameServer1: ${context.state.of(settings).get('server')?.nameservers[0] ?? ''}
| Contact Email: ${account.email}
| Package: ${account.plan}
+===================================+
`;
}

function answer(context: Context, account: Account): Result {
  const nameservers = context.state.of(settings).get('server')?.nameservers ?? [];
  const numbered = (name: string, value: (index: number) => unknown): Readonly<Record<string, unknown>> =>
    Object.fromEntries([0, 1, 2, 3].map((i) => [`${name}${i === 0 ? '' : i + 1}`, value(i)]));
  const data = {
    ip: account.ip,
    ...numbered('nameserver', (i) => nameservers[i] ?? ''),
    ...numbered('nameservera', () => null),
    ...numbered('nameserverentry', () => null),
    package: account.plan,
  };
  return ok(data, { reason: 'Account Creation Ok', raw: log(context, account) });
}

/** createacct: everything is checked before the first row is written. */
export function createAccount(context: Context): Result {
  const { hooks, params, state, host } = context;
  const user = params.require('username').toLowerCase();
  const named = (params.get('domain') ?? '').toLowerCase().replace(/\.$/u, '');
  const domain = named === '' ? `${user}.${host.addresses[0]?.replaceAll('.', '-')}.cprapid.com` : named;
  checkSeats(context);
  checkUsername(context, user);
  checkDomainName(domain);
  checkDomainFree(context, domain);
  const plan = planOf(context);
  checkResellerRoom(context, plan.name, plan.limits);
  hooks.creating?.(context, { user, domain, force: params.flag('forcedns', false) });
  const built = build(context, user, domain, plan);
  const account: Account = { ...built, plan: savePackage(context, plan) };
  state.of(accounts).set(user, account);
  const docroot = `${account.homedir}/public_html`;
  state.of(domains).set(domain, { domain, user, type: 'main', parent: domain, docroot });
  if (params.flag('reseller', false)) {
    rootOnly(context);
    makeReseller(context, user);
  }
  hooks.created?.(context, account);
  return answer(context, account);
}
