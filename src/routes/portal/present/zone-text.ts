/** A zone as people edit it: one record a line, 'name ttl type data'. Pure. */
import { canonicalRecord, saysSame, type ZoneRecord } from '../../../actions/zone.ts';
import type { DifferenceLine } from '../sheet.ts';
import type { PortalSay } from '../texts/en.ts';

/** The records of which a person may write, without where they stand: the SOA is each master's own. */
export function editable(records: readonly ZoneRecord[]): readonly ZoneRecord[] {
  return records
    .filter((record) => record.type !== 'SOA')
    .map(({ name, ttl, type, data }) => ({ name, ttl, type, data }))
    .toSorted(byName);
}

function byName(a: ZoneRecord, b: ZoneRecord): number {
  return textOf(a) < textOf(b) ? -1 : 1;
}

/** One record as a line; names are absolute, texts in quotes. */
export function textOf(record: ZoneRecord): string {
  const data = record.type === 'TXT' ? quoted(record.data.join('')) : record.data.join(' ');
  return `${record.name} ${record.ttl} ${record.type} ${data}`;
}

function quoted(text: string): string {
  return `"${text.replaceAll(/["\\]/g, (sign) => `\\${sign}`)}"`;
}

export interface ParsedZone {
  readonly records: readonly ZoneRecord[];
  /** Numbers of the lines that are no records, the first is 1. */
  readonly unread: readonly number[];
}

const line = /^(\S+)\s+(\d{1,10})\s+([A-Za-z0-9]{1,12})\s+(\S.*)$/;

/** Reads lines back. A line that is no record is left out and told by its number. */
export function parseZone(text: string, zone: string): ParsedZone {
  const records: ZoneRecord[] = [];
  const unread: number[] = [];
  for (const [at, raw] of text.split(/\r?\n/).entries()) {
    const trimmed = raw.trim();
    if (trimmed === '' || trimmed.startsWith(';')) continue;
    const record = recordOf(trimmed, zone);
    if (record === undefined) unread.push(at + 1);
    else records.push(record);
  }
  return { records, unread };
}

function recordOf(text: string, zone: string): ZoneRecord | undefined {
  const found = line.exec(text);
  if (found === null) return undefined;
  const [, name = '', ttl = '', type = '', data = ''] = found;
  const parts = type.toUpperCase() === 'TXT' ? textParts(data) : data.split(/\s+/);
  if (parts.length === 0) return undefined;
  return canonicalRecord({ name, ttl: Number(ttl), type, data: parts }, zone);
}

/** '"a" "b"' is two strings, a bare text is one. */
function textParts(data: string): readonly string[] {
  if (!data.startsWith('"')) return [data];
  return [...data.matchAll(/"((?:[^"\\]|\\.)*)"/g)].map(([, inside = '']) => inside.replaceAll(/\\(.)/g, '$1'));
}

export interface ZoneChange {
  readonly add: readonly ZoneRecord[];
  readonly remove: readonly ZoneRecord[];
  readonly edit: readonly { readonly from: ZoneRecord; readonly to: ZoneRecord }[];
  readonly same: number;
}

/** What has to be done so that `before` becomes `after`; a record with another ttl or value at the same name is an edit. */
export function changeOf(before: readonly ZoneRecord[], after: readonly ZoneRecord[]): ZoneChange {
  const gone = [...before];
  const come: ZoneRecord[] = [];
  let same = 0;
  for (const record of after) {
    const at = gone.findIndex((one) => saysSame(one, record) && one.ttl === record.ttl);
    if (at < 0) come.push(record);
    else {
      gone.splice(at, 1);
      same += 1;
    }
  }
  const edit: { from: ZoneRecord; to: ZoneRecord }[] = [];
  for (const to of [...come]) {
    const alike = (one: ZoneRecord): boolean => one.name === to.name && one.type === to.type;
    const at = gone.findIndex(alike);
    const [from] = at < 0 || gone.filter(alike).length > 1 || come.filter(alike).length > 1 ? [] : gone.splice(at, 1);
    if (from === undefined) continue;
    edit.push({ from, to });
    come.splice(come.indexOf(to), 1);
  }
  return { add: come, remove: gone, edit, same };
}

/** Whether so much changes that a person should look twice: three records in ten go or change. */
export function isBig(change: ZoneChange): boolean {
  const touched = change.remove.length + change.edit.length;
  return touched > 2 && touched / Math.max(1, touched + change.same) > 0.3;
}

/** The difference as lines for the view. */
export function differenceOf(change: ZoneChange, say: PortalSay): readonly DifferenceLine[] {
  return [
    ...change.remove.map(
      (one) =>
        ({ state: 'removed', symbol: '−', word: say('difference.removed'), before: textOf(one), after: '' }) as const,
    ),
    ...change.edit.map(
      ({ from, to }) =>
        ({
          state: 'changed',
          symbol: '≠',
          word: say('difference.changed'),
          before: textOf(from),
          after: textOf(to),
        }) as const,
    ),
    ...change.add.map(
      (one) =>
        ({ state: 'added', symbol: '+', word: say('difference.added'), before: '', after: textOf(one) }) as const,
    ),
  ];
}
