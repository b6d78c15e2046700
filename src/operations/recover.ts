/**
 * The sweep: what makes the journal, and not the queue, the thing that counts. It looks at what is there, never at what
 * happened, so it may run anywhere, any time, twice at once: wakes what may run, repairs counts, turns calls of dead
 * workers into doubts, moves leads, and withdraws what no master can take.
 */
import { withdrawUnsent } from './choices.ts';
import { between } from './crash-points.ts';
import type { Deps } from './deps.ts';
import { knownMasters } from './known-reach.ts';
import { moveLeads } from './lead.ts';
import type { LegJournal } from './leg-journal.ts';
import { recount } from './order.ts';
import { BATCH } from './sweep-statements.ts';

type Sweeping = Deps & { readonly legs: LegJournal };

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
export async function sweep(deps: Sweeping, hasRoom: (master: string) => boolean = () => true): Promise<Swept> {
  const known = await deps.journal.read((db) => knownMasters(deps, db));
  const away = new Set(known.filter((m) => m.state !== 'reachable').map((m) => m.id));
  const repaired = await repairWaits(deps, away);
  const moved = away.size === 0 ? 0 : await moveLeads(deps, known);
  const withdrawn = away.size === known.length ? await withdrawPassthrough(deps) : 0;
  const woken = await wakeAll(deps, (master) => !away.has(master) && hasRoom(master));
  return { woken, repaired, moved, withdrawn };
}

async function wakeAll(deps: Sweeping, isWanted: (master: string) => boolean): Promise<number> {
  let woken = 0;
  for (const master of deps.masters.list.filter((m) => isWanted(m.id))) {
    const wakes = await deps.legs.due(master.id);
    if (wakes.length > 0) deps.wake(wakes);
    woken += wakes.length;
  }
  return woken;
}

/** A count that is too high would stop a leg for ever: it is counted anew when what it waited for may be gone. */
async function repairWaits(deps: Sweeping, away: ReadonlySet<string>): Promise<number> {
  let repaired = 0;
  // Each master that can work has a batch of its own: the long backlog of one that is away hides nothing.
  for (const master of deps.masters.list.filter((m) => !away.has(m.id))) {
    const wrong = await deps.legs.waitingForNothing(master.id);
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
