import type { PlacedLine, Zone, ZoneRecord } from './zone-model.ts';
import { absolute, heightOf, isRecord, placed } from './zone-model.ts';

type Row = Readonly<Record<string, unknown>>;

function b64(text: string): string {
  return Buffer.from(text, 'utf8').toString('base64');
}

/** `parse_dns_zone`, `DNS::parse_zone`: names and values in base64, lines counted from 0. */
export function parsedZone(zone: Zone): readonly Row[] {
  return placed(zone).map(({ index, line }) =>
    line.kind === 'record'
      ? {
          line_index: index,
          type: 'record',
          dname_b64: b64(line.name),
          record_type: line.type,
          ttl: line.ttl,
          data_b64: line.data.map(b64),
        }
      : { line_index: index, type: line.kind, text_b64: b64(line.text) },
  );
}

/** Names that `dumpzone` and ZoneEdit give to the values of each type, in the order of the file. */
export const fieldNames: Readonly<Record<string, readonly string[]>> = {
  A: ['address'],
  AAAA: ['address'],
  ALIAS: ['alias'],
  CAA: ['flag', 'tag', 'value'],
  CNAME: ['cname'],
  DNAME: ['dname'],
  MX: ['preference', 'exchange'],
  NS: ['nsdname'],
  PTR: ['ptrdname'],
  SRV: ['priority', 'weight', 'port', 'target'],
  SOA: ['mname', 'rname', 'serial', 'refresh', 'retry', 'expire', 'minimum'],
};

/** A record's values by name, as text; names inside the values lose their last dot, as cPanel shows them. */
export function namedValues(found: ZoneRecord): Readonly<Record<string, string>> {
  if (found.type === 'TXT') return { txtdata: found.data.join(''), unencoded: '0' };
  const names = fieldNames[found.type] ?? [];
  return Object.fromEntries(names.map((name, i) => [name, (found.data[i] ?? '').replace(/\.$/, '')]));
}

/** `dumpzone`: one row per line, counted from 1, names absolute. */
export function dumpedZone(zone: Zone): readonly Row[] {
  return placed(zone).map((at) => dumped(zone.domain, at));
}

/** The `dumpzone` row of one line. */
export function dumped(domain: string, { index, line }: PlacedLine): Row {
  const Line = index + 1;
  if (!isRecord(line)) {
    const ttl = /^\$TTL\s+(.*)/u.exec(line.text)?.[1];
    return ttl === undefined ? { Line, type: ':RAW', raw: line.text } : { Line, type: '$TTL', ttl };
  }
  const lines = heightOf(line) > 1 ? { Lines: heightOf(line) } : {};
  const common = {
    Line,
    ...lines,
    class: 'IN',
    name: absolute(line.name, domain),
    ttl: String(line.ttl),
    type: line.type,
  };
  return { ...common, ...namedValues(line) };
}

/** ZoneEdit::fetchzone_records of API 2: like `dumpzone`, with `line` beside `Line` and the main value in `record`. */
export function fetchedZone(zone: Zone): readonly Row[] {
  return dumpedZone(zone).map((row) => {
    const main = row['address'] ?? row['cname'] ?? row['txtdata'] ?? null;
    return { ...row, line: row['Line'], record: main };
  });
}

/** Every record that stands on an absolute name. */
export function recordsNamed(zone: Zone, name: string): readonly ZoneRecord[] {
  return zone.lines.filter(isRecord).filter((r) => absolute(r.name, zone.domain) === name);
}
