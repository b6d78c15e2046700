import { addressOf } from '../zone/address.ts';
import type { Zone, ZoneRecord } from '../zone/model.ts';
import { absoluteName } from '../zone/names.ts';

/** A zone file as record sets, for name servers that take records and not files. Pure. */

export interface RecordSet {
  /** Absolute, small letters, closing dot. */
  readonly name: string;
  readonly type: string;
  readonly ttl: number;
  /** Each record's data as a zone file spells it, with absolute names. */
  readonly data: readonly string[];
}

/** Where a name stands in the data of a type (RFC 1035, 2782, 9460 …); all others are plain words. */
const nameAt: Readonly<Record<string, readonly number[]>> = {
  ...{ NS: [0], CNAME: [0], PTR: [0], DNAME: [0], MX: [1], SRV: [3], SVCB: [1], HTTPS: [1] },
  ...{ SOA: [0, 1], AFSDB: [1], KX: [1], NAPTR: [5], RP: [0, 1] },
};

function dataOf(record: ZoneRecord): string {
  const names = nameAt[record.type] ?? [];
  return record.rdata
    .map((token, at) => {
      if (token.quoted) return `"${token.text}"`;
      return names.includes(at) && token.text !== '.' ? absoluteName(token.text, record.origin) : token.text;
    })
    .join(' ');
}

/** Every set of class IN. A set has the TTL of its first record, as BIND takes it. */
export function recordSets(zone: Zone): readonly RecordSet[] {
  const sets = new Map<string, { name: string; type: string; ttl: number; data: string[] }>();
  for (const record of zone.records) {
    if (record.foreignClass) continue;
    const set = sets.get(record.set);
    const data = dataOf(record);
    if (set === undefined)
      sets.set(record.set, { name: record.owner, type: record.type, ttl: record.ttl, data: [data] });
    else if (!set.data.includes(data)) set.data.push(data);
  }
  return [...sets.values()];
}

/** Sets in which a switch may write: those that hold an address of a master. */
export function switchedSets(zone: Zone, isMasters: (address: string) => boolean): readonly RecordSet[] {
  const hits = new Set(
    zone.records.filter(({ addresses }) => addresses.some(({ key }) => isMasters(key))).map(({ set }) => set),
  );
  return hits.size === 0 ? [] : recordSets(zone).filter(({ name, type }) => hits.has(`${name} ${type}`));
}

function unquoted(data: string): string {
  return [...data.matchAll(/"((?:[^"\\]|\\.)*)"|(\S+)/gs)].map(([, quoted, bare]) => quoted ?? bare ?? '').join('');
}

function canonical(type: string, data: string): string {
  if (type === 'A' || type === 'AAAA') return addressOf(data)?.key ?? data;
  if (type === 'TXT' || type === 'SPF') return unquoted(data);
  return data
    .split(/\s+/)
    .map((word, at) => ((nameAt[type] ?? []).includes(at) ? word.toLowerCase() : word))
    .join(' ');
}

/** Whether two sets say the same, TTL included, however they are spelled. */
export function isSameSet(a: RecordSet, b: RecordSet): boolean {
  const words = ({ type, data }: RecordSet): string =>
    data
      .map((one) => canonical(type, one))
      .sort()
      .join('\n');
  return a.ttl === b.ttl && words(a) === words(b);
}

export interface SetChanges {
  /** To be put in place of what is there. */
  readonly upsert: readonly RecordSet[];
  readonly remove: readonly RecordSet[];
}

/** Sets that belong to the one who serves the zone, or that it makes itself. */
const servers = new Set(['SOA', 'RRSIG', 'NSEC', 'NSEC3', 'NSEC3PARAM', 'DNSKEY', 'CDS', 'CDNSKEY']);

/** What to change so that the server has these sets and no others, the apex's NS and the server's own left alone. */
export function changesBetween(there: readonly RecordSet[], wanted: readonly RecordSet[], apex: string): SetChanges {
  const isOurs = ({ name, type }: RecordSet): boolean => !servers.has(type) && !(type === 'NS' && name === apex);
  const key = ({ name, type }: RecordSet): string => `${name} ${type}`;
  const old = new Map(there.map((set) => [key(set), set]));
  const fresh = new Set(wanted.map(key));
  return {
    upsert: wanted.filter((set) => {
      const now = old.get(key(set));
      return isOurs(set) && (now === undefined || !isSameSet(now, set));
    }),
    remove: there.filter((set) => isOurs(set) && !fresh.has(key(set))),
  };
}
