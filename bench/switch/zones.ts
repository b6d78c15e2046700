import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Zones as cPanel writes them: 31 records, 13 IPv4 addresses and one IPv6 that move, 1.9 kB. */

export const from = { four: '192.0.2.11', six: '2001:db8:1::11' };
export const to = { four: '198.51.100.11', six: '2001:db8:2::11' };

const key = 'MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEA'.repeat(9).slice(0, 392);
const hosts = 'ftp cpanel webdisk webmail whm autodiscover autoconfig cpcontacts cpcalendars shop www.shop'.split(' ');

export function zoneName(at: number): string {
  return `cust${String(at).padStart(6, '0')}.example`;
}

export function zoneText(zone: string): string {
  const address = (name: string): string => `${name}\t14400\tIN\tA\t${from.four}\n`;
  return `; cPanel first:11.110.0.15 (update_time):1700000000 Cpanel::ZoneFile::VERSION:1.3 hostname:m1.host.example latest:11.110.0.15
; Zone file for ${zone}
$TTL 14400
${zone}.\t86400\tIN\tSOA\tns1.host.example.\troot.m1.host.example.\t(
\t\t\t\t\t\t2026110100 ;Serial Number
\t\t\t\t\t\t3600 ;refresh
\t\t\t\t\t\t1800 ;retry
\t\t\t\t\t\t1209600 ;expire
\t\t\t\t\t\t86400 )
${zone}.\t86400\tIN\tNS\tns1.host.example.
${zone}.\t86400\tIN\tNS\tns2.host.example.
${address(`${zone}.`)}${zone}.\t14400\tIN\tAAAA\t${from.six}
${zone}.\t14400\tIN\tMX\t0\t${zone}.
mail\t14400\tIN\tCNAME\t${zone}.
www\t14400\tIN\tCNAME\t${zone}.
${hosts.map(address).join('')}ext\t14400\tIN\tA\t198.51.100.77
${zone}.\t14400\tIN\tTXT\t"v=spf1 ip4:${from.four} ip4:${to.four} +a +mx ~all"
_dmarc\t14400\tIN\tTXT\t"v=DMARC1; p=none;"
default._domainkey\t14400\tIN\tTXT\t"v=DKIM1; k=rsa; p=${key.slice(0, 230)}" "${key.slice(230)};"
_autodiscover._tcp\t14400\tIN\tSRV\t0\t0\t443\tcpanelemaildiscovery.cpanel.net.
_caldav._tcp\t14400\tIN\tSRV\t0\t0\t2079\tm1.host.example.
_caldav._tcp\t14400\tIN\tTXT\t"path=/"
_caldavs._tcp\t14400\tIN\tSRV\t0\t0\t2080\tm1.host.example.
_caldavs._tcp\t14400\tIN\tTXT\t"path=/"
_carddav._tcp\t14400\tIN\tSRV\t0\t0\t2079\tm1.host.example.
_carddavs._tcp\t14400\tIN\tSRV\t0\t0\t2080\tm1.host.example.
`;
}

export function makeZones(dir: string, count: number): readonly string[] {
  mkdirSync(dir, { recursive: true });
  const names = Array.from({ length: count }, (_, at) => zoneName(at));
  for (const zone of names) writeFileSync(join(dir, `${zone}.db`), zoneText(zone));
  return names;
}
