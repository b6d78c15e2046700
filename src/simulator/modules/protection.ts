/** What guards the door: cPHulk, the second factor, tweak settings. */
import type { AccountContext, AccountHandler, Context, Entry, Handler, Module, Result } from '../handler.ts';
import { no, ok } from '../handler.ts';
import { brutesOf, failedLogins, type HulkConfig, hulkConfig, hulkConfigOf, hulkLists, type Listed } from '../hulk.ts';
import { Refusal } from '../params.ts';
import { policyOf, secondFactorPolicy, secondFactors } from '../second-factor.ts';
import { accounts } from '../tables.ts';
import { codeIsRight, newSecret } from '../totp.ts';
import { tweakSetting, tweakSettings } from '../tweak-settings.ts';
import { isOwn, ownAccount, rootOnly, visibleAccounts } from './access.ts';

type Row = Readonly<Record<string, unknown>>;

function switchHulk(enabled: boolean): Handler {
  return ({ state }) => {
    state.of(hulkConfig).set('server', { ...hulkConfigOf(state), enabled });
    return ok();
  };
}

function configFields(config: HulkConfig): Row {
  return {
    brute_force_period_mins: config.userMinutes,
    brute_force_period_sec: config.userMinutes * 60,
    ip_based_protection: 1,
    ip_brute_force_period_mins: config.addressMinutes,
    ip_brute_force_period_sec: config.addressMinutes * 60,
    is_enabled: config.enabled ? 1 : 0,
    mark_as_brute: 30,
    max_failures: config.maxFailures,
    max_failures_byip: config.maxByAddress,
    username_based_protection: 1,
  };
}

function saveHulk({ params, state }: Context): Result {
  const before = hulkConfigOf(state);
  const number = (name: string, otherwise: number): number => {
    const value = params.number(name) ?? otherwise;
    if (!Number.isInteger(value) || value < 1) throw new Refusal(`Invalid value for “${name}”.`);
    return value;
  };
  const next = {
    enabled: before.enabled,
    maxFailures: number('max_failures', before.maxFailures),
    userMinutes: number('brute_force_period_mins', before.userMinutes),
    maxByAddress: number('max_failures_byip', before.maxByAddress),
    addressMinutes: number('ip_brute_force_period_mins', before.addressMinutes),
  };
  state.of(hulkConfig).set('server', next);
  return ok({ cphulk_config: configFields(next), restart_ssh: 0, warning: null });
}

function listName(context: Context): Listed['list'] {
  const name = context.params.require('list_name');
  if (name !== 'white' && name !== 'black') throw new Refusal(`“${name}” is not a valid list.`);
  return name;
}

function requester({ caller, state }: Context): Row {
  const isWhite = state.of(hulkLists).has(`white/${caller.address}`);
  return { requester_ip: caller.address, requester_ip_is_whitelisted: isWhite ? 1 : 0 };
}

function createRecord(context: Context): Result {
  const { params, state } = context;
  const list = listName(context);
  const comment = params.get('comment') ?? '';
  const added = params.list('ip');
  if (added.length === 0) params.require('ip');
  for (const address of added) state.of(hulkLists).set(`${list}/${address}`, { list, address, comment });
  const counts = { ip_blocks_removed: 0, iptable_bans_removed: 0 };
  return ok({ comment, ...counts, ips_added: added, ips_failed: {}, list_name: list, ...requester(context) });
}

function deleteRecord(context: Context): Result {
  const { params, state } = context;
  const list = listName(context);
  const removed = params.list('ip').filter((ip) => state.of(hulkLists).has(`${list}/${ip}`));
  for (const ip of removed) state.of(hulkLists).delete(`${list}/${ip}`);
  return ok({ ips_failed: {}, ips_removed: removed, list_name: list, ...requester(context) });
}

function readRecords(context: Context): Result {
  const list = listName(context);
  const rows = context.state.of(hulkLists).by(list);
  const ips = Object.fromEntries(rows.map((row) => [row.address, row.comment]));
  return ok({
    ips_in_list: ips,
    list_name: list,
    ...requester(context),
    restart_ssh: 0,
    warning_ip: '',
    warning_ssh: '',
  });
}

function flush({ params, state }: Context): Result {
  const ips = params.list('ip');
  const gone = state
    .of(failedLogins)
    .entries()
    .filter(([, row]) => ips.length === 0 || ips.includes(row.address));
  for (const [key] of gone) state.of(failedLogins).delete(key);
  return ok({ iptable_bans_removed: 0, records_removed: gone.length });
}

function timeText(at: number): string {
  return new Date(at).toISOString().slice(0, 19).replace('T', ' ');
}

function failures({ host, state }: Context): Result {
  const rows = state.of(failedLogins).values();
  const period = hulkConfigOf(state).addressMinutes * 60_000;
  return ok({
    failed_logins: rows.map((row) => ({
      authservice: 'system',
      exptime: timeText(row.at + period),
      ip: row.address,
      logintime: timeText(row.at),
      service: 'whostmgrd',
      timeleft: Math.max(0, Math.ceil((row.at + period - host.now()) / 60_000)),
      user: row.user,
    })),
  });
}

const hulkWhm: Readonly<Record<string, Entry<Handler>>> = {
  enable_cphulk: switchHulk(true),
  disable_cphulk: switchHulk(false),
  cphulk_status: ({ state }) => ok({ is_enabled: hulkConfigOf(state).enabled ? 1 : 0, service: 'cphulkd' }),
  load_cphulk_config: ({ state }) => ok({ cphulk_config: configFields(hulkConfigOf(state)) }),
  save_cphulk_config: saveHulk,
  create_cphulk_record: createRecord,
  delete_cphulk_record: deleteRecord,
  read_cphulk_records: readRecords,
  flush_cphulk_login_history: flush,
  flush_cphulk_login_history_for_ips: flush,
  get_cphulk_failed_logins: failures,
  get_cphulk_brutes: ({ host, state }) =>
    ok({ brutes: brutesOf(state, host.now()).addresses.map((ip) => ({ ip, notes: 'Brute force attempt' })) }),
  get_cphulk_user_brutes: ({ host, state }) =>
    ok({ user_brutes: brutesOf(state, host.now()).users.map((user) => ({ user, service: 'whostmgrd' })) }),
};

function switchPolicy(enabled: boolean): Handler {
  return ({ state }) => {
    state.of(secondFactorPolicy).set('server', { ...policyOf(state), enabled });
    return ok();
  };
}

function generate(context: Context, user: string): Row {
  const secret = newSecret(context.host.random);
  const issuer = policyOf(context.state).issuer || context.host.hostname;
  const label = encodeURIComponent(`${issuer}:${user}`);
  return { otpauth_str: `otpauth://totp/${label}?secret=${secret}&issuer=${encodeURIComponent(issuer)}`, secret };
}

function configure({ host, params, state }: Context, user: string): void {
  if (!policyOf(state).enabled) throw new Refusal('Two-factor authentication is not enabled on this server.');
  const secret = params.require('secret');
  if (!codeIsRight(secret, params.require('tfa_token'), host.now())) {
    throw new Refusal('The security code you provided is not valid.');
  }
  state.of(secondFactors).set(user, { user, secret });
}

function userConfigs(context: Context): Result {
  const wanted = context.params.get('user') ?? '';
  const mine = wanted === '' ? visibleAccounts(context) : [ownAccount(context, wanted)];
  const rows = mine.map((a) => {
    const is_enabled = context.state.of(secondFactors).has(a.user) ? 1 : 0;
    return [a.user, { is_enabled, primary_domain: a.domain }] as const;
  });
  return ok(Object.fromEntries(rows));
}

/** Root's own, and those of accounts that the caller may touch. */
function mayRemove(context: Context, user: string): boolean {
  const account = context.state.of(accounts).get(user);
  const isOwner = account === undefined ? context.caller.kind === 'root' : isOwn(context, account);
  return isOwner && context.state.of(secondFactors).has(user);
}

function removeConfigs(context: Context): Result {
  const { params, state } = context;
  const wanted = params.list('user');
  if (wanted.length === 0) params.require('user');
  const gone = wanted.filter((user) => mayRemove(context, user));
  for (const user of gone) state.of(secondFactors).delete(user);
  const others = wanted.filter((user) => !gone.includes(user));
  const failed = Object.fromEntries(others.map((user) => [user, 'Two-factor authentication is not configured.']));
  return ok({ failed, users_modified: gone });
}

const factorWhm: Readonly<Record<string, Entry<Handler>>> = {
  twofactorauth_enable_policy: switchPolicy(true),
  twofactorauth_disable_policy: switchPolicy(false),
  twofactorauth_policy_status: ({ state }) => ok({ is_enabled: policyOf(state).enabled ? 1 : 0 }),
  twofactorauth_generate_tfa_config: (c) => ok(generate(c, c.caller.user)),
  twofactorauth_set_tfa_config(c) {
    configure(c, c.caller.user);
    return ok({ success: 1 });
  },
  twofactorauth_get_user_configs: userConfigs,
  twofactorauth_remove_user_config: removeConfigs,
  twofactorauth_get_issuer: ({ state, host }) =>
    ok({ issuer: policyOf(state).issuer || host.hostname, system_wide_issuer: policyOf(state).issuer }),
  twofactorauth_set_issuer(context) {
    const { params, state } = context;
    rootOnly(context);
    state.of(secondFactorPolicy).set('server', { ...policyOf(state), issuer: params.require('issuer') });
    return ok();
  },
};

function ownConfiguration({ host, state, user }: AccountContext): Result {
  const issuer = policyOf(state).issuer || host.hostname;
  return ok({ is_enabled: state.of(secondFactors).has(user) ? 1 : 0, issuer });
}

function removeOwn({ state, user }: AccountContext): Result {
  const tfa_removed = state.of(secondFactors).has(user) ? 1 : 0;
  state.of(secondFactors).delete(user);
  return ok({ tfa_removed });
}

const factorUapi: Readonly<Record<string, Entry<AccountHandler>>> = {
  'TwoFactorAuth::generate_user_configuration': (c) => ok(generate(c, c.user)),
  'TwoFactorAuth::set_user_configuration'(c) {
    configure(c, c.user);
    return ok({ tfa_configured: 1 });
  },
  'TwoFactorAuth::get_user_configuration': ownConfiguration,
  'TwoFactorAuth::remove_user_configuration': removeOwn,
};

function getTweak({ params, state }: Context): Result {
  const key = params.require('key');
  const value = tweakSetting(state, params.get('module') ?? 'Main', key);
  return value === undefined ? no(`Invalid key: ${key}`) : ok({ tweaksetting: { key, value } });
}

function setTweak({ params, state }: Context): Result {
  const [module, key] = [params.get('module') ?? 'Main', params.require('key')];
  state.of(tweakSettings).set(`${module}/${key}`, { key, value: params.get('value') ?? '' });
  return ok();
}

export const protection: Module = {
  whm: { ...hulkWhm, ...factorWhm, get_tweaksetting: getTweak, set_tweaksetting: setTweak },
  uapi: factorUapi,
  hooks: {
    removing: ({ state }, account) => state.of(secondFactors).delete(account.user),
    renamed({ state }, { user }, from) {
      const factor = state.of(secondFactors).get(from);
      state.of(secondFactors).delete(from);
      if (factor !== undefined && state.of(accounts).has(user)) state.of(secondFactors).set(user, { ...factor, user });
    },
  },
};
