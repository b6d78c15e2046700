/**
 * The sweep: what makes the journal, and not the queue, the thing that counts. It looks at what is there, never at what
 * happened, so it may run anywhere, any time, twice at once: wakes what may run, repairs counts, turns calls of dead
 * workers into doubts, moves leads, and withdraws what no master can take.
 */
import { sql } from 'kysely';
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

/** One turn. Returns what it did, for the sentence in the log. */
export async function sweep(deps: Deps): Promise<Swept> {
  const known = await deps.journal.read((db) => knownMasters(deps, db));
  const away = new Set(known.filter((m) => m.state !== 'reachable').map((m) => m.id));
  const repaired = await repairWaits(deps, away);
  const moved = away.size === 0 ? 0 : await moveLeads(deps, known);
  const withdrawn = away.size === known.length ? await withdrawPassthrough(deps) : 0;
  const woken = await wakeAll(deps, away);
  return { woken, repaired, moved, withdrawn };
}

async function wakeAll(deps: Deps, away: ReadonlySet<string>): Promise<number> {
  let woken = 0;
  for (const master of deps.masters.list.filter((m) => !away.has(m.id))) {
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
  const stale = await db
    .selectFrom('legs')
    .select('id')
    .where('state', 'in', [...RUNNABLE_LEG])
    .where('master', '=', master)
    .where('waits', '>', 0)
    .where('due_at', '<=', sql<number>`${journal.now()} - ${PATIENCE * timing.sweepMs}`)
    .orderBy('seq')
    .limit(BATCH)
    .execute();
  if (stale.length === 0) return [];
  const ids = stale.map((s) => s.id);
  const blocked = await db
    .selectFrom('leg_keys as mine')
    .innerJoin('leg_keys as theirs', 'theirs.name', 'mine.name')
    .select('mine.leg_id')
    .distinct()
    .where('mine.leg_id', 'in', ids)
    // Everything holds it, so this join would be with all that is open; who waits for it alone is only counted anew.
    .where('mine.name', '!=', 'server')
    .where((e) => e.or([e('theirs.exclusive', '=', 1), e('mine.exclusive', '=', 1)]))
    .whereRef('theirs.seq', '<', 'mine.seq')
    .where((e) => e.or([e('theirs.wide', '=', 1), e('theirs.master', '=', e.ref('mine.master'))]))
    .execute();
  const still = new Set(blocked.map((b) => b.leg_id));
  return ids.filter((id) => !still.has(id));
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
