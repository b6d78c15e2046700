/** From one master's log to what it did to the rows that may be conflicts: first roughly, by keys, then row by row. */
import { DatabaseFailed } from '../model.ts';
import type { Touch, Verdict } from './decide.ts';
import type { LoggedTable, RowChange, RowsEvent, Transaction } from './events.ts';
import type { SideLog } from './judge.ts';
import { type ConflictTable, keyParts, valuesAt } from './tables.ts';
import type { Weights } from './weights.ts';

/** So many keys of one side are held; beyond it nothing is judged. */
const mostKeys = 3_000_000;

/** What a table is called in the lists of a look. */
export function nameOf(one: { readonly database: string; readonly table: string }): string {
  return `${one.database}\0${one.table}`;
}

/** A rough likeness that no two equal texts lack, whatever the collation: what it joins is looked at exactly. */
function rough(text: string): string {
  const plain = text.normalize('NFKD').replaceAll(/\p{M}/gu, '').toLowerCase().trimEnd();
  return plain.replaceAll('ß', 's').replaceAll(/s+/g, 's');
}

/** The keys that an image has, roughly: in the key, and in every other unique index. A null is never equal to anything. */
export function indexKeys(table: ConflictTable, logged: LoggedTable, image: Buffer): readonly string[] {
  return [table.key, ...table.uniques].flatMap((places, index) => {
    const values = valuesAt(table, logged, image, places);
    if (values.some((one) => one === undefined)) return [];
    return [`${nameOf(table)}\0${index}\0${values.map((one) => rough(one?.text ?? '')).join('\0')}`];
  });
}

/** Every key and unique value that a log has, roughly. Throws DatabaseFailed when there is more than can be held. */
export async function keysOf(log: SideLog, tables: ReadonlyMap<string, ConflictTable>): Promise<Set<string>> {
  const keys = new Set<string>();
  for await (const { rows } of log.transactions()) {
    for (const event of rows) for (const key of eventKeys(tables.get(nameOf(event.table)), event)) keys.add(key);
    if (keys.size > mostKeys) throw new DatabaseFailed(`${log.id}: more than ${mostKeys} rows were changed.`);
  }
  return keys;
}

function eventKeys(table: ConflictTable | undefined, event: RowsEvent): readonly string[] {
  if (table === undefined) return [];
  return event.rows.flatMap(imagesIn).flatMap((image) => indexKeys(table, event.table, image));
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
export interface Change {
  readonly table: ConflictTable;
  readonly logged: LoggedTable;
  readonly before?: Buffer;
  readonly after?: Buffer;
  readonly at: number;
  /** 0: it is in no log that is still to be carried. */
  readonly seq: bigint;
  /** The other master has it already, and had written to the row before it came. */
  readonly hasArrived?: true;
  /** It sums up what an earlier pass decided about the row, which stays unless somebody writes again. */
  readonly stands?: Verdict;
}

interface Collecting {
  readonly touches: Map<string, Touch>;
  readonly side: 0 | 1;
  readonly weights: Weights;
  /** What an earlier pass has judged already. */
  readonly until: bigint;
}

function note(into: Collecting, change: Change): string {
  const { table, logged, before, after, seq } = change;
  const { weights } = into;
  const image = after ?? before ?? Buffer.alloc(0);
  const exact = exactKeys(weights, table, logged, image);
  const id = exact[0] ?? '';
  const key = keyParts(table, logged, image);
  const touch: Touch = into.touches.get(id) ?? {
    ...{ id, table, logged, side: into.side, key, names: new Set(), keys: new Set(), linked: new Set() },
    ...{ first: before, last: undefined, at: 0, seqs: [], hasArrived: false, hasCrossed: false, isNew: false },
  };
  touch.names.add(key.join('\0'));
  for (const one of exact) touch.keys.add(one);
  for (const one of before === undefined ? [] : exactKeys(weights, table, logged, before)) touch.keys.add(one);
  touch.seqs.push(seq);
  take(touch, change, into.until);
  into.touches.set(id, touch);
  return id;
}

function take(touch: Touch, { after, at, seq, hasArrived, stands }: Change, until: bigint): void {
  const isSummedUp = seq > 0n && seq <= until;
  if (isSummedUp && touch.stands !== undefined) return;
  if (stands !== undefined) touch.stands = stands;
  touch.last = after;
  touch.at = at;
  touch.hasArrived = hasArrived === true;
  touch.hasCrossed ||= touch.hasArrived;
  touch.isNew ||= seq > until;
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

/** What is looked for in a log. */
export interface Wanted {
  readonly tables: ReadonlyMap<string, ConflictTable>;
  /** Keys and unique values, roughly, that both logs have. */
  readonly shared: ReadonlySet<string>;
  /** A row, by the spelling of its key, that is decided although only one master changed it. */
  readonly isForced: (table: ConflictTable, key: string) => boolean;
}

function imagesIn({ before, after }: RowChange): readonly Buffer[] {
  return [before, after].filter((one) => one !== undefined);
}

/** Whether a change is wanted; then all its other keys are wanted from then on. */
function isTaken({ isForced }: Wanted, keys: Set<string>, change: Change): boolean {
  const { table, logged } = change;
  const images = imagesIn(change);
  const own = images.flatMap((image) => indexKeys(table, logged, image));
  const isWanted =
    own.some((key) => keys.has(key)) ||
    images.some((image) => isForced(table, keyParts(table, logged, image).join('\0')));
  if (isWanted) for (const key of own) keys.add(key);
  return isWanted;
}

function takeRows(wanted: Wanted, keys: Set<string>, { rows, at, gtid }: Transaction): readonly Change[] {
  return rows.flatMap(({ table: logged, rows: list }) => {
    const table = wanted.tables.get(nameOf(logged));
    if (table === undefined) return [];
    const changes = list.map((row): Change => ({ ...row, table, logged, at, seq: gtid.seq }));
    return changes.filter((change) => isTaken(wanted, keys, change));
  });
}

async function readWanted(log: SideLog, wanted: Wanted, keys: Set<string>): Promise<readonly Change[]> {
  const changes: Change[] = [];
  for await (const one of log.transactions()) changes.push(...takeRows(wanted, keys, one));
  return changes;
}

/**
 * Everything that one master did to rows that both may have touched, and to what is tied to those by a key or a unique
 * value, in its order: a value that such a row gave up may be another's now, so none of them can be undone alone.
 */
export async function changesOf(log: SideLog, wanted: Wanted): Promise<readonly Change[]> {
  const keys = new Set(wanted.shared);
  for (;;) {
    const before = keys.size;
    const changes = await readWanted(log, wanted, keys);
    // A key that became known late may stand earlier in the log as well.
    if (keys.size === before) return changes;
  }
}

/** Notes the texts of a change whose likeness the server is asked for. */
export function wantWeights(weights: Weights, { table, logged, before, after }: Change): void {
  const places = [table.key, ...table.uniques].flat();
  for (const image of [before, after].filter((one) => one !== undefined))
    for (const [at, value] of valuesAt(table, logged, image, places).entries())
      weights.want(table.columns[places[at] ?? 0], value);
}

/** What one master did to each row. */
export function touchesOf(
  { weights, until }: Pick<Collecting, 'weights' | 'until'>,
  side: 0 | 1,
  changes: readonly Change[],
): ReadonlyMap<string, Touch> {
  const into: Collecting = { touches: new Map(), side, weights, until };
  for (const change of changes) noteChange(into, change);
  return into.touches;
}
