/** What the sweep asks of each master. Both go through all that is open there, so a long backlog makes them long. */
import { type RawBuilder, sql } from 'kysely';
import type { Db } from './record.ts';
import { RUNNABLE_LEG } from './states.ts';

/** Legs that one turn of the sweep looks at; the next turn takes the rest. */
export const BATCH = 500;

/** Oldest first: legs that may run now and that no worker holds. */
export function dueLegs(db: Db, v: { master: string }, now: RawBuilder<number>) {
  return db
    .selectFrom('legs')
    .select(['id as leg', 'master', 'turn'])
    .where('state', 'in', [...RUNNABLE_LEG])
    .where('master', '=', v.master)
    .where('due_at', '<=', now)
    .where('released', '=', 1)
    .where('waits', '=', 0)
    .where((e) => e.or([e('lease_until', 'is', null), e('lease_until', '<=', now)]))
    .orderBy('seq')
    .limit(BATCH);
}

/**
 * The oldest legs that have waited for so long and have nothing in their way any more. Of each only the first in its way
 * is looked for: in a long backlog all the others are too.
 */
export function waitingForNothing(db: Db, v: { master: string; patienceMs: number }, now: RawBuilder<number>) {
  const stale = db
    .selectFrom('legs')
    .select('id')
    .where('state', 'in', [...RUNNABLE_LEG])
    .where('master', '=', v.master)
    .where('waits', '>', 0)
    .where('due_at', '<=', sql<number>`${now} - ${v.patienceMs}`)
    .orderBy('seq')
    .limit(BATCH);
  const inTheWay = db
    .selectFrom('leg_keys as mine')
    .innerJoin('leg_keys as theirs', 'theirs.name', 'mine.name')
    .select('theirs.leg_id')
    // The outer query's own name, which the builder of this one cannot know.
    .where('mine.leg_id', '=', sql.ref<string>('stale.id'))
    // Everything holds it, so this join would be with all that is open; who waits for it alone is only counted anew.
    .where('mine.name', '!=', 'server')
    .where((e) => e.or([e('theirs.exclusive', '=', 1), e('mine.exclusive', '=', 1)]))
    .whereRef('theirs.seq', '<', 'mine.seq')
    .where((e) => e.or([e('theirs.wide', '=', 1), e('theirs.master', '=', e.ref('mine.master'))]));
  return db
    .selectFrom(stale.as('stale'))
    .select('stale.id')
    .where((e) => e.not(e.exists(inTheWay)));
}
