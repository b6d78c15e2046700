/**
 * Rows that were written on a master before the other's older change of the same row arrived there: the change arrived
 * last and stands, and the write is still on its way to the other, where it would undo it. It happens at the edge of a
 * cut, and while a look works. The master's own log tells the order in which both came. A later write of its own knew of
 * what had arrived, and ends it.
 */
import { type Change, indexKeys, nameOf } from './collect.ts';
import type { LoggedTable, RowsEvent, Transaction } from './events.ts';
import type { FetchedLog } from './logs.ts';
import type { ConflictTable, Untold } from './tables.ts';

export interface CrossedDeps {
  /** The master's own part, with all that was applied in between. */
  readonly log: FetchedLog;
  /** The other master's domain. */
  readonly others: number;
  readonly carries: (database: string, table: string) => boolean;
  readonly tableOf: (database: string, table: string) => Promise<ConflictTable | Untold>;
}

interface Seen {
  /** Rows that were written here and have not arrived over since. */
  readonly own: Set<string>;
  readonly crossed: Map<string, Change>;
}

/** The rows of own transactions, and of what arrived from the other after the first of them, in the order of the log. */
async function* eventsOf(deps: CrossedDeps): AsyncGenerator<readonly [Transaction, RowsEvent, boolean]> {
  let hasBegun = false;
  for await (const one of deps.log.everything()) {
    const isOwn = one.gtid.domain === deps.log.span.domain;
    hasBegun ||= isOwn;
    if (!hasBegun || (!isOwn && one.gtid.domain !== deps.others)) continue;
    for (const event of one.rows) if (deps.carries(event.table.database, event.table.table)) yield [one, event, isOwn];
  }
}

/** Tables that both wrote to. */
async function tablesOf(deps: CrossedDeps): Promise<ReadonlyMap<string, ConflictTable>> {
  const own = new Set<string>();
  const theirs = new Map<string, LoggedTable>();
  for await (const [, { table }, isOwn] of eventsOf(deps))
    if (isOwn) own.add(nameOf(table));
    else theirs.set(nameOf(table), table);
  const tables = new Map<string, ConflictTable>();
  for (const [name, { database, table }] of theirs) {
    const found = own.has(name) ? await deps.tableOf(database, table) : undefined;
    if (found !== undefined && !('reason' in found)) tables.set(name, found);
  }
  return tables;
}

function note({ own, crossed }: Seen, change: Change, isOwn: boolean): void {
  const images = [change.before, change.after].filter((one) => one !== undefined);
  // The row's own key comes first; what meets in another unique value is refused by the server instead of crossing.
  for (const key of new Set(images.map((image) => indexKeys(change.table, change.logged, image)[0] ?? '')))
    if (isOwn) {
      own.add(key);
      crossed.delete(key);
    } else if (own.has(key)) crossed.set(key, change);
}

/** The changes that arrived last on rows that this master had written meanwhile. */
export async function crossedChanges(deps: CrossedDeps): Promise<readonly Change[]> {
  if (!(await deps.log.hasBehind(deps.others))) return [];
  const tables = await tablesOf(deps);
  const seen: Seen = { own: new Set(), crossed: new Map() };
  if (tables.size === 0) return [];
  for await (const [{ at }, { table: logged, rows }, isOwn] of eventsOf(deps)) {
    const table = tables.get(nameOf(logged));
    if (table === undefined) continue;
    for (const row of rows) note(seen, { ...row, table, logged, at, seq: 0n, hasArrived: true }, isOwn);
  }
  return [...seen.crossed.values()];
}
