/** The zones of a server, and who may touch them. */
import type { Context } from '../handler.ts';
import { Refusal } from '../params.ts';
import { table } from '../state.ts';
import type { Account } from '../tables.ts';
import { accounts, domains, settings } from '../tables.ts';
import { isOwn } from './access.ts';
import { xid } from './names.ts';
import type { Zone, ZoneLine } from './zone-model.ts';
import { rewritten } from './zone-model.ts';
import type { ZoneHost } from './zone-template.ts';

/** Key: the zone's domain. */
export const zones = table<Zone>('zones');

/** What `adddns` writes beside the zone and `killdns` forgets: the domain cannot be used until it is cleaned. */
export const leftovers = table<{ readonly domain: string; readonly user: string }>('zone-leftovers', {
  group: (l) => l.user,
});

/** Canonical form of a domain given by a caller. */
export function domainName(text: string): string {
  return text.trim().toLowerCase().replace(/\.$/u, '');
}

/** The names under which the server writes zones: its own, with the account's address. */
export function zoneHost(context: Context, address: string): ZoneHost {
  const { hostname, version } = context.host;
  const nameservers = context.state.of(settings).get('server')?.nameservers ?? [];
  return {
    hostname,
    version,
    nameservers: nameservers.length > 0 ? nameservers : [`ns1.${hostname}`, `ns2.${hostname}`],
    address,
  };
}

/** What a write to a zone answers. */
export function reloaded(context: Context, domain: string): string {
  return `Bind reloading on ${context.host.hostname} using rndc zone: [${domain}]\n`;
}

/** The account that a domain belongs to; for a name below one of its domains also that. */
export function ownerOf(context: Context, domain: string): Account | undefined {
  const labels = domain.split('.');
  for (let from = 0; from < labels.length - 1; from += 1) {
    const row = context.state.of(domains).get(labels.slice(from).join('.'));
    if (row !== undefined) return context.state.of(accounts).get(row.user);
  }
  return undefined;
}

/** Root may touch everything, a reseller the accounts that it owns and its own, an account itself. */
export function mayTouch(context: Context, account: Account | undefined): boolean {
  return account === undefined ? context.caller.kind === 'root' : isOwn(context, account);
}

/** The zone that holds a name: its own, or the nearest one above. */
export function zoneHolding(context: Context, name: string): Zone | undefined {
  const labels = name.split('.');
  for (let from = 0; from < labels.length - 1; from += 1) {
    const zone = context.state.of(zones).get(labels.slice(from).join('.'));
    if (zone !== undefined) return zone;
  }
  return undefined;
}

/** The zone of a WHM call. Refuses with WHM's sentence when there is none or it belongs to somebody else. */
export function zoneForCaller(context: Context, domain: string): Zone {
  const zone = context.state.of(zones).get(domain);
  if (zone === undefined || !mayTouch(context, ownerOf(context, domain))) throw new Refusal('Zone does not exist.');
  return zone;
}

/** The zone of a cPanel account's call. */
export function zoneForAccount(context: Context, domain: string): Zone {
  const zone = context.state.of(zones).get(domain);
  const row = context.state.of(domains).get(domain);
  if (zone === undefined || row?.user !== context.user) {
    throw new Refusal(`${xid(context)} You do not control a DNS zone named “${domain}”.`);
  }
  return zone;
}

/** Stores the zone with other lines and the next serial. Writing nothing new still moves the serial, as on a real server. */
export function writeZone(context: Context, zone: Zone, lines: readonly ZoneLine[]): Zone {
  const next = rewritten(zone, lines, context.host.now());
  context.state.of(zones).set(zone.domain, next);
  return next;
}
