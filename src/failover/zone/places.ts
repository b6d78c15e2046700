import type { Change } from './journal.ts';
import { keyOf } from './key.ts';
import type { Zone, ZoneRecord } from './model.ts';
import { absoluteName, firstLabel } from './names.ts';

/** One value in a zone that may be changed, found again later by owner, type and position among its like. */
export interface Place {
  readonly start: number;
  readonly end: number;
  readonly text: string;
  /** One form for all spellings; '' for a TTL that is not written. */
  readonly key: string;
}

/** 'owner type' → its values in the order of the file. */
export type Places = ReadonlyMap<string, readonly Place[]>;

function ttlPlace({ ttlToken: ttl, head: start }: ZoneRecord): Place {
  if (ttl === undefined) return { start, end: start, text: '', key: '' };
  return { start: ttl.start, end: ttl.end, text: ttl.text, key: keyOf('ttl', ttl.text) };
}

function valuesOf(record: ZoneRecord, kind: Change['kind']): readonly Place[] {
  if (record.foreignClass) return [];
  return kind === 'address' ? record.addresses : [ttlPlace(record)];
}

/** All values of one kind in a zone, or only those of the sets named ('owner type'). */
export function placesOf(zone: Zone, kind: Change['kind'], only?: ReadonlySet<string>): Places {
  const places = new Map<string, Place[]>();
  for (const record of zone.records) {
    if (only?.has(record.set) === false) continue;
    const found = valuesOf(record, kind);
    if (found.length === 0) continue;
    const list = places.get(record.set);
    if (list === undefined) places.set(record.set, [...found]);
    else list.push(...found);
  }
  return places;
}

/** Names that never move: glue, and those that belong to one master ('www1', or a whole name with its closing dot). */
export function stayingNames(zone: Zone, stays: readonly string[]): (owner: string) => boolean {
  const glue = glueNames(zone);
  const names = new Set(stays.map((name) => name.toLowerCase()));
  return (owner) => glue.has(owner) || names.has(owner) || (owner !== zone.apex && names.has(firstLabel(owner)));
}

/** Every name that a NS record of this zone points at. */
export function glueNames(zone: Zone): ReadonlySet<string> {
  return new Set(
    zone.records
      .filter((record) => record.type === 'NS' && record.rdata.length > 0)
      .map((record) => absoluteName(record.rdata[0]?.text ?? '', record.origin)),
  );
}
