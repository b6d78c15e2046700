/**
 * The grace of an operation: for some seconds after it was accepted nothing is sent, and a person may undo it, which is
 * a withdrawal. Nobody counts the seconds: all its legs are simply due that much later, so a crash changes nothing.
 * It has its place in the order from the start. Whoever comes after it and gives nobody time to undo (a program, the
 * command line) ends the grace of all that stands in its way.
 */
import type { RawBuilder } from 'kysely';
import type { Key } from '../actions/define.ts';
import { dueLater } from './accept-statements.ts';
import type { Deps } from './deps.ts';
import { type Db, keysOfRow } from './record.ts';

interface Standing {
  readonly id: string;
  readonly keys: readonly Key[];
  readonly seq: number;
}

/** Of operations that can still be undone, those that one with these keys and this number waits for, through others too. */
export function standingBefore(graces: readonly Standing[], keys: readonly Key[], seq: number): readonly string[] {
  const found = new Set<string>();
  const ahead = [{ keys, seq }];
  for (let next = ahead.pop(); next !== undefined; next = ahead.pop()) {
    const { keys: own, seq: number } = next;
    for (const one of graces) {
      if (found.has(one.id) || one.seq >= number || !inTheWay(one.keys, own)) continue;
      found.add(one.id);
      ahead.push(one);
    }
  }
  return [...found];
}

function inTheWay(earlier: readonly Key[], later: readonly Key[]): boolean {
  return earlier.some((a) => later.some((b) => a.name === b.name && (a.exclusive || b.exclusive)));
}

/** Ends the grace of what one with these keys waits for. Returns the ids of the legs that may run for all grace cares. */
export async function endGraceBefore(
  { journal, masters }: Pick<Deps, 'journal' | 'masters'>,
  db: Db,
  keys: readonly Key[],
  seq: number,
): Promise<readonly string[]> {
  const { rows } = await journal.prepare(inGrace)(db, { before: seq, masters: masters.list.map((m) => m.id) });
  const ids = standingBefore(
    rows.map((row) => ({ id: row.id, seq: row.seq, keys: keysOfRow(row) })),
    keys,
    seq,
  );
  if (ids.length === 0) return [];
  const now = journal.now();
  await db.updateTable('operations').set({ grace_until: now }).where('id', 'in', ids).execute();
  await db
    .updateTable('legs')
    .set({ due_at: now })
    .where('operation_id', 'in', ids)
    .where('state', '=', 'ready')
    .where('due_at', '>', now)
    .execute();
  const freed = await db
    .selectFrom('legs')
    .select('id')
    .where('operation_id', 'in', ids)
    .where('state', '=', 'ready')
    .where('released', '=', 1)
    .execute();
  return freed.map((leg) => leg.id);
}

/** What can still be undone: by its legs, which are due later, and so few. */
export function inGrace(db: Db, v: { before: number; masters: readonly string[] }, now: RawBuilder<number>) {
  return dueLater(db, v, now)
    .innerJoin('operations', 'operations.id', 'legs.operation_id')
    .select(['operations.id', 'operations.keys', 'operations.seq'])
    .where('operations.seq', '<', v.before)
    .where('operations.grace_until', '>', now);
}
