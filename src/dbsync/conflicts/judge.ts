/**
 * Which rows both masters changed, and whose row stays. Three readings of both logs: the tables that both touched, the
 * keys that both touched, and what was done to those rows. Only the last keeps images, so a long cut needs little memory.
 */
import type { Session } from '../mariadb/connect.ts';
import { type Change, changesOf, indexKeys, keysOf, nameOf, touchesOf, wantWeights } from './collect.ts';
import { decide } from './decide.ts';
import type { LoggedTable, Transaction } from './events.ts';
import type { Decision, Unjudged, WriterOf } from './model.ts';
import { isCarriable } from './segments.ts';
import type { ConflictTable, Untold } from './tables.ts';
import { Weights } from './weights.ts';

/** One master's own transactions that the other has not applied, in their order; read as often as it is asked for. */
export interface SideLog {
  readonly id: string;
  transactions(): AsyncIterable<Transaction>;
}

export interface JudgeDeps {
  readonly logs: readonly [SideLog, SideLog];
  readonly tableOf: (database: string, table: string) => Promise<ConflictTable | Untold>;
  /** For the order of texts; any of the two servers. */
  readonly session: Session;
  readonly writerOf: WriterOf;
  /** Rows, as `forcedName` calls them, that are decided although only one master changed them. */
  readonly forced: ReadonlySet<string>;
  /** What is known of each side's rows beside its log: the log's own changes come after it. */
  readonly known: readonly [readonly Change[], readonly Change[]];
  /** Up to where an earlier pass judged each side's rows that it decided. */
  readonly until: readonly [bigint, bigint];
  /** Whether replication carries that table at all. */
  readonly carries: (database: string, table: string) => boolean;
}

export interface Judged {
  readonly decisions: readonly Decision[];
  readonly unjudged: readonly Unjudged[];
}

/** What a row that must be decided again is called. */
export function forcedName(database: string, table: string, key: string): string {
  return `${database}\0${table}\0${key}`;
}

interface Mentioned {
  readonly tables: Map<string, LoggedTable>;
  readonly statements: string[];
  readonly unreadable: Set<string>;
  /** The newest transaction that can be carried row by row; 0: none. */
  end: bigint;
}

async function mentioned(deps: JudgeDeps, log: SideLog): Promise<Mentioned> {
  const found: Mentioned = { tables: new Map(), statements: [], unreadable: new Set(), end: 0n };
  for await (const one of log.transactions()) {
    if (one.statement !== undefined) found.statements.push(one.statement);
    if (one.unreadable !== undefined) found.unreadable.add(one.unreadable);
    if (isCarriable(one)) found.end = one.gtid.seq;
    for (const { table } of one.rows)
      if (deps.carries(table.database, table.table)) found.tables.set(nameOf(table), table);
  }
  return found;
}

function sameTypes(a: LoggedTable, b: LoggedTable): boolean {
  return a.types.join() === b.types.join() && a.meta.join() === b.meta.join();
}

/** Tables that both touched, or that hold a row to be decided again. A definition that names one touches it too. */
function sharedTables(
  deps: JudgeDeps,
  [a, b]: readonly [Mentioned, Mentioned],
): readonly (readonly [LoggedTable, LoggedTable])[] {
  const again = new Set([
    ...[...deps.forced].map((name) => name.split('\0').slice(0, 2).join('\0')),
    ...deps.known.flat().map(({ table }) => nameOf(table)),
  ]);
  return [...new Map([...b.tables, ...a.tables])].flatMap(([name, logged]) => {
    const isTouched = (side: Mentioned): boolean =>
      side.tables.has(name) || side.statements.some((text) => names(text, logged.table));
    const isShared = (isTouched(a) && isTouched(b)) || again.has(name);
    return isShared ? [[a.tables.get(name) ?? logged, b.tables.get(name) ?? logged] as const] : [];
  });
}

/** Whether a statement says the table's name, as a word of its own. */
function names(text: string, table: string): boolean {
  for (let at = text.indexOf(table); at >= 0; at = text.indexOf(table, at + 1))
    if (!/[\w$]/.test(text.charAt(at - 1)) && !/[\w$]/.test(text.charAt(at + table.length))) return true;
  return false;
}

async function readable(
  deps: JudgeDeps,
  [logged, other]: readonly [LoggedTable, LoggedTable],
  statements: readonly string[],
): Promise<ConflictTable | Untold> {
  const { database, table } = logged;
  if (statements.some((text) => names(text, table)) || !sameTypes(logged, other))
    return { database, table, reason: 'its definition changed meanwhile' };
  const found = await deps.tableOf(database, table);
  return 'reason' in found || found.columns.length === logged.types.length
    ? found
    : { database, table, reason: 'its columns are not those of the log' };
}

async function judgeable(
  deps: JudgeDeps,
  sides: readonly [Mentioned, Mentioned],
): Promise<{ readonly tables: Map<string, ConflictTable>; readonly unjudged: Unjudged[] }> {
  const [a, b] = sides;
  const tables = new Map<string, ConflictTable>();
  const unjudged: Unjudged[] = [...a.unreadable, ...b.unreadable].map((why) => ({
    ...{ database: '', table: '' },
    reason: `a transaction could not be read: ${why}`,
  }));
  for (const pair of sharedTables(deps, sides)) {
    const found = await readable(deps, pair, [...a.statements, ...b.statements]);
    if ('reason' in found) unjudged.push(found);
    else tables.set(nameOf(found), found);
  }
  return { tables, unjudged };
}

/** Judges both logs. Throws DatabaseFailed when there is more than can be held. */
export async function judgeLogs(deps: JudgeDeps): Promise<Judged> {
  const sides = [await mentioned(deps, deps.logs[0]), await mentioned(deps, deps.logs[1])] as const;
  const { tables, unjudged } = await judgeable(deps, sides);
  if (tables.size === 0) return { decisions: [], unjudged };
  const [a, b] = [await keysOf(deps.logs[0], tables), await keysOf(deps.logs[1], tables)];
  const known = deps.known.map((side) => side.filter(({ table }) => tables.has(nameOf(table))));
  const shared = new Set([...[...a].filter((key) => b.has(key)), ...known.flat().flatMap(keysOfChange)]);
  if (shared.size === 0 && deps.forced.size === 0) return { decisions: [], unjudged };
  const again = (table: ConflictTable, name: string): boolean =>
    deps.forced.has(forcedName(table.database, table.table, name));
  const [left, right] = deps.logs;
  const wanted = { tables, shared, isForced: again };
  const changes = [
    [...(known[0] ?? []), ...(await changesOf(left, wanted))],
    [...(known[1] ?? []), ...(await changesOf(right, wanted))],
  ] as const;
  const weights = new Weights();
  for (const change of changes.flat()) wantWeights(weights, change);
  await weights.load(deps.session);
  const touches = [
    touchesOf({ weights, until: deps.until[0] }, 0, changes[0]),
    touchesOf({ weights, until: deps.until[1] }, 1, changes[1]),
  ] as const;
  const decisions = decide(touches, [left.id, right.id], {
    writerOf: deps.writerOf,
    isForced: (touch) => [...touch.names].some((name) => again(touch.table, name)),
    ends: [sides[0].end, sides[1].end],
  });
  return { decisions, unjudged };
}

function keysOfChange({ table, logged, before, after }: Change): readonly string[] {
  return [before, after].filter((one) => one !== undefined).flatMap((image) => indexKeys(table, logged, image));
}
