/** What the live workers say about the masters: the web process has no breaker of its own. */
import type { Journal } from '../store/database.ts';
import { masterRows, reachOfLive } from './accept-statements.ts';
import type { Deps } from './deps.ts';
import type { Db } from './record.ts';

/** A worker not heard of for this long is taken for dead, milliseconds. */
export const WORKER_SILENT_MS = 15_000;

export interface KnownMaster {
  readonly id: string;
  readonly state: 'reachable' | 'unreachable' | 'parked';
  readonly since: number;
  readonly reason?: string;
  readonly version?: string;
}

/** What was read in this turn of the event loop, for each journal. */
const thisTurn = new WeakMap<Journal, Promise<readonly KnownMaster[]>>();

/** The masters as they are known now; read once for all who ask in one turn of the event loop. */
export function knownNow(deps: Pick<Deps, 'journal' | 'masters'>): Promise<readonly KnownMaster[]> {
  const { journal } = deps;
  const read = thisTurn.get(journal);
  if (read !== undefined) return read;
  const reading = journal.read((db) => knownMasters(deps, db));
  thisTurn.set(journal, reading);
  setImmediate(() => thisTurn.delete(journal));
  return reading;
}

/**
 * Each master, as all live workers together see it: unreachable only when no live worker reaches it. With no worker
 * alive nothing is known, and a master counts as reachable.
 */
export async function knownMasters(deps: Pick<Deps, 'journal' | 'masters'>, db: Db): Promise<readonly KnownMaster[]> {
  const { rows } = await deps.journal.prepare(reachOfLive)(db, { silentMs: WORKER_SILENT_MS });
  const parked = (await deps.journal.prepare(masterRows)(db, {})).rows;
  return deps.masters.list.map((m) => {
    const known = parked.find((p) => p.id === m.id);
    const version = known?.version ?? undefined;
    const base = { id: m.id, ...(version === undefined ? {} : { version }) };
    if (known !== undefined && known.parked === 1) {
      return { ...base, state: 'parked', since: known.parked_at ?? 0, reason: known.parked_reason ?? '' };
    }
    const views = rows.filter((r) => r.master === m.id);
    const away = views.length > 0 && views.every((v) => v.state === 'unreachable');
    const since = Math.max(0, ...views.map((v) => v.since));
    if (!away) return { ...base, state: 'reachable', since };
    return { ...base, state: 'unreachable', since, reason: views[0]?.reason ?? '' };
  });
}
