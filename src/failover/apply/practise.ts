import { planZone } from './plan-zone.ts';
import type { Rules } from './rules.ts';

/** Enough for the engine to compile all that a zone goes through; a quarter of a second, at a watcher's start. */
const times = 600;

const hosts = 'ftp cpanel webdisk webmail whm autodiscover autoconfig cpcontacts cpcalendars shop www.shop'.split(' ');

/** A zone as cPanel writes it, with a master's own addresses. */
function sample(addresses: readonly string[]): string {
  const of = (owner: string): string =>
    addresses.map((one) => `${owner}\t14400\tIN\t${one.includes(':') ? 'AAAA' : 'A'}\t${one}\n`).join('');
  return `$TTL 14400
practise.invalid.\t86400\tIN\tSOA\tns1.invalid.\troot.invalid.\t(
\t\t2026110100 ;Serial Number
\t\t3600 1800 1209600 86400 )
practise.invalid.\t86400\tIN\tNS\tns1.invalid.
practise.invalid.\t14400\tIN\tMX\t0\tpractise.invalid.
mail\t14400\tIN\tCNAME\tpractise.invalid.
${hosts.map(of).join('')}practise.invalid.\t14400\tIN\tTXT\t"v=spf1 +a +mx ~all"
default._domainkey\t14400\tIN\tTXT\t"v=DKIM1; k=rsa; p=${'MIIBIjAN'.repeat(28)}" "${'IDAQAB'.repeat(20)};"
_caldav._tcp\t14400\tIN\tSRV\t0\t0\t2079\tm1.invalid.
_caldav._tcp\t14400\tIN\tTXT\t"path=/"
`;
}

/**
 * Plans a made-up zone until planning is fast: a switch comes once a year, and the first thousand zones would else take
 * three times as long as all that follow. Touches no file.
 */
export function practise(rules: Rules): void {
  const { pairs, home, masters } = rules.config;
  const text = sample(pairs.flatMap((pair) => pair[home] ?? []));
  const active = masters.find(({ id }) => id !== home)?.id ?? home;
  for (let n = 0; n < times; n++) {
    const wish = { zone: 'practise.invalid', active, instant: n };
    planZone(text, wish, [], rules);
  }
}
