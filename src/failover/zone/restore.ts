import type { Change, ZoneJournal } from './journal.ts';
import { keyOf } from './key.ts';
import { lineOf } from './lexer.ts';
import type { Edit, Report, Zone } from './model.ts';
import { type Place, placesOf } from './places.ts';

/** What a return does to a zone. */
export interface Restoration {
  readonly edits: readonly Edit[];
  readonly returned: readonly Change[];
  /** Values that somebody changed since, or that cannot be told from a stranger's: left as they are. */
  readonly kept: readonly Report[];
}

/** The edit that puts the old text back; a TTL that was put in goes with the one blank behind it. */
function undo(text: string, place: Place, change: Change): Edit {
  const inserted = change.kind === 'ttl' && change.was === '';
  const blank = inserted && text[place.end] === ' ' ? 1 : 0;
  return { start: place.start, end: place.end + blank, text: change.was };
}

type Found = Place | 'gone' | 'unclear';

/** By position, while the number of values is the same; takes what it finds out of `free`. */
function byPosition(places: readonly Place[], free: Set<Place>, change: Change): Place | undefined {
  const place = change.of === places.length ? places[change.nth] : undefined;
  return place !== undefined && place.key === keyOf(change.kind, change.now) && free.delete(place) ? place : undefined;
}

/** By value, but only where no stranger had that value too. */
function byValue(changes: readonly Change[], free: Set<Place>, change: Change): Found {
  const key = keyOf(change.kind, change.now);
  const place = [...free].find((one) => one.key === key);
  if (place === undefined) return 'gone';
  // A later edit counts our own earlier ones as alike, so the least count of all is the true one.
  const like = changes.filter((one) => keyOf(one.kind, one.now) === key).map((one) => one.alike);
  if (Math.min(...like) > 0) return 'unclear';
  free.delete(place);
  return place;
}

/** Finds the place of each change among those of one kind, owner and type. */
function match(places: readonly Place[], changes: readonly Change[]): readonly (readonly [Change, Found])[] {
  const free = new Set(places);
  const sure = new Map(changes.map((change) => [change, byPosition(places, free, change)]));
  return changes.map((change) => [change, sure.get(change) ?? byValue(changes, free, change)]);
}

function kept(zone: Zone, change: Change, why: 'gone' | 'unclear'): Report {
  const about = `${change.type} ${change.kind === 'ttl' ? 'TTL' : 'address'} ${change.now}`;
  const record = zone.records.find((one) => one.owner === change.owner && one.type === change.type);
  const at = { line: record === undefined ? 1 : lineOf(zone.text, record.head), name: change.owner };
  return why === 'gone'
    ? { kind: 'changed-since', ...at, message: `${about} was changed since the switch and stays as it is.` }
    : { kind: 'unclear', ...at, message: `${about} cannot be told from one that was there before; it stays.` };
}

/** Returns what the journal lists and nobody changed since. The serial is the caller's: it must be a new, higher one. */
export function restore(zone: Zone, journal: ZoneJournal): Restoration {
  const all = { address: placesOf(zone, 'address'), ttl: placesOf(zone, 'ttl') };
  const groups = new Map<string, Change[]>();
  for (const change of journal.changes) {
    const name = `${change.kind} ${change.owner} ${change.type}`;
    groups.set(name, [...(groups.get(name) ?? []), change]);
  }
  const edits: Edit[] = [];
  const returned: Change[] = [];
  const left: Report[] = [];
  for (const [name, changes] of groups) {
    const kind = changes[0]?.kind ?? 'address';
    for (const [change, place] of match(all[kind].get(name.slice(kind.length + 1)) ?? [], changes)) {
      if (typeof place === 'string') {
        left.push(kept(zone, change, place));
      } else {
        edits.push(undo(zone.text, place, change));
        returned.push(change);
      }
    }
  }
  return { edits, returned, kept: left };
}
