import { addressOf } from './address.ts';
import { lineOf } from './lexer.ts';
import type { Report, Zone, ZoneRecord } from './model.ts';
import type { Moves } from './moves.ts';
import { absoluteName, zoneName } from './names.ts';
import { glueNames } from './places.ts';
import { spfProblems } from './spf.ts';

/** What is suspicious in a zone that is about to switch. Nothing here is acted on. */

const signedTypes = new Set(['RRSIG', 'NSEC', 'NSEC3', 'NSEC3PARAM']);
const targets: Readonly<Record<string, number>> = { NS: 0, MX: 1, CNAME: 0, SRV: 3, DNAME: 0, ALIAS: 0 };
const addressTypes = new Set(['A', 'AAAA', 'HTTPS', 'SVCB']);

/** Whether the file holds signatures, which any edit would make wrong. */
export function isPreSigned(zone: Zone): boolean {
  return zone.records.some((record) => signedTypes.has(record.type) && !record.foreignClass);
}

type Finding = readonly [kind: Report['kind'], message: string];

function aboutAddresses(record: ZoneRecord, moves: Moves, glue: ReadonlySet<string>): Finding | undefined {
  if (!addressTypes.has(record.type)) return undefined;
  if (record.rdata[0]?.text === '\\#') return ['raw-data', `${record.type} in raw form is not looked into.`];
  const isAddress = record.type === 'A' || record.type === 'AAAA';
  if (isAddress && record.addresses.length === 0)
    return ['unreadable-address', `${record.type} without a readable address.`];
  const moving = record.addresses.find((slot) => moves.has(slot.key));
  if (moving === undefined || !glue.has(record.owner)) return undefined;
  return ['glue', `${moving.text} is the address of a name server of this zone and stays.`];
}

function aboutTarget(record: ZoneRecord, hosts: ReadonlySet<string>): Finding | undefined {
  const at = targets[record.type];
  const target = at === undefined ? undefined : record.rdata[at];
  if (target === undefined || !hosts.has(absoluteName(target.text, record.origin))) return undefined;
  return ['names-a-master', `${record.type} points at ${target.text}, which does not move.`];
}

function aboutText(record: ZoneRecord, moves: Moves): Finding | undefined {
  if (addressTypes.has(record.type) || record.type === 'SOA') return undefined;
  // SPF carries all masters' addresses by intention.
  const text = record.rdata.map((token) => token.text).join(' ');
  if (/^v=spf1\b/i.test(text)) return undefined;
  // A sentence may end with the address.
  const words = text.match(/[0-9a-fA-F:.]{3,}/g)?.map((word) => word.replace(/[.:]$/, ''));
  const found = words?.find((word) => moves.has(addressOf(word)?.key ?? ''));
  return found === undefined ? undefined : ['address-in-text', `${record.type} mentions ${found}, which moves.`];
}

/** Everything suspicious; `hosts` are the host names of the masters. */
export function findReports(zone: Zone, moves: Moves, hosts: readonly string[]): readonly Report[] {
  const glue = glueNames(zone);
  const names = new Set(hosts.map(zoneName));
  const about = (record: ZoneRecord): readonly Report[] => {
    if (record.foreignClass) return [];
    const spf = spfProblems(record, moves).map((message): Finding => ['spf', message]);
    const findings = [
      aboutAddresses(record, moves, glue),
      aboutTarget(record, names),
      aboutText(record, moves),
      ...spf,
    ];
    return findings.flatMap((finding) => {
      if (finding === undefined) return [];
      const [kind, message] = finding;
      return [{ kind, line: lineOf(zone.text, record.head), name: record.owner, message }];
    });
  };
  const directives = zone.directives.map(({ name, at }): Report => {
    const kind = name === '$INCLUDE' ? 'include' : 'generate';
    return { kind, line: lineOf(zone.text, at), name: zone.apex, message: `What ${name} makes is not looked into.` };
  });
  return [...directives, ...zone.records.flatMap(about)];
}
