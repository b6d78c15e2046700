/**
 * What a drop or a rename left behind, whoever did it, on whichever server first. Pure and level-based:
 *
 *   dropped here     → the other's slot is taken away, so that it keeps no log for nobody; so is what was applied by
 *   renamed here     → nothing until the other is renamed too; then slots and origins follow to the new name, and
 *                      carrying goes on where it was
 *   gone on both     → the notes go
 */
import { leftOf, noteNames, type PgGlance, type SlotSeen } from './model.ts';
import { slotBegin, slotEnding, slotName } from './names.ts';

export type TidyStep =
  /** This server's half of a database that the other has not any more. */
  | { readonly kind: 'unlink'; readonly on: string; readonly database: string }
  | { readonly kind: 'drop-slot'; readonly on: string; readonly slot: string }
  | { readonly kind: 'drop-origin'; readonly on: string; readonly origin: string }
  /** Both servers' slots and origins with this ending follow the database to its name. */
  | { readonly kind: 'follow'; readonly database: string; readonly ending: string }
  /** A call that never ended: it is carried as before. */
  | { readonly kind: 'stay'; readonly on: string; readonly database: string }
  | { readonly kind: 'forget'; readonly on: string; readonly note: string };

/** A call of cPanel's takes minutes at most. */
const staleMs = 15 * 60_000;

function has(glance: PgGlance, database: string): boolean {
  return glance.databases.some((one) => one.name === database);
}

function slotSteps(at: PgGlance, other: PgGlance, slot: SlotSeen): readonly TidyStep[] {
  const ending = slot.name.slice(slotBegin(other.id).length);
  const twin = other.slots.find((one) => one.name === slotBegin(at.id) + ending);
  const { database } = slot;
  if (noteNames.filling(database) in at.notes || noteNames.filling(database) in other.notes) return [];
  if (slot.name === slotName(other.id, database))
    return twin !== undefined || has(other, database) ? [] : [{ kind: 'unlink', on: at.id, database }];
  if (twin === undefined)
    return [
      { kind: 'drop-slot', on: at.id, slot: slot.name },
      { kind: 'unlink', on: at.id, database },
    ];
  return twin.database === database ? [{ kind: 'follow', database, ending }] : [];
}

function originSteps(at: PgGlance, other: PgGlance): readonly TidyStep[] {
  const begins = slotBegin(at.id);
  const known = new Set([
    ...at.databases.map((one) => slotEnding(one.name)),
    ...at.slots.map((one) => one.name.slice(slotBegin(other.id).length)),
  ]);
  return at.origins
    .filter((origin) => origin.startsWith(begins) && !known.has(origin.slice(begins.length)))
    .map((origin) => ({ kind: 'drop-origin', on: at.id, origin }));
}

function leavingStep(at: PgGlance, other: PgGlance, database: string): TidyStep | undefined {
  const left = leftOf(at, database);
  if (left === undefined) return undefined;
  if (left.isThere) return at.clock - left.at > staleMs ? { kind: 'stay', on: at.id, database } : undefined;
  const there = leftOf(other, database);
  const isEven = there === undefined ? !has(other, database) : !there.isThere;
  return isEven ? { kind: 'forget', on: at.id, note: noteNames.leaving(database) } : undefined;
}

function leavingSteps(at: PgGlance, other: PgGlance): readonly TidyStep[] {
  const begins = noteNames.leaving('');
  return Object.keys(at.notes)
    .filter((note) => note.startsWith(begins))
    .flatMap((note) => leavingStep(at, other, note.slice(begins.length)) ?? []);
}

/** Reasons that were written down for databases that nobody has any more. */
function noteSteps(at: PgGlance, other: PgGlance): readonly TidyStep[] {
  const prefixes = [noteNames.stopped(other.id, ''), noteNames.refused('')];
  return Object.keys(at.notes)
    .filter((note) => {
      const prefix = prefixes.find((one) => note.startsWith(one));
      if (prefix === undefined) return false;
      const database = note.slice(prefix.length);
      return !has(at, database) && !has(other, database);
    })
    .map((note) => ({ kind: 'forget', on: at.id, note }));
}

/** Every step, in an order in which each may be the last one that is done. */
export function tidyPlan(a: PgGlance, b: PgGlance): readonly TidyStep[] {
  const steps = [
    [a, b],
    [b, a],
  ].flatMap(([at, other]) =>
    at === undefined || other === undefined
      ? []
      : [
          ...at.slots.flatMap((slot) => slotSteps(at, other, slot)),
          ...originSteps(at, other),
          ...leavingSteps(at, other),
          ...noteSteps(at, other),
        ],
  );
  // Both servers find the same database to follow.
  const seen = new Set<string>();
  return steps.filter((step) => {
    const key = JSON.stringify(step);
    return !seen.has(key) && seen.add(key) !== undefined;
  });
}
