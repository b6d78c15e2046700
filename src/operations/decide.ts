/** What becomes of an operation when one of its legs has ended. */
import type { Deps, Timing } from './deps.ts';
import { asTheyStand, takeAgain } from './order.ts';
import { type Db, keysOfRow, legRows, operationRow } from './record.ts';
import {
  isOpen,
  markFinal,
  markFollowing,
  padded,
  releaseLegs,
  type Standing,
  standingOf,
  statesOf,
} from './statements.ts';

/**
 * A leg is done (or adopted, or skipped): releases the followers, and ends the operation when nothing is open.
 * Returns the ids of the released legs.
 */
export async function decide(deps: Deps, db: Db, operation: string): Promise<readonly string[]> {
  return (await decideNow(deps, db, operation)).map((leg) => leg.id);
}

type Deciding = Pick<Deps, 'journal'> & { readonly timing: Pick<Timing, 'verifyAfterMs'> };

/** The same, with how each of the released legs stands now. */
export async function decideNow(deps: Deciding, db: Db, operation: string): Promise<readonly Standing[]> {
  const { journal, timing } = deps;
  const legs = (await journal.prepare(statesOf)(db, { operation })).rows;
  const open = legs.filter((l) => isOpen(l.state));
  if (open.length === 0) {
    const state = legs.some((l) => l.state === 'done') ? 'done' : 'withdrawn';
    await journal.prepare(markFinal)(db, { operation, state, verifyMs: timing.verifyAfterMs });
    return [];
  }
  await journal.prepare(markFollowing)(db, { operation });
  const waiting = open.filter((l) => l.released === 0);
  if (waiting.length === 0) return [];
  const ids = waiting.map((l) => l.id);
  await journal.prepare(releaseLegs)(db, { legs: ids });
  if (legs[0]?.operation !== 'undecided') {
    const released = waiting.map((l) => ({ ...l, released: 1, due: 1 }));
    return asTheyStand(journal, db, released);
  }
  await takeBackShared(deps, db, operation, ids);
  return (await journal.prepare(standingOf)(db, { legs: padded(ids) })).rows;
}

/** While the lead was on hold its followers gave up their shared keys; now they need them again. */
async function takeBackShared(deps: Pick<Deps, 'journal'>, db: Db, id: string, legs: readonly string[]): Promise<void> {
  const row = await operationRow(db, id);
  for (const leg of await legRows(db, id)) {
    if (!legs.includes(leg.id)) continue;
    await takeAgain(
      deps,
      db,
      { id: leg.id, master: leg.master, seq: leg.seq, wide: row.destroys === 1 },
      keysOfRow(row),
    );
  }
}
