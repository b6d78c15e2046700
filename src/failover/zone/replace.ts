import type { Change } from './journal.ts';
import { keyOf } from './key.ts';
import type { Edit, Zone } from './model.ts';
import type { Moves } from './moves.ts';
import { type Place, type Places, placesOf, stayingNames } from './places.ts';

/** Edits that are not yet written, and what the journal must remember of them. */
export interface Planned {
  readonly edits: readonly Edit[];
  readonly changes: readonly Change[];
}

/** The journal's line about the `nth` of these places; `name` is 'owner type'. */
export function changeOf(
  kind: Change['kind'],
  name: string,
  places: readonly Place[],
  nth: number,
  now: string,
): Change {
  const blank = name.indexOf(' ');
  const key = keyOf(kind, now);
  return {
    kind,
    owner: name.slice(0, blank),
    type: name.slice(blank + 1),
    nth,
    of: places.length,
    alike: places.filter((place) => place.key === key).length,
    was: places[nth]?.text ?? '',
    now,
  };
}

/** 'owner type' of every address set that holds a moving address and is free to move, with its addresses. */
export function movingSets(zone: Zone, moves: Moves, stays: readonly string[]): Places {
  const moving = [...placesOf(zone, 'address')].filter(([, places]) => places.some((place) => moves.has(place.key)));
  if (moving.length === 0) return new Map();
  const staying = stayingNames(zone, stays);
  return new Map(moving.filter(([name]) => !staying(name.slice(0, name.indexOf(' ')))));
}

/**
 * Moves addresses: A, AAAA and the hints of HTTPS and SVCB, compared as numbers. `sets` are those of `movingSets`: names
 * that stay, glue, NS, PTR, SPF and every other text are not touched. Pre-signed zones must not come here.
 */
export function replaceAddresses(sets: Places, moves: Moves): Planned {
  const edits: Edit[] = [];
  const changes: Change[] = [];
  for (const [name, places] of sets) {
    places.forEach(({ start, end, key }, nth) => {
      const text = moves.get(key);
      if (text === undefined) return;
      edits.push({ start, end, text });
      changes.push(changeOf('address', name, places, nth, text));
    });
  }
  return { edits, changes };
}
