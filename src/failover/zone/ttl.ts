import type { Change } from './journal.ts';
import { lineOf } from './lexer.ts';
import type { Edit, Report, Zone, ZoneRecord } from './model.ts';
import { placesOf } from './places.ts';
import { changeOf, type Planned } from './replace.ts';

/** Whether two records of one set differ in TTL. BIND then takes the first one's, also for what inherits from them. */
function hasMixedTtls(records: readonly ZoneRecord[]): boolean {
  const first = new Map<string, number>();
  return records.some((record) => {
    const name = record.set;
    const ttl = first.get(name);
    if (ttl === undefined) first.set(name, record.ttl);
    return ttl !== undefined && ttl !== record.ttl;
  });
}

/** Why a TTL cannot be changed without changing a stranger's: records that inherit from the one before. */
function obstacle(zone: Zone): string | undefined {
  if (!zone.records.some((record) => record.ttlFrom === 'previous')) return undefined;
  if (zone.directives.length > 0) return 'what $INCLUDE or $GENERATE makes inherits the TTL of the record before';
  return hasMixedTtls(zone.records) ? 'records of one set have different TTLs and others inherit them' : undefined;
}

/** The edit that gives a record its TTL; undefined when it has it anyway. */
function edit(record: ZoneRecord, wanted: number, inherited: number): Edit | undefined {
  const has = record.ttlFrom === 'previous' ? inherited : record.ttl;
  if (has === wanted) return undefined;
  const { ttlToken: own, head } = record;
  if (own !== undefined) return { start: own.start, end: own.end, text: String(wanted) };
  return { start: head, end: head, text: `${wanted} ` };
}

/**
 * Gives the record sets named ('owner type') a TTL of at most `atMost` seconds and leaves every other record's as it is,
 * also where one inherits from another.
 */
export function lowerTtl(
  zone: Zone,
  sets: ReadonlySet<string>,
  atMost: number,
): Planned & { reports: readonly Report[] } {
  const isHigh = (record: ZoneRecord) => record.ttl > atMost && !record.foreignClass && sets.has(record.set);
  const high = zone.records.find(isHigh);
  if (high === undefined) return { edits: [], changes: [], reports: [] };
  const reason = obstacle(zone);
  if (reason !== undefined) {
    const at = { line: lineOf(zone.text, high.head), name: high.owner };
    return { edits: [], changes: [], reports: [{ kind: 'ttl-left', ...at, message: `The TTL stays: ${reason}.` }] };
  }
  const edits = new Map<ZoneRecord, Edit>();
  let inherited = 0;
  for (const record of zone.records) {
    const wanted = isHigh(record) ? atMost : record.ttl;
    const made = edit(record, wanted, inherited);
    if (made !== undefined) edits.set(record, made);
    inherited = wanted;
  }
  return { edits: [...edits.values()], changes: ttlChanges(zone, edits), reports: [] };
}

function ttlChanges(zone: Zone, edits: ReadonlyMap<ZoneRecord, Edit>): readonly Change[] {
  const sets = new Set([...edits.keys()].map((record) => record.set));
  const places = placesOf(zone, 'ttl', sets);
  const counts = new Map<string, number>();
  return zone.records.flatMap((record) => {
    if (record.foreignClass || !sets.has(record.set)) return [];
    const nth = counts.get(record.set) ?? 0;
    counts.set(record.set, nth + 1);
    const made = edits.get(record);
    return made === undefined ? [] : [changeOf('ttl', record.set, places.get(record.set) ?? [], nth, made.text.trim())];
  });
}
