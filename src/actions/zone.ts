import { z } from 'zod';
import { type WhmCall, whm } from '../whm/call.ts';
import type { Answer } from '../whm/outcome.ts';
import { canonicalAddress } from './addresses.ts';
import { numeric, type Readable, readable } from './answers.ts';

/**
 * DNS zones as desired records. A record is what it says (name, type, data), never where it stands: serials and line
 * numbers belong to one master and one moment, so an edit is always computed from that master's own zone and sent with
 * the serial that was read. When the zone moved on meanwhile WHM refuses, and the plan is made anew.
 */

/** One record in canonical form: names absolute, lower case, with the closing dot. */
export interface ZoneRecord {
  readonly name: string;
  readonly type: string;
  readonly ttl: number;
  /** By position, as WHM lists it: MX preference and exchange; SRV priority, weight, port, target; TXT its strings. */
  readonly data: readonly string[];
}

/** A record and where it stands on this master now. */
export interface ZoneLine extends ZoneRecord {
  readonly line: number;
}

export interface Zone {
  readonly serial: string;
  readonly records: readonly ZoneLine[];
}

const utf8 = new TextDecoder('utf-8', { fatal: true });

/** Bytes as text: UTF-8 where it is that, else one character a byte. */
function decode(base64: string): string {
  const bytes = atob(base64);
  // Nearly all of a zone, and the same in both.
  if (/^[\x20-\x7e]*$/.test(bytes)) return bytes;
  try {
    return utf8.decode(Uint8Array.from(bytes, (char) => char.charCodeAt(0)));
  } catch {
    // Zone files may hold any bytes; they only have to compare equal to themselves.
    return bytes;
  }
}

const base64 = z.base64().transform(decode);

const entry = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('record'),
    line_index: numeric,
    dname_b64: base64,
    record_type: z.string(),
    ttl: numeric,
    data_b64: z.array(base64),
  }),
  z.object({ type: z.literal(['comment', 'control']), line_index: numeric }),
]);

const payload = z.object({ payload: z.array(entry) });

/** An absolute name of a zone: 'www' and 'www.bob.example.' are one; '@' is the zone itself. */
export function absolute(name: string, zone: string): string {
  const lower = name.toLowerCase();
  if (lower.endsWith('.')) return lower;
  return lower === '@' || lower === '' ? `${zone}.` : `${lower}.${zone}.`;
}

/** Which positions of a type's data are names. */
const names: Readonly<Record<string, number>> = { CNAME: 0, MX: 1, SRV: 3, NS: 0, PTR: 0, DNAME: 0, ALIAS: 0 };

/** One string for comparing: TXT strings are one text however they are cut, and numbers have no leading zeros. */
function canonicalData(type: string, data: readonly string[], zone: string): readonly string[] {
  if (type === 'TXT') return [data.join('')];
  if (type === 'A' || type === 'AAAA') return data.map(canonicalAddress);
  return data.map((value, index) => {
    if (index === names[type]) return absolute(value, zone);
    return /^\d+$/.test(value) ? String(Number(value)) : value;
  });
}

/** A record in canonical form; both what is read and what is wanted go through here. */
export function canonicalRecord(record: ZoneRecord, zone: string): ZoneRecord {
  const type = record.type.toUpperCase();
  return { name: absolute(record.name, zone), type, ttl: record.ttl, data: canonicalData(type, record.data, zone) };
}

/** The read that `readZone` understands. */
export function lookAtZone(zone: string): WhmCall {
  return whm('parse_dns_zone', { zone });
}

/** Parses parse_dns_zone. A zone without a SOA has no serial and counts as unreadable. */
export function readZone(answers: readonly Answer[], index: number, zone: string): Readable<Zone> {
  const answer = readable(answers, index, payload);
  if (!answer.ok) return answer;
  const records = answer.value.payload.flatMap((e) => {
    if (e.type !== 'record') return [];
    const record = canonicalRecord({ name: e.dname_b64, type: e.record_type, ttl: e.ttl, data: e.data_b64 }, zone);
    return [{ ...record, line: e.line_index }];
  });
  const serial = records.find((r) => r.type === 'SOA')?.data[2];
  if (serial === undefined) return { ok: false, reason: `The zone “${zone}” has no SOA record.` };
  return { ok: true, value: { serial, records } };
}

/** Whether two canonical records say the same, whatever their ttl. */
export function saysSame(a: ZoneRecord, b: ZoneRecord): boolean {
  return (
    a.name === b.name && a.type === b.type && a.data.length === b.data.length && a.data.every((v, i) => v === b.data[i])
  );
}

/** TXT strings hold 255 octets at most. Cut by characters of at most 4 octets where text is not ASCII. */
function strings(text: string): readonly string[] {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the ASCII range is meant.
  const size = /^[\x00-\x7f]*$/.test(text) ? 255 : 63;
  const characters = [...text];
  const parts: string[] = [];
  for (let at = 0; at < characters.length; at += size) parts.push(characters.slice(at, at + size).join(''));
  return parts.length === 0 ? [''] : parts;
}

function asWhm(record: ZoneRecord, line?: number): string {
  const data = record.type === 'TXT' ? strings(record.data.join('')) : record.data;
  const body = { dname: record.name, ttl: record.ttl, record_type: record.type, data };
  return JSON.stringify(line === undefined ? body : { line_index: line, ...body });
}

export interface Edit {
  readonly add?: readonly ZoneRecord[];
  readonly edit?: readonly { readonly line: number; readonly record: ZoneRecord }[];
  readonly remove?: readonly number[];
}

function numbered(name: string, values: readonly string[]): Record<string, string> {
  return Object.fromEntries(values.map((value, index) => [`${name}-${index}`, value]));
}

/** One write of a zone, valid only for the serial that was read. */
export function editZone(zone: string, seen: Zone, edit: Edit): WhmCall {
  return whm('mass_edit_dns_zone', {
    zone,
    serial: seen.serial,
    ...numbered(
      'add',
      (edit.add ?? []).map((record) => asWhm(record)),
    ),
    ...numbered(
      'edit',
      (edit.edit ?? []).map(({ line, record }) => asWhm(record, line)),
    ),
    ...numbered('remove', (edit.remove ?? []).map(String)),
  });
}

/** WHM refuses a serial that is no longer the zone's; nothing was written. */
export function isStale(reason: string): boolean {
  return /serial number .*does not match|^Stale$/is.test(reason);
}
