/** A zone as a client was shown it: which record stood on which line, in canonical form. Pure. */
import { absolute, canonicalRecord, type ZoneRecord } from '../../actions/zone.ts';
import { isRecord } from './answer.ts';

export interface SeenLine extends ZoneRecord {
  /** Counted from 0, as parse_dns_zone does; dumpzone's `Line` is one more. */
  readonly line: number;
}

export interface ZoneView {
  readonly zone: string;
  readonly serial: string;
  /** Without the SOA. */
  readonly lines: readonly SeenLine[];
}

type Row = Readonly<Record<string, unknown>>;

function unbase64(value: unknown): string {
  return Buffer.from(String(value), 'base64').toString('utf8');
}

/** Names of a type's values in dumpzone and ZoneEdit, in the order of the file; '.' marks host names. */
export const valueNames: Readonly<Record<string, readonly string[]>> = {
  A: ['address'],
  AAAA: ['address'],
  ALIAS: ['.alias'],
  CAA: ['flag', 'tag', 'value'],
  CNAME: ['.cname'],
  DNAME: ['.dname'],
  MX: ['preference', '.exchange'],
  NS: ['.nsdname'],
  PTR: ['.ptrdname'],
  SRV: ['priority', 'weight', 'port', '.target'],
  TXT: ['txtdata'],
};

function closed(name: string): string {
  return name === '' || name.endsWith('.') ? name : `${name}.`;
}

/** Values by name → by position; a host name is meant absolute, also without its last dot. */
export function dataOf(type: string, row: Row): readonly string[] | undefined {
  const names = valueNames[type];
  if (names === undefined) return undefined;
  const values = names.map((name) => row[name.replace('.', '')]);
  if (values.some((value) => value === undefined || value === null)) return undefined;
  return values.map((value, at) => (names[at]?.startsWith('.') ? closed(String(value)) : String(value)));
}

interface Found {
  readonly serial?: string;
  readonly line?: SeenLine;
}

function parsedRow(row: Row, zone: string): Found {
  if (row['type'] !== 'record' || !Array.isArray(row['data_b64'])) return {};
  const data = row['data_b64'].map(unbase64);
  if (row['record_type'] === 'SOA') return { serial: data[2] ?? '' };
  const record = canonicalRecord(
    { name: unbase64(row['dname_b64']), type: String(row['record_type']), ttl: Number(row['ttl']), data },
    zone,
  );
  return { line: { ...record, line: Number(row['line_index']) } };
}

function dumpedRow(row: Row, zone: string): Found {
  const type = String(row['type']);
  if (type === 'SOA') return { serial: String(row['serial'] ?? '') };
  const data = dataOf(type, row);
  const at = Number(row['Line'] ?? row['line']);
  if (data === undefined || !Number.isInteger(at)) return {};
  const record = canonicalRecord({ name: String(row['name']), type, ttl: Number(row['ttl']), data }, zone);
  return { line: { ...record, line: at - 1 } };
}

/** Reads the rows of any of the four reads of a zone; undefined: no SOA among them, so no whole zone. */
export function viewOf(zone: string, rows: readonly unknown[]): ZoneView | undefined {
  const found = rows.filter(isRecord).map((row) => ('line_index' in row ? parsedRow(row, zone) : dumpedRow(row, zone)));
  const serial = found.find((f) => f.serial !== undefined)?.serial;
  if (serial === undefined) return undefined;
  return { zone, serial, lines: found.flatMap((f) => f.line ?? []) };
}

/** What a client wants done with the lines that it saw. */
export interface LineEdit {
  readonly add: readonly ZoneRecord[];
  readonly edit: readonly { readonly line: number; readonly to: ZoneRecord }[];
  readonly remove: readonly number[];
}

/** The client's view after its own edit: lines below a removed one move up, additions stand at the end. */
export function afterEdit(view: ZoneView, edit: LineEdit, serial: string): ZoneView {
  const gone = new Set(edit.remove);
  const changed = new Map(edit.edit.map((e) => [e.line, e.to]));
  const kept = view.lines.flatMap((old): SeenLine[] => {
    if (gone.has(old.line)) return [];
    const above = edit.remove.filter((line) => line < old.line).length;
    return [{ ...old, ...changed.get(old.line), line: old.line - above }];
  });
  const last = Math.max(-1, ...kept.map((l) => l.line));
  const added = edit.add.map((r, at) => ({ ...canonicalRecord(r, view.zone), line: last + 1 + at }));
  return { ...view, serial, lines: [...kept, ...added] };
}

/** One text per record, sorted: equal for zones that say the same, wherever the lines stand. */
export function contentOf(view: ZoneView, neutral: (value: string) => string): string {
  return view.lines
    .map((l) => JSON.stringify([l.name, l.type, l.ttl, l.data.map(neutral)]))
    .sort()
    .join('\n');
}

/** cPanel's sentence for a serial that is no longer the zone's. */
export function staleSentence(given: string, current: string): string {
  return `The given serial number (${given}) does not match the DNS zone’s serial number (${current}). Refresh your view of the DNS zone, then resubmit.`;
}

/** A name as a client writes it in its zone. */
export function nameIn(zone: string, name: string): string {
  const bare = name.toLowerCase().replace(/\.$/, '');
  return bare === zone || bare.endsWith(`.${zone}`) ? `${bare}.` : absolute(name, zone);
}
