/** Addresses and nameservers of resellers. */
import type { Context, Entry, Handler, Module, Result } from '../handler.ts';
import { no, ok } from '../handler.ts';
import { Refusal } from '../params.ts';
import { table } from '../state.ts';
import { type Reseller, resellers, settings } from '../tables.ts';
import { ownedHooks } from './owned.ts';

/** Addresses that a reseller may use. Without a row: all. Key: 'user/ips'. */
export const resellerIps = table<{ readonly user: string; readonly ips: readonly string[] }>('reseller-ips', {
  group: (r) => r.user,
});

function reseller({ params, state }: Context): Reseller {
  const found = state.of(resellers).get(params.require('user'));
  if (found === undefined) throw new Refusal('Reseller Does Not Exist');
  return found;
}

function serverIps({ host, state }: Context): readonly string[] {
  const own = state.of(settings).get('server')?.dedicated ?? [];
  return [...host.addresses, ...own.filter((ip) => !host.addresses.includes(ip))];
}

function checkIp(context: Context, ip: string): string {
  if (!serverIps(context).includes(ip)) throw new Refusal('Supplied IP address is invalid.');
  return ip;
}

function listed(text: string | undefined): readonly string[] {
  return (text ?? '')
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
}

function shown(context: Context, user: string): Readonly<Record<string, unknown>> {
  const own = context.state.of(resellerIps).get(`${user}/ips`);
  return { all: own === undefined ? 1 : 0, ip: own?.ips ?? serverIps(context) };
}

function setIps(context: Context): Result {
  const { user } = reseller(context);
  const { params, state } = context;
  const ips = listed(params.get('ips')).map((ip) => checkIp(context, ip));
  if (params.flag('delegate', false)) state.of(resellerIps).set(`${user}/ips`, { user, ips });
  else state.of(resellerIps).delete(`${user}/ips`);
  return ok(shown(context, user));
}

function setMainIp(context: Context): Result {
  const found = reseller(context);
  const ip = checkIp(context, context.params.require('ip'));
  context.state.of(resellers).set(found.user, { ...found, mainIp: ip });
  return ok();
}

function setNameservers(context: Context): Result {
  const found = reseller(context);
  const nameservers = listed(context.params.get('nameservers'));
  const wrong = nameservers.find((name) => !/^[a-z0-9-]+(\.[a-z0-9-]+)+$/iu.test(name));
  if (wrong !== undefined) return no(`“${wrong}” is not a valid nameserver.`);
  context.state.of(resellers).set(found.user, { ...found, nameservers });
  return ok();
}

const whm: Readonly<Record<string, Entry<Handler>>> = {
  setresellerips: setIps,
  getresellerips: (c) => ok(shown(c, reseller(c).user)),
  setresellermainip: setMainIp,
  setresellernameservers: setNameservers,
};

export const resellerAddresses: Module = { whm, hooks: ownedHooks(resellerIps) };
