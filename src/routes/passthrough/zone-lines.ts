/** From the many ways in which clients ask for a change of a zone to one: lines and records. Pure. */
import { canonicalRecord, type ZoneRecord } from '../../actions/zone.ts';
import type { Args } from '../../whm/call.ts';
import { isRecord } from './answer.ts';
import type { Wanted } from './judge.ts';
import { lastOf } from './params.ts';
import { dataOf, type LineEdit, nameIn, type SeenLine, valueNames, type ZoneView } from './zone-view.ts';

/** What is wanted, or cPanel's reason why it cannot be. */
export type Asked = LineEdit | string;

function listOf(args: Args, name: string): readonly string[] {
  const pattern = new RegExp(`^${name}(?:-\\d+)?$`);
  return args.filter(([n]) => pattern.test(n)).map(([, value]) => value);
}

interface Item {
  readonly line: number | undefined;
  readonly record: ZoneRecord;
}

function itemOf(zone: string, text: string): Item | string {
  let item: unknown;
  try {
    item = JSON.parse(text);
  } catch {
    return 'The given value is not valid JSON.';
  }
  if (!isRecord(item)) return 'The given value is not a JSON object.';
  const { dname, ttl, record_type: type, data, line_index: line } = item;
  if (typeof dname !== 'string') return 'The “dname” value is missing.';
  if (typeof type !== 'string' || !Array.isArray(data)) return 'The “record_type” or “data” value is missing.';
  if (type === 'SOA' || type === 'NS') return `“${type}” is not a supported record type.`;
  const seconds = Number(ttl);
  if (!Number.isInteger(seconds) || seconds < 0) return `“${String(ttl)}” is not a valid TTL.`;
  const record = canonicalRecord({ name: nameIn(zone, dname), type, ttl: seconds, data: data.map(String) }, zone);
  return { line: line === undefined ? undefined : Number(line), record };
}

function massEdit(zone: string, args: Args): Asked {
  const add = listOf(args, 'add').map((text) => itemOf(zone, text));
  const edit = listOf(args, 'edit').map((text) => itemOf(zone, text));
  const wrong = [...add, ...edit].find((item) => typeof item === 'string');
  if (typeof wrong === 'string') return wrong;
  const items = (list: readonly (Item | string)[]) => list.filter((item) => typeof item !== 'string');
  if (items(edit).some((item) => item.line === undefined)) return 'The “line_index” value is missing.';
  return {
    add: items(add).map((item) => item.record),
    edit: items(edit).map(({ line, record }) => ({ line: line ?? -1, to: record })),
    remove: listOf(args, 'remove').map(Number),
  };
}

/** Form fields of addzonerecord and editzonerecord; what is not given is taken from the record on the line. */
function formRecord(zone: string, args: Args, old?: SeenLine): ZoneRecord | string {
  const type = (lastOf(args, 'type') ?? old?.type ?? '').toUpperCase();
  if (valueNames[type] === undefined) return `“${type}” is not a supported record type.`;
  const row = Object.fromEntries(args);
  const before = old === undefined || old.type !== type ? {} : namedValues(old);
  const data = dataOf(type, { flag: '0', priority: '0', weight: '0', ...before, ...row });
  if (data === undefined) return `A value of the “${type}” record is missing.`;
  const name = lastOf(args, 'name');
  const ttl = Number(lastOf(args, 'ttl') || old?.ttl || 14_400);
  if (name === undefined && old === undefined) return 'The “name” value is missing.';
  if (!Number.isInteger(ttl) || ttl < 0) return `“${ttl}” is not a valid TTL.`;
  const full = name === undefined ? (old?.name ?? '') : nameIn(zone, name);
  return canonicalRecord({ name: full, type, ttl, data }, zone);
}

function namedValues(line: SeenLine): Readonly<Record<string, string>> {
  return Object.fromEntries(
    (valueNames[line.type] ?? []).map((name, at) => [name.replace('.', ''), line.data[at] ?? '']),
  );
}

/** Counted from 1 in these calls. */
function lineArg(args: Args): number {
  return Number(lastOf(args, 'line') ?? lastOf(args, 'Line') ?? Number.NaN) - 1;
}

/** The edit that a call asks for; `view` is what its lines are of. */
export function askedOf(wanted: Wanted, zone: string, view: ZoneView): Asked {
  const { fn, args } = wanted;
  if (fn === 'mass_edit_dns_zone' || fn === 'DNS::mass_edit_zone') return massEdit(zone, args);
  if (fn === 'addzonerecord' || fn === 'ZoneEdit::add_zone_record') {
    const record = formRecord(zone, args);
    return typeof record === 'string' ? record : { add: [record], edit: [], remove: [] };
  }
  const line = lineArg(args);
  const old = view.lines.find((l) => l.line === line);
  if (fn === 'removezonerecord' || fn === 'ZoneEdit::remove_zone_record') {
    if (old === undefined) return `Unable to find a record on specified line: ${line + 1}`;
    return { add: [], edit: [], remove: [line] };
  }
  if (old === undefined) return 'Failed to serialize record: unknown error';
  const record = formRecord(zone, args, old);
  return typeof record === 'string' ? record : { add: [], edit: [{ line, to: record }], remove: [] };
}

/** The edit by value, as dns.edit-zone takes it; a string: a line that holds no record which may be edited. */
export function byValue(view: ZoneView, edit: LineEdit): Readonly<Record<string, unknown>> | string {
  const plain = ({ name, type, ttl, data }: ZoneRecord) => ({ name, type, ttl, data });
  const at = new Map(view.lines.map((l) => [l.line, l]));
  const named = [...edit.remove, ...edit.edit.map((e) => e.line)];
  const missing = named.find((line) => !at.has(line));
  if (missing !== undefined) return `There is no record at line index ${missing} of “${view.zone}”.`;
  const fixed = named.map((line) => at.get(line)).find((l) => l?.type === 'NS' || l?.type === 'SOA');
  if (fixed !== undefined) return `“${fixed.type}” records may not be changed here.`;
  return {
    zone: view.zone,
    add: edit.add.map(plain),
    edit: edit.edit.flatMap(({ line, to }) => {
      const from = at.get(line);
      return from === undefined ? [] : [{ from: plain(from), to: plain(to) }];
    }),
    remove: edit.remove.flatMap((line) => {
      const found = at.get(line);
      return found === undefined ? [] : [plain(found)];
    }),
  };
}
