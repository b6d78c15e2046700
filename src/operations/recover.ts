/**
 * The sweep: what makes the journal, and not the queue, the thing that counts. It looks at what is there, never at what
 * happened, so it may run anywhere, any time, twice at once: wakes what may run, repairs counts, turns calls of dead
 * workers into doubts, moves leads, and withdraws what no master can take.
 */
import { type RawBuilder, sql } from 'kysely';
import { withdrawUnsent } from './choices.ts';
import { between } from './crash-points.ts';
import type { Deps, Wake } from './deps.ts';
import { knownMasters } from './known-reach.ts';
import { moveLeads } from './lead.ts';
import { recount } from './order.ts';
import type { Db } from './record.ts';
import { RUNNABLE_LEG } from './states.ts';

/** Legs that one turn of the sweep looks at; the next turn takes the rest. */
const BATCH = 500;

export interface Swept {
  readonly woken: number;
  readonly repaired: number;
  readonly moved: number;
  readonly withdrawn: number;
}

/**
 * One turn. Returns what it did, for the sentence in the log. `hasRoom`: the masters that the sweeping worker can do
 * more for; what is ready for the others is left to who has room. Left out: all.
 */
export async function sweep(deps: Deps, hasRoom: (master: string) => boolean = () => true): Promise<Swept> {
  const known = await deps.journal.read((db) => knownMasters(deps, db));
  const away = new Set(known.filter((m) => m.state !== 'reachable').map((m) => m.id));
  const repaired = await repairWaits(deps, away);
  const moved = away.size === 0 ? 0 : await moveLeads(deps, known);
  const withdrawn = away.size === known.length ? await withdrawPassthrough(deps) : 0;
  const woken = await wakeAll(deps, (master) => !away.has(master) && hasRoom(master));
  return { woken, repaired, moved, withdrawn };
}

async function wakeAll(deps: Deps, isWanted: (master: string) => boolean): Promise<number> {
  let woken = 0;
  for (const master of deps.masters.list.filter((m) => isWanted(m.id))) {
    const wakes = await deps.journal.read((db) => dueLegs(deps, db, master.id));
    if (wakes.length > 0) deps.wake(wakes);
    woken += wakes.length;
  }
  return woken;
}

/** Oldest first: legs that may run now and that no worker holds. */
async function dueLegs(deps: Deps, db: Db, master: string): Promise<readonly Wake[]> {
  const now = deps.journal.now();
  const rows = await db
    .selectFrom('legs')
    .select(['id', 'master', 'turn'])
    .where('state', 'in', [...RUNNABLE_LEG])
    .where('master', '=', master)
    .where('due_at', '<=', now)
    .where('released', '=', 1)
    .where('waits', '=', 0)
    .where((e) => e.or([e('lease_until', 'is', null), e('lease_until', '<=', now)]))
    .orderBy('seq')
    .limit(BATCH)
    .execute();
  return rows.map((r) => ({ leg: r.id, master: r.master, turn: r.turn }));
}

/** A count that is too high would stop a leg for ever: it is counted anew when what it waited for may be gone. */
async function repairWaits(deps: Deps, away: ReadonlySet<string>): Promise<number> {
  let repaired = 0;
  // Each master that can work has a batch of its own: the long backlog of one that is away hides nothing.
  for (const master of deps.masters.list.filter((m) => !away.has(m.id))) {
    const wrong = await deps.journal.read((db) => wrongCounts(deps, db, master.id));
    if (wrong.length === 0) continue;
    await between(deps.crash, 'recover', () =>
      deps.journal.write(async (db) => {
        for (const id of wrong) await recount(deps, db, id);
      }),
    );
    repaired += wrong.length;
  }
  return repaired;
}

/** A leg that waits for less than so many turns of the sweep is no cause for doubt. */
const PATIENCE = 3;

/** The oldest waiting legs of a master with nothing in their way any more. */
async function wrongCounts({ journal, timing }: Deps, db: Db, master: string): Promise<readonly string[]> {
  const { rows } = await journal.prepare(waitingForNothing)(db, { master, patienceMs: PATIENCE * timing.sweepMs });
  return rows.map((row) => row.id);
}

/** Of each leg only the first in its way is looked for: in a long backlog all the others are too. */
function waitingForNothing(db: Db, v: { master: string; patienceMs: number }, now: RawBuilder<number>) {
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

/** A billing system's own retry is right only if nothing is left behind: with no master to be reached, it is withdrawn. */
async function withdrawPassthrough(deps: Deps): Promise<number> {
  const waiting = await deps.journal.read((db) =>
    db
      .selectFrom('operations')
      .select('id')
      .where('state', '=', 'accepted')
      .where('door', '=', 'passthrough')
      .where('id', 'not in', (e) =>
        e
          .selectFrom('legs')
          .select('operation_id')
          .where('first_sent_at', 'is not', null)
          .where('state', 'in', ['ready', 'sent', 'doubt', 'held']),
      )
      .limit(BATCH)
      .execute(),
  );
  let count = 0;
  for (const { id } of waiting) {
    try {
      await withdrawUnsent(deps, id);
      count += 1;
    } catch (error) {
      deps.log.info({ operation: id, reason: String(error) }, 'it was sent meanwhile, so it goes on');
    }
  }
  return count;
}
