import type { Zone, ZoneLine, ZoneRecord } from './zone-model.ts';
import { firstSerial } from './zone-model.ts';

/** What a server writes of itself into every zone that it makes. */
export interface ZoneHost {
  readonly hostname: string;
  readonly version: string;
  readonly nameservers: readonly string[];
  /** Address of the account that the zone belongs to, or the server's own. */
  readonly address: string;
}

export interface ZoneWishes {
  readonly domain: string;
  /** Milliseconds since 1970; the day goes into the serial. */
  readonly now: number;
  /** Text of the SPF record, without quotes; absent: no record. */
  readonly spf?: string | undefined;
  /** Text of the DKIM record; absent: no record. */
  readonly dkim?: string | undefined;
  readonly dmarc?: string | undefined;
}

const ttl = 14400;
const longTtl = 86400;
const serviceLabels = [
  'cpanel',
  'webmail',
  'webdisk',
  'whm',
  'cpcontacts',
  'cpcalendars',
  'autodiscover',
  'autoconfig',
];
const davServices: readonly (readonly [string, string])[] = [
  ['_caldav._tcp', '2079'],
  ['_caldavs._tcp', '2080'],
  ['_carddav._tcp', '2079'],
  ['_carddavs._tcp', '2080'],
];

/** A record with the usual time to live. */
export function record(name: string, type: string, data: readonly string[], seconds = ttl): ZoneRecord {
  return { kind: 'record', name, ttl: seconds, type, data };
}

/** Cuts a text into character strings of at most 255 octets, as a TXT record stores it. */
export function txtStrings(text: string): readonly string[] {
  const parts: string[] = [];
  for (let at = 0; at < text.length; at += 255) parts.push(text.slice(at, at + 255));
  return parts.length === 0 ? [''] : parts;
}

/** SPF that names this server, as cPanel writes it for a new domain. */
export function defaultSpf(address: string): string {
  return `v=spf1 +a +mx +ip4:${address} ~all`;
}

/** A number that differs between neighbouring servers: the last part of the address. */
function hostOffset(host: ZoneHost): number {
  return Number(host.address.split('.').at(-1) ?? 0) || 0;
}

function header(host: ZoneHost, wishes: ZoneWishes): readonly ZoneLine[] {
  const seconds = Math.floor(wishes.now / 1000);
  const first: ZoneLine = {
    kind: 'comment',
    text: `; cPanel first:${host.version} (update_time):${seconds} Cpanel::ZoneFile::VERSION:1.3 hostname:${host.hostname} latest:${host.version}`,
  };
  const extra: ZoneLine[] = Array.from({ length: hostOffset(host) % 3 }, () => ({
    kind: 'comment',
    text: '; Modified by Web Host Manager',
  }));
  return [
    first,
    { kind: 'comment', text: `; Zone file for ${wishes.domain}` },
    ...extra,
    { kind: 'control', text: `$TTL ${ttl}` },
  ];
}

function authority(host: ZoneHost, wishes: ZoneWishes): readonly ZoneRecord[] {
  const top = `${wishes.domain}.`;
  const serial = firstSerial(wishes.now) + 1 + (hostOffset(host) % 7);
  const first = host.nameservers[0] ?? host.hostname;
  const soa = [`${first}.`, `root.${host.hostname}.`, String(serial), '3600', '1800', '1209600', '86400'];
  return [record(top, 'SOA', soa, longTtl), ...host.nameservers.map((ns) => record(top, 'NS', [`${ns}.`], longTtl))];
}

/** TXT records that mail needs, for the zone's own domain or a name below it. */
export function mailTexts(
  prefix: string,
  wishes: Pick<ZoneWishes, 'domain' | 'spf' | 'dkim' | 'dmarc'>,
): readonly ZoneRecord[] {
  const under = (label: string) => (prefix === '' ? label : `${label}.${prefix}`);
  const top = prefix === '' ? `${wishes.domain}.` : prefix;
  return [
    ...(wishes.dkim === undefined ? [] : [record(under('default._domainkey'), 'TXT', txtStrings(wishes.dkim))]),
    ...(wishes.spf === undefined ? [] : [record(top, 'TXT', txtStrings(wishes.spf))]),
    ...(wishes.dmarc === undefined ? [] : [record(under('_dmarc'), 'TXT', txtStrings(wishes.dmarc))]),
  ];
}

/** The `standard` template: the zone of a new domain, with this server's own addresses, names and serial. */
export function newZone(host: ZoneHost, wishes: ZoneWishes): Zone {
  const top = `${wishes.domain}.`;
  const lines: ZoneLine[] = [
    ...header(host, wishes),
    ...authority(host, wishes),
    record(top, 'A', [host.address]),
    record(top, 'MX', ['0', top]),
    ...['mail', 'www', 'ftp'].map((label) => record(label, 'CNAME', [top])),
    ...mailTexts('', wishes),
    ...serviceLabels.map((label) => record(label, 'A', [host.address])),
    ...davServices.map(([name, port]) => record(name, 'SRV', ['0', '0', port, `${host.hostname}.`])),
  ];
  return { domain: wishes.domain, lines };
}

/** Records that a subdomain brings into its parent's zone. `label` is relative to that zone. */
export function subdomainRecords(label: string, address: string): readonly ZoneRecord[] {
  return [record(label, 'A', [address]), record(`www.${label}`, 'A', [address])];
}
