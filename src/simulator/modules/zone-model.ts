/** A comment or a `$` statement; kept byte for byte. */
export interface ZoneNote {
  readonly kind: 'comment' | 'control';
  readonly text: string;
}

/** A resource record. `name` stands as written in the file: absolute with a dot at the end, or relative to the zone. */
export interface ZoneRecord {
  readonly kind: 'record';
  readonly name: string;
  readonly ttl: number;
  readonly type: string;
  readonly data: readonly string[];
}

export type ZoneLine = ZoneNote | ZoneRecord;

/** A zone file. Immutable: every write makes a new one. */
export interface Zone {
  readonly domain: string;
  readonly lines: readonly ZoneLine[];
}

/** A line and the number of the physical line where it begins, from 0. */
export interface PlacedLine {
  readonly index: number;
  readonly line: ZoneLine;
}

/** How many physical lines SOA takes in the file, bracket to bracket. */
export const soaHeight = 6;

/** Physical lines that an entry takes. */
export function heightOf(line: ZoneLine): number {
  return line.kind === 'record' && line.type === 'SOA' ? soaHeight : 1;
}

/** Every line with its physical place; the numbers are what WHM calls `line_index`. */
export function placed(zone: Zone): readonly PlacedLine[] {
  let index = 0;
  return zone.lines.map((line) => {
    const at = index;
    index += heightOf(line);
    return { index: at, line };
  });
}

/** The record that begins at a physical line, or undefined when something else or nothing does. */
export function recordAt(zone: Zone, index: number): ZoneRecord | undefined {
  const found = placed(zone).find((p) => p.index === index)?.line;
  return found?.kind === 'record' ? found : undefined;
}

/** Whether a line is a record, neither comment nor `$` statement. */
export function isRecord(line: ZoneLine): line is ZoneRecord {
  return line.kind === 'record';
}

/** Absolute owner name, lower case, with the dot at the end. */
export function absolute(name: string, domain: string): string {
  const lower = name.toLowerCase();
  if (lower === '' || lower === '@') return `${domain}.`;
  return lower.endsWith('.') ? lower : `${lower}.${domain}.`;
}

/** The serial of the SOA record. Throws RangeError on a zone without one: such a zone is never stored. */
export function serialOf(zone: Zone): number {
  const soa = zone.lines.filter(isRecord).find((r) => r.type === 'SOA');
  if (soa === undefined) throw new RangeError(`zone ${zone.domain} has no SOA`);
  return Number(soa.data[2]);
}

/** Today's first serial, the day as a number and two digits: 2026112200. `now` in milliseconds since 1970. */
export function firstSerial(now: number): number {
  return Number(new Date(now).toISOString().slice(0, 10).replaceAll('-', '')) * 100;
}

/** The zone with other lines and the next serial, as every write makes it. `now` in milliseconds since 1970. */
export function rewritten(zone: Zone, lines: readonly ZoneLine[], now: number): Zone {
  const serial = Math.max(serialOf(zone) + 1, firstSerial(now) + 1);
  return { domain: zone.domain, lines: lines.map((line) => withSerial(line, serial)) };
}

function withSerial(line: ZoneLine, serial: number): ZoneLine {
  if (line.kind !== 'record' || line.type !== 'SOA') return line;
  return { ...line, data: line.data.map((value, i) => (i === 2 ? String(serial) : value)) };
}
