/** DNS: zones of the server, through WHM, UAPI and API 2. */
import type { Context, Entry, Handler, Hooks, Module, Result } from '../handler.ts';
import { no, ok } from '../handler.ts';
import type { Account } from '../tables.ts';
import { accounts, domains } from '../tables.ts';
import { accountDns, zoneEdit } from './dns-account.ts';
import { dnsReads } from './dns-read.ts';
import { dnsWrites } from './dns-write.ts';
import { dnssecWhm } from './dnssec.ts';
import { xid } from './names.ts';
import {
  addSubRecords,
  createZone,
  dropDomain,
  readdress,
  refuseTaken,
  resetToTemplate,
  zoneExists,
  zonesOfAccount,
} from './zone-life.ts';
import { domainName, leftovers, mayTouch, ownerOf, reloaded, zoneForCaller, zoneHost, zones } from './zone-store.ts';
import { newZone } from './zone-template.ts';

function adddns(context: Context): Result {
  const { params, state } = context;
  const domain = domainName(params.require('domain'));
  const address = params.require('ip');
  const owner = params.get('trueowner') ?? '';
  if (state.of(zones).has(domain)) return no(zoneExists(domain));
  if (owner !== '' && !mayTouch(context, state.of(accounts).get(owner))) return no('Account does not exist.');
  state.of(zones).set(domain, newZone(zoneHost(context, address), { domain, now: context.host.now() }));
  if (owner !== '') state.of(leftovers).set(domain, { domain, user: owner });
  return ok(undefined, { reason: `Added ${domain} ok belonging to user ${owner === '' ? 'system' : owner}` });
}

function killdns(context: Context): Result {
  const domain = domainName(context.params.require('domain'));
  const { state } = context;
  if (!state.of(zones).has(domain) || !mayTouch(context, ownerOf(context, domain))) {
    return no('Unable to remove zone that does not exist.');
  }
  if (state.of(domains).has(domain)) {
    return no(`${xid(context)} The domain “${domain}” is still configured for HTTP use. Remove the domain first.`);
  }
  state.of(zones).delete(domain);
  return ok(undefined, { reason: 'Zones Removed', raw: `${domain} => deleted from ${context.host.hostname}. \n` });
}

function resetzone(context: Context): Result {
  const domain = domainName(context.params.require('domain', 'zone'));
  const zone = zoneForCaller(context, domain);
  const owner = ownerOf(context, domain);
  if (owner === undefined) return no(`Unable to determine the IP address for ${domain}`);
  resetToTemplate(context, zone, owner.ip);
  return ok(undefined, { reason: reloaded(context, domain) });
}

const zoneWhm: Readonly<Record<string, Entry<Handler>>> = {
  adddns,
  killdns,
  resetzone: { run: resetzone, params: ['domain', 'zone', 'user'] },
};

function removing(context: Context, account: Account, options: { readonly keepDns: boolean }): void {
  for (const { domain } of context.state.of(domains).by(account.user)) {
    if (options.keepDns) continue;
    dropDomain(context, domain);
  }
  for (const key of context.state.of(leftovers).keysBy(account.user)) context.state.of(leftovers).delete(key);
}

function domainChanged(context: Context, account: Account, from: string): void {
  dropDomain(context, from);
  createZone(context, account, account.domain);
  for (const { domain, type } of context.state.of(domains).by(account.user)) {
    if (type === 'sub') addSubRecords(context, account, domain);
  }
}

const hooks: Hooks = {
  creating: (context, wanted) => refuseTaken(context, wanted.domain, wanted.force),
  created: (context, account) => createZone(context, account, account.domain),
  removing,
  domainChanged,
  addressChanged(context, account, from) {
    for (const zone of zonesOfAccount(context, account.user)) readdress(context, zone, from, account.ip);
  },
};

export const dns: Module = {
  whm: { ...dnsReads, ...dnsWrites, ...zoneWhm, ...dnssecWhm },
  uapi: accountDns,
  api2: zoneEdit,
  hooks,
};
