/** How zones come, change and go with domains and accounts. */
import type { Context } from '../handler.ts';
import { Refusal } from '../params.ts';
import type { Account } from '../tables.ts';
import { domains } from '../tables.ts';
import { dkimKeys, dkimText, keyOf } from './dkim-keys.ts';
import { defaultDmarc } from './dmarc.ts';
import { xid } from './names.ts';
import type { Zone, ZoneLine } from './zone-model.ts';
import { absolute, isRecord } from './zone-model.ts';
import { leftovers, writeZone, zoneHolding, zoneHost, zones } from './zone-store.ts';
import { defaultSpf, newZone, subdomainRecords } from './zone-template.ts';

/** cPanel's sentence for a domain that some zone of the server (or its cluster) already holds. */
export function zoneExists(domain: string): string {
  return `A DNS entry for “${domain}” already exists. You must remove this DNS entry from all servers in the DNS cluster to proceed.`;
}

/** Refuses a domain that is somebody's, or that has a zone. `force` overlooks the zone. */
export function refuseTaken(context: Context, domain: string, force: boolean): void {
  const { state } = context;
  if (!force && state.of(zones).has(domain)) throw new Refusal(zoneExists(domain));
  if (state.of(domains).has(domain) || state.of(leftovers).has(domain)) {
    throw new Refusal(`${xid(context)} The domain “${domain}” already exists in the userdata.`);
  }
}

/** Writes the zone of an account's domain from the template, over any that was there. */
export function createZone(context: Context, account: Account, domain: string): void {
  const zone = newZone(zoneHost(context, account.ip), {
    domain,
    now: context.host.now(),
    spf: account.spf ? defaultSpf(account.ip) : undefined,
    dkim: account.dkim ? dkimText(keyOf(context, domain, account.user).pem) : undefined,
    dmarc: account.dmarc === true ? defaultDmarc(context) : undefined,
  });
  context.state.of(zones).set(domain, zone);
}

/** Forgets a domain's zone and key. */
export function dropDomain(context: Context, domain: string): void {
  context.state.of(zones).delete(domain);
  context.state.of(dkimKeys).delete(domain);
}

/** The part of a domain left of its zone's name. */
function labelIn(zone: Zone, domain: string): string {
  return domain.slice(0, -(zone.domain.length + 1));
}

/** Puts a subdomain's addresses into the zone above it. */
export function addSubRecords(context: Context, account: Account, domain: string): void {
  const zone = zoneHolding(context, domain);
  if (zone === undefined || zone.domain === domain) return;
  const known = new Set(zone.lines.filter(isRecord).map((r) => absolute(r.name, zone.domain)));
  const more = subdomainRecords(labelIn(zone, domain), account.ip).filter(
    (r) => !known.has(absolute(r.name, zone.domain)),
  );
  if (more.length > 0) writeZone(context, zone, [...zone.lines, ...more]);
}

/** Takes everything on and below a subdomain's name out of the zone above it. */
export function removeSubRecords(context: Context, domain: string): void {
  const zone = zoneHolding(context, domain);
  if (zone === undefined || zone.domain === domain) return;
  const gone = (line: ZoneLine): boolean => {
    if (line.kind !== 'record') return false;
    const name = absolute(line.name, zone.domain);
    return name === `${domain}.` || name.endsWith(`.${domain}.`);
  };
  if (zone.lines.some(gone))
    writeZone(
      context,
      zone,
      zone.lines.filter((line) => !gone(line)),
    );
}

/** Replaces an address in every record of a zone, also inside SPF. */
export function readdress(context: Context, zone: Zone, from: string, to: string): void {
  const change = (value: string, type: string): string => {
    if (type === 'A') return value === from ? to : value;
    return type === 'TXT' && value.startsWith('v=spf1') ? value.replaceAll(`ip4:${from}`, `ip4:${to}`) : value;
  };
  const lines = zone.lines.map((line): ZoneLine => {
    if (line.kind !== 'record' || !line.data.some((v) => change(v, line.type) !== v)) return line;
    return { ...line, data: line.data.map((v) => change(v, line.type)) };
  });
  if (lines.some((line, i) => line !== zone.lines[i])) writeZone(context, zone, lines);
}

/** Zones of an account: one for each of its domains that has its own. */
export function zonesOfAccount(context: Context, user: string): readonly Zone[] {
  const all = context.state.of(zones);
  return context.state
    .of(domains)
    .by(user)
    .flatMap((d) => all.get(d.domain) ?? []);
}

/** Puts the texts of the old zone into a fresh one from the template, and the subdomains' addresses. */
export function resetToTemplate(context: Context, zone: Zone, address: string): Zone {
  const fresh = newZone(zoneHost(context, address), { domain: zone.domain, now: context.host.now() });
  const texts = zone.lines.filter(isRecord).filter((r) => r.type === 'TXT');
  const subs = context.state
    .of(domains)
    .values()
    .filter((d) => d.type === 'sub' && d.domain.endsWith(`.${zone.domain}`));
  const addresses = subs.flatMap((d) => subdomainRecords(labelIn(zone, d.domain), address));
  // The serial goes on from the old zone's.
  return writeZone(
    context,
    zone,
    [...fresh.lines, ...texts, ...addresses].map((line) => keepSerial(zone, line)),
  );
}

function keepSerial(zone: Zone, line: ZoneLine): ZoneLine {
  return line.kind === 'record' && line.type === 'SOA'
    ? (zone.lines.filter(isRecord).find((r) => r.type === 'SOA') ?? line)
    : line;
}
