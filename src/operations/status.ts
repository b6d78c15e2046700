/** The light in the header of every page: one word, one sentence, and what is behind them. */
import { sql } from 'kysely';
import type { Deps } from './deps.ts';
import { type KnownMaster, knownMasters, WORKER_SILENT_MS } from './known-reach.ts';
import type { MasterStatus, Status } from './model.ts';
import { masterHint, nextStep } from './next-step.ts';
import type { Db } from './record.ts';
import { OPEN_LEG } from './states.ts';
import { iso } from './view.ts';

/** Reads the journal once; never asks a master. */
export function readStatus(
  deps: Deps,
  options: { readonly redis: () => 'up' | 'away'; readonly nodes: number },
): Promise<Status> {
  return deps.journal.read(async (db) => {
    const known = await knownMasters(deps, db);
    const masters = await masterStatuses(deps, db, known);
    const workers = await liveWorkers(deps, db);
    const open = await count(db, ['accepted', 'following', 'undecided']);
    const drift = await db
      .selectFrom('findings')
      .select((e) => e.fn.countAll<number>().as('n'))
      .where('resolved_at', 'is', null)
      .executeTakeFirst();
    const noted = Number(drift?.n ?? 0);
    const held = masters.reduce((sum, m) => sum + m.held, 0);
    return {
      ...lightOf(masters, workers),
      next: nextStep({ masters, workers, held, open, drift: noted }),
      masters,
      open,
      held,
      drift: noted,
      redis: options.redis(),
      workers,
      journal: { kind: deps.journal.kind, nodes: options.nodes, singlePointOfFailure: options.nodes < 2 },
    };
  });
}

async function count(db: Db, states: readonly string[]): Promise<number> {
  const row = await db
    .selectFrom('operations')
    .select((e) => e.fn.countAll<number>().as('n'))
    .where('state', 'in', [...states])
    .executeTakeFirst();
  return Number(row?.n ?? 0);
}

async function liveWorkers(deps: Deps, db: Db): Promise<number> {
  const oldest = sql<number>`${deps.journal.now()} - ${WORKER_SILENT_MS}`;
  const row = await db
    .selectFrom('workers')
    .select((e) => e.fn.countAll<number>().as('n'))
    .where('seen_at', '>', oldest)
    .executeTakeFirst();
  return Number(row?.n ?? 0);
}

async function masterStatuses(deps: Deps, db: Db, known: readonly KnownMaster[]): Promise<readonly MasterStatus[]> {
  const rows = await db
    .selectFrom('legs')
    .innerJoin('operations', 'operations.id', 'legs.operation_id')
    .select((e) => [
      'legs.master',
      'legs.state',
      e.fn.countAll<number>().as('n'),
      e.fn.min('operations.accepted_at').as('oldest'),
    ])
    .where('legs.state', 'in', [...OPEN_LEG])
    // What can still be undone has begun nowhere: nobody is behind with it.
    .where((e) => e.or([e('grace_until', 'is', null), e('grace_until', '<=', deps.journal.now())]))
    .groupBy(['legs.master', 'legs.state'])
    .execute();
  return known.map((m): MasterStatus => {
    const master = deps.masters.get(m.id);
    const mine = rows.filter((r) => r.master === m.id);
    const oldest = Math.min(...mine.map((r) => Number(r.oldest)));
    const hint = masterHint(m);
    return {
      id: m.id,
      name: master.name,
      site: master.site,
      hostname: master.hostname,
      state: m.state,
      since: iso(m.since),
      ...(m.reason === undefined ? {} : { reason: m.reason }),
      ...(hint === undefined ? {} : { hint }),
      ...(m.version === undefined ? {} : { version: m.version }),
      backlog: mine.reduce((sum, r) => sum + Number(r.n), 0),
      held: mine.filter((r) => r.state === 'held').reduce((sum, r) => sum + Number(r.n), 0),
      ...(Number.isFinite(oldest) ? { oldest: iso(oldest) } : {}),
    };
  });
}

/** The worst thing that is true, said in one sentence. */
export function lightOf(masters: readonly MasterStatus[], workers: number): Pick<Status, 'light' | 'sentence'> {
  const away = masters.filter((m) => m.state !== 'reachable');
  if (away.length === masters.length)
    return { light: 'down', sentence: 'No master can be reached: nothing can be changed' };
  const first = away[0];
  if (first !== undefined) {
    return {
      light: 'degraded',
      sentence: `Degraded: ${first.name} ${first.state} since ${first.since.slice(11, 16)} UTC`,
    };
  }
  if (workers === 0) return { light: 'degraded', sentence: 'Degraded: no worker runs, so changes wait' };
  const behind = [...masters].sort((a, b) => b.backlog - a.backlog)[0];
  if (behind !== undefined && behind.backlog > 0) {
    return {
      light: 'behind',
      sentence: `${behind.name} is ${behind.backlog} ${behind.backlog === 1 ? 'change' : 'changes'} behind`,
    };
  }
  return { light: 'redundant', sentence: 'Redundant' };
}
