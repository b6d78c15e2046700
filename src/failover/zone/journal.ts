import { keyOf } from './key.ts';

/** One value that was changed. Its place is told by owner, type and order, since files move while a switch stands. */
export interface Change {
  readonly kind: 'address' | 'ttl';
  readonly owner: string;
  readonly type: string;
  /** Which of the values of this owner and type, from 0, and how many there were. */
  readonly nth: number;
  readonly of: number;
  /** How many of its like held the new value before; they are not ours to return. */
  readonly alike: number;
  /** Text before; '' for a TTL that was put in. */
  readonly was: string;
  readonly now: string;
}

/** What a switch did to one zone. Kept until it is returned. */
export interface ZoneJournal {
  readonly zone: string;
  readonly changes: readonly Change[];
}

function follows(later: Change, first: Change): boolean {
  return (
    later.kind === first.kind &&
    later.owner === first.owner &&
    later.type === first.type &&
    later.nth === first.nth &&
    later.of === first.of &&
    keyOf(later.kind, later.was) === keyOf(first.kind, first.now)
  );
}

/**
 * One journal from two edits of the same zone, the older first. A value that was changed twice remembers its first
 * text; one that is back where it was is forgotten.
 */
export function mergeJournals(first: ZoneJournal, later: ZoneJournal): ZoneJournal {
  const open = new Set(later.changes);
  const merged = first.changes.map((change) => {
    const next = [...open].find((one) => follows(one, change));
    if (next === undefined) return change;
    open.delete(next);
    return { ...change, now: next.now };
  });
  const changes = [...merged, ...open].filter(({ kind, was, now }) => keyOf(kind, was) !== keyOf(kind, now));
  return { zone: first.zone, changes };
}
