/** Edits of a zone as `mass_edit_dns_zone` means them: all or nothing, line numbers of the zone as it was read. */
import { isIPv4, isIPv6 } from 'node:net';
import { Refusal } from '../params.ts';
import type { Zone, ZoneLine, ZoneRecord } from './zone-model.ts';
import { absolute, isRecord, placed, recordAt, serialOf } from './zone-model.ts';

export interface ZoneEdits {
  readonly add: readonly ZoneRecord[];
  readonly edit: readonly { readonly index: number; readonly record: ZoneRecord }[];
  readonly remove: readonly number[];
}

/** How many values a record of each type has; null: one or more. */
const valueCount: Readonly<Record<string, number | null>> = {
  A: 1,
  AAAA: 1,
  ALIAS: 1,
  CAA: 3,
  CNAME: 1,
  HTTPS: null,
  MX: 2,
  SRV: 4,
  SVCB: null,
  TXT: null,
};

/** cPanel's sentence for a stale serial; undefined when it is the zone's. */
export function staleReason(zone: Zone, given: string): string | undefined {
  const serial = String(serialOf(zone));
  if (given === serial) return undefined;
  return `The given serial number (${given}) does not match the DNS zone’s serial number (${serial}). Refresh your view of the DNS zone, then resubmit.`;
}

/** Reads one `add` or `edit` item. Refuses what is no JSON object or no record that can be edited so. */
export function parseItem(text: string): { readonly index: number | undefined; readonly record: ZoneRecord } {
  const item = objectOf(text);
  const { dname, ttl, record_type: type, data, line_index: line } = item;
  if (typeof dname !== 'string') throw new Refusal('The “dname” value is missing.');
  if (typeof type !== 'string' || valueCount[type] === undefined)
    throw new Refusal(`“${String(type)}” is not a supported record type.`);
  if (!Array.isArray(data) || !data.every((v) => typeof v === 'string' || typeof v === 'number')) {
    throw new Refusal('The “data” value must be an array of strings.');
  }
  const seconds = Number(ttl);
  if (ttl === undefined || !Number.isInteger(seconds) || seconds < 0)
    throw new Refusal(`“${String(ttl)}” is not a valid TTL.`);
  const record: ZoneRecord = { kind: 'record', name: dname, ttl: seconds, type, data: data.map(String) };
  checkRecord(record);
  return { index: line === undefined ? undefined : Number(line), record };
}

function objectOf(text: string): Readonly<Record<string, unknown>> {
  try {
    const parsed: unknown = JSON.parse(text);
    // An object from JSON.parse is a plain record.
    if (typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed))
      return parsed as Record<string, unknown>;
  } catch (error) {
    throw new Refusal(`The given value is not valid JSON: ${error instanceof Error ? error.message : 'unreadable'}`);
  }
  throw new Refusal('The given value is not a JSON object.');
}

/** Refuses a record whose values no name server would load. */
export function checkRecord(record: ZoneRecord): void {
  const { type, data } = record;
  const count = valueCount[type];
  if (count !== undefined && count !== null && data.length !== count) {
    throw new Refusal(`“${type}” records need ${count} value${count === 1 ? '' : 's'}; ${data.length} given.`);
  }
  if (data.length === 0) throw new Refusal(`“${type}” records need a value.`);
  const [first = ''] = data;
  if (type === 'A' && !isIPv4(first)) throw new Refusal(`“${first}” is not a valid IPv4 address.`);
  if (type === 'AAAA' && !isIPv6(first)) throw new Refusal(`“${first}” is not a valid IPv6 address.`);
  if (type === 'TXT' && data.some((v) => Buffer.byteLength(v) > 255))
    throw new Refusal('A character-string in a “TXT” record may not exceed 255 bytes.');
  if (!/^[\w.*@-]*$/u.test(record.name)) throw new Refusal(`“${record.name}” is not a valid DNS name.`);
}

function requireRecord(zone: Zone, index: number): void {
  const found = recordAt(zone, index);
  if (found === undefined) throw new Refusal(`There is no record at line index ${index} of “${zone.domain}”.`);
  if (found.type === 'SOA' || found.type === 'NS')
    throw new Refusal(`“${found.type}” records may not be changed here.`);
}

/** The zone's lines after the edits; additions stand at the end. Refuses as a whole. */
export function edited(zone: Zone, edits: ZoneEdits): readonly ZoneLine[] {
  for (const index of [...edits.remove, ...edits.edit.map((e) => e.index)]) requireRecord(zone, index);
  const gone = new Set(edits.remove);
  const changed = new Map(edits.edit.map((e) => [e.index, e.record]));
  const kept = placed(zone).flatMap(({ index, line }) => (gone.has(index) ? [] : [changed.get(index) ?? line]));
  const lines = [...kept, ...edits.add];
  for (const record of [...edits.add, ...changed.values()]) refuseClash(zone.domain, lines, record);
  return lines;
}

/** A CNAME stands alone on its name. */
export function refuseClash(domain: string, lines: readonly ZoneLine[], record: ZoneRecord): void {
  const name = absolute(record.name, domain);
  const same = lines.filter(isRecord).filter((r) => absolute(r.name, domain) === name);
  if (same.length > 1 && same.some((r) => r.type === 'CNAME')) {
    throw new Refusal(`dns_master_load: ${name.slice(0, -1)}: CNAME and other data`);
  }
}
