/**
 * Which rows both masters changed, and whose row stays. Three readings of both logs: the tables that both touched, the
 * keys that both touched, and what was done to those rows. Only the last keeps images, so a long cut needs little memory.
 */
import type { Session } from '../mariadb/connect.ts';
import { DatabaseFailed } from '../model.ts';
import { decide, type Touch } from './decide.ts';
import type { LoggedTable, RowsEvent, Transaction } from './events.ts';
import type { Decision, Unjudged, WriterOf } from './model.ts';
import { type ConflictTable, keyParts, type Untold, valuesAt } from './tables.ts';
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
  /** Whether replication carries that table at all. */
  readonly carries: (database: string, table: string) => boolean;
}

export interface Judged {
  readonly decisions: readonly Decision[];
  readonly unjudged: readonly Unjudged[];
}

/** So many keys of one side are held; beyond it nothing is judged. */
const mostKeys = 3_000_000;

/** What a row that must be decided again is called. */
export function forcedName(database: string, table: string, key: string): string {
  return `${database}\0${table}\0${key}`;
}

const nameOf = (one: { readonly database: string; readonly table: string }): string => `${one.database}\0${one.table}`;

interface Mentioned {
  readonly tables: Map<string, LoggedTable>;
  readonly statements: string[];
  readonly unreadable: Set<string>;
}

async function mentioned(deps: JudgeDeps, log: SideLog): Promise<Mentioned> {
  const found: Mentioned = { tables: new Map(), statements: [], unreadable: new Set() };
  for await (const one of log.transactions()) {
    if (one.statement !== undefined) found.statements.push(one.statement);
    if (one.unreadable !== undefined) found.unreadable.add(one.unreadable);
    for (const { table } of one.rows)
      if (deps.carries(table.database, table.table)) found.tables.set(nameOf(table), table);
  }
  return found;
}

function sameTypes(a: LoggedTable, b: LoggedTable): boolean {
  return a.types.join() === b.types.join() && a.meta.join() === b.meta.join();
}

/** Tables that both touched, or that hold a row to be decided again. */
function sharedTables(
  deps: JudgeDeps,
  [a, b]: readonly [Mentioned, Mentioned],
): readonly (readonly [LoggedTable, LoggedTable])[] {
  const again = new Set([...deps.forced].map((name) => name.split('\0').slice(0, 2).join('\0')));
  return [...new Map([...b.tables, ...a.tables])].flatMap(([name, logged]) => {
    const isShared = (a.tables.has(name) && b.tables.has(name)) || again.has(name);
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

/** A rough likeness that no two equal texts lack, whatever the collation: what it joins is looked at exactly. */
function rough(text: string): string {
  const plain = text.normalize('NFKD').replaceAll(/\p{M}/gu, '').toLowerCase().trimEnd();
  return plain.replaceAll('ß', 's').replaceAll(/s+/g, 's');
}

/** The keys that an image has in the key and in every unique index; a null is never equal to anything. */
function indexKeys(table: ConflictTable, logged: LoggedTable, image: Buffer): readonly string[] {
  return [table.key, ...table.uniques].flatMap((places, index) => {
    const values = valuesAt(table, logged, image, places);
    if (values.some((one) => one === undefined)) return [];
    return [`${nameOf(table)}\0${index}\0${values.map((one) => rough(one?.text ?? '')).join('\0')}`];
  });
}

function imagesOf(event: RowsEvent): readonly Buffer[] {
  return event.rows.flatMap(({ before, after }) => [before, after].filter((one) => one !== undefined));
}

async function keysOf(log: SideLog, tables: ReadonlyMap<string, ConflictTable>): Promise<Set<string>> {
  const keys = new Set<string>();
  for await (const { rows } of log.transactions()) {
    for (const event of rows) for (const key of eventKeys(tables.get(nameOf(event.table)), event)) keys.add(key);
    if (keys.size > mostKeys) throw new DatabaseFailed(`${log.id}: more than ${mostKeys} rows were changed.`);
  }
  return keys;
}

function eventKeys(table: ConflictTable | undefined, event: RowsEvent): readonly string[] {
  if (table === undefined) return [];
  return imagesOf(event).flatMap((image) => indexKeys(table, event.table, image));
}

/** The exact likeness of an image's keys, the row's own key first. */
function exactKeys(weights: Weights, table: ConflictTable, logged: LoggedTable, image: Buffer): readonly string[] {
  return [table.key, ...table.uniques].flatMap((places, index) => {
    const parts = valuesAt(table, logged, image, places).map((value, at) => {
      const column = table.columns[places[at] ?? 0];
      return value === undefined || column === undefined ? undefined : weights.of(column, value);
    });
    return parts.includes(undefined) ? [] : [`${nameOf(table)}\0${index}\0${parts.join('\0')}`];
  });
}

/** One change of a row that may be another's too. */
interface Change {
  readonly table: ConflictTable;
  readonly logged: LoggedTable;
  readonly before?: Buffer;
  readonly after?: Buffer;
  readonly at: number;
  readonly seq: bigint;
}

interface Collecting {
  readonly touches: Map<string, Touch>;
  readonly side: 0 | 1;
  readonly weights: Weights;
}

function note(into: Collecting, { table, logged, before, after, at, seq }: Change): string {
  const { weights } = into;
  const image = after ?? before ?? Buffer.alloc(0);
  const exact = exactKeys(weights, table, logged, image);
  const id = exact[0] ?? '';
  const key = keyParts(table, logged, image);
  const touch: Touch = into.touches.get(id) ?? {
    ...{ id, table, logged, side: into.side, key, names: new Set(), keys: new Set(), linked: new Set() },
    ...{ first: before, last: undefined, at: 0, seqs: [] },
  };
  touch.names.add(key.join('\0'));
  for (const one of exact) touch.keys.add(one);
  for (const one of before === undefined ? [] : exactKeys(weights, table, logged, before)) touch.keys.add(one);
  touch.last = after;
  touch.at = at;
  touch.seqs.push(seq);
  into.touches.set(id, touch);
  return id;
}

/** An update that changes the key is the end of one row and the beginning of another, decided together. */
function noteChange(into: Collecting, change: Change): void {
  const { before, after, ...rest } = change;
  const { table, logged } = change;
  const moves =
    before !== undefined &&
    after !== undefined &&
    keyParts(table, logged, before).join('\0') !== keyParts(table, logged, after).join('\0');
  if (!moves) {
    note(into, change);
    return;
  }
  const from = note(into, { ...rest, before });
  const to = note(into, { ...rest, after });
  into.touches.get(from)?.linked.add(to);
}

function isForced(deps: JudgeDeps, { database, table }: ConflictTable, key: string): boolean {
  return deps.forced.has(forcedName(database, table, key));
}

/** Changes of rows that both may have touched, in their order. */
async function changesOf(
  deps: JudgeDeps,
  side: 0 | 1,
  tables: ReadonlyMap<string, ConflictTable>,
  shared: ReadonlySet<string>,
): Promise<readonly Change[]> {
  const changes: Change[] = [];
  const isWanted = (table: ConflictTable, logged: LoggedTable, image: Buffer | undefined): boolean =>
    image !== undefined &&
    (indexKeys(table, logged, image).some((key) => shared.has(key)) ||
      isForced(deps, table, keyParts(table, logged, image).join('\0')));
  for await (const { rows, at, gtid } of deps.logs[side].transactions())
    for (const { table: logged, rows: list } of rows) {
      const table = tables.get(nameOf(logged));
      if (table === undefined) continue;
      const wanted = list.filter((row) => [row.before, row.after].some((image) => isWanted(table, logged, image)));
      for (const row of wanted) changes.push({ ...row, table, logged, at, seq: gtid.seq });
    }
  return changes;
}

function wantWeights(weights: Weights, { table, logged, before, after }: Change): void {
  const places = [table.key, ...table.uniques].flat();
  for (const image of [before, after].filter((one) => one !== undefined))
    for (const [at, value] of valuesAt(table, logged, image, places).entries())
      weights.want(table.columns[places[at] ?? 0], value);
}

function touchesOf(weights: Weights, side: 0 | 1, changes: readonly Change[]): ReadonlyMap<string, Touch> {
  const into: Collecting = { touches: new Map(), side, weights };
  for (const change of changes) noteChange(into, change);
  return into.touches;
}

/** Judges both logs. Throws DatabaseFailed when there is more than can be held. */
export async function judgeLogs(deps: JudgeDeps): Promise<Judged> {
  const sides = [await mentioned(deps, deps.logs[0]), await mentioned(deps, deps.logs[1])] as const;
  const { tables, unjudged } = await judgeable(deps, sides);
  if (tables.size === 0) return { decisions: [], unjudged };
  const [a, b] = [await keysOf(deps.logs[0], tables), await keysOf(deps.logs[1], tables)];
  const shared = new Set([...a].filter((key) => b.has(key)));
  if (shared.size === 0 && deps.forced.size === 0) return { decisions: [], unjudged };
  const changes = [await changesOf(deps, 0, tables, shared), await changesOf(deps, 1, tables, shared)] as const;
  const weights = new Weights();
  for (const change of changes.flat()) wantWeights(weights, change);
  await weights.load(deps.session);
  const touches = [touchesOf(weights, 0, changes[0]), touchesOf(weights, 1, changes[1])] as const;
  const decisions = decide(touches, [deps.logs[0].id, deps.logs[1].id], {
    writerOf: deps.writerOf,
    isForced: (touch) => [...touch.names].some((name) => isForced(deps, touch.table, name)),
  });
  return { decisions, unjudged };
}
