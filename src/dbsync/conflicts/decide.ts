/** From what both did to the same rows to whose rows stay. Pure. */
import type { LoggedTable } from './events.ts';
import type { Decision, Net, WriterOf } from './model.ts';
import { type ConflictTable, imageText, valuesAt } from './tables.ts';

/** What one master did to one row. */
export interface Touch {
  /** The row, exactly: two spellings that a collation takes for the same are the same. */
  readonly id: string;
  readonly table: ConflictTable;
  readonly logged: LoggedTable;
  readonly side: 0 | 1;
  readonly key: readonly string[];
  /** Spellings of the key in this log. */
  readonly names: Set<string>;
  /** Every key and unique value that the row had meanwhile. */
  readonly keys: Set<string>;
  /** Rows that the same change touched. */
  readonly linked: Set<string>;
  /** What it was before; undefined: there was none. */
  readonly first: Buffer | undefined;
  /** What it is now; undefined: there is none. */
  last: Buffer | undefined;
  /** Seconds since 1970. */
  at: number;
  readonly seqs: bigint[];
  /** Its last change stands on the other master already. */
  hasArrived: boolean;
  /** A change of it stands on the other master in place of the other's own. */
  hasCrossed: boolean;
  /** Something is in it that no earlier pass has judged. */
  isNew: boolean;
  /** What an earlier pass decided about it. */
  stands?: Verdict;
}

type Touches = ReadonlyMap<string, Touch>;

/** Names joined to groups. */
class Groups {
  private readonly parent = new Map<string, string>();
  find(name: string): string {
    let at = name;
    for (let up = this.parent.get(at); up !== undefined && up !== at; up = this.parent.get(at)) at = up;
    return at;
  }
  join(a: string, b: string): void {
    const [one, other] = [this.find(a), this.find(b)];
    if (one !== other) this.parent.set(other, one);
  }
}

/** Joins what belongs together; answers the rows whose groups must be decided. */
function join(
  groups: Groups,
  [left, right]: readonly [Touches, Touches],
  isForced: (touch: Touch) => boolean,
): ReadonlySet<string> {
  const holders = new Map<string, string>();
  for (const { id, keys, linked } of [...left.values(), ...right.values()]) {
    for (const other of linked) groups.join(id, other);
    for (const key of keys) {
      const holder = holders.get(key);
      if (holder === undefined) holders.set(key, id);
      else groups.join(holder, id);
    }
  }
  const onLeft = new Set([...left.values()].flatMap(({ keys }) => [...keys]));
  const isMet = ({ keys }: Touch): boolean => [...keys].some((key) => onLeft.has(key));
  const met = [...right.values()].filter(isMet);
  return new Set([...met, ...[...left.values(), ...right.values()].filter(isForced)].map(({ id }) => id));
}

/** Rows that belong together: the same row, one change, or one unique value that each of them had at some time. */
function groupsOf(
  touches: readonly [Touches, Touches],
  isForced: (touch: Touch) => boolean,
): readonly (readonly string[])[] {
  const groups = new Groups();
  const met = join(groups, touches, isForced);
  const roots = new Set([...met].map((id) => groups.find(id)));
  const all = new Map<string, string[]>();
  for (const id of new Set([...touches[0].keys(), ...touches[1].keys()])) {
    const root = groups.find(id);
    if (roots.has(root)) all.set(root, [...(all.get(root) ?? []), id]);
  }
  return [...all.values()];
}

function netOf(touch: Touch | undefined): Net {
  if (touch === undefined) return 'untouched';
  if (touch.first === undefined) return touch.last === undefined ? 'passing' : 'insert';
  return touch.last === undefined ? 'delete' : 'update';
}

/** What a side has of a row: its own last image, or what the other found when it began. */
function stateOf(mine: Touch | undefined, theirs: Touch | undefined): Buffer | undefined {
  return mine === undefined ? theirs?.first : mine.last;
}

function isSame(a: Buffer | undefined, b: Buffer | undefined): boolean {
  return a === undefined || b === undefined ? a === b : a.equals(b);
}

type Row = readonly [Touch | undefined, Touch | undefined];

/** Whose rows stay, and why. */
export interface Verdict {
  readonly side: 0 | 1;
  readonly by: Decision['by'];
}

/** The side with the higher number; undefined when they are equal. */
function higher(count: (n: 0 | 1) => number): 0 | 1 | undefined {
  const [left, right] = [count(0), count(1)];
  if (left === right) return undefined;
  return left > right ? 0 : 1;
}

/**
 * Whether a row that the other's change overwrote can be put back: not where another row may have taken a unique value
 * that it had.
 */
function canGoBack(rows: readonly Row[]): boolean {
  const values = rows.flat().flatMap((touch) => {
    if (touch === undefined) return [];
    const { table, logged, first, last } = touch;
    return [first, last].map((image) =>
      JSON.stringify(table.uniques.map((places) => image && valuesAt(table, logged, image, places))),
    );
  });
  // Without such values all of them are the same empty list.
  return new Set(values).size === 1;
}

/** What an earlier pass decided, if nobody has written since. */
function standing(rows: readonly Row[]): Verdict | undefined {
  const touches = rows.flat();
  if (touches.some((touch) => touch?.isNew === true)) return undefined;
  return touches.find((touch) => touch?.stands !== undefined)?.stands;
}

/** The side whose rows stay, and what decided it. */
function winnerOf(rows: readonly Row[], ids: readonly [string, string], writer: string | undefined): Verdict {
  const stands = standing(rows);
  if (stands !== undefined) return stands;
  if (rows.every(([a, b]) => isSame(stateOf(a, b), stateOf(b, a)))) return { side: 0, by: 'same' };
  const arrived = higher((n) => (rows.some((row) => row[n]?.hasArrived === true) ? 1 : 0));
  if (arrived !== undefined && !canGoBack(rows)) return { side: arrived, by: 'arrived' };
  // A row that was written again while an earlier pass carried it may stand on one side only.
  const alone = higher((n) => (rows.some((row) => row[n] !== undefined) ? 1 : 0));
  if (alone !== undefined) return { side: alone, by: 'later' };
  if (writer === ids[0] || writer === ids[1]) return { side: writer === ids[0] ? 0 : 1, by: 'writer' };
  const later = higher((n) => Math.max(...rows.map((row) => row[n]?.at ?? 0)));
  if (later !== undefined) return { side: later, by: 'later' };
  if (arrived !== undefined) return { side: arrived, by: 'arrived' };
  // In the same second nobody was later: a deletion loses to a change, so that nothing is gone.
  const changed = higher((n) => rows.filter((row) => row[n]?.last !== undefined).length);
  return changed === undefined ? { side: 0, by: 'first' } : { side: changed, by: 'change' };
}

function newest(a: bigint, b: bigint): bigint {
  if (a > b) return a;
  return b;
}

/** The key in words. */
function labelOf({ table, logged, key, first, last }: Touch): string {
  const image = last ?? first;
  const values = image === undefined ? undefined : imageText(table, logged, image);
  return table.key
    .map((place, at) => {
      const name = table.columns[place]?.name ?? '';
      return `${name}=${values?.[name] ?? key[at] ?? ''}`;
    })
    .join(', ');
}

function decisionOf(
  row: Row,
  ids: readonly [string, string],
  group: Verdict & { readonly n: number; readonly setAt: bigint; readonly backAt: bigint },
): Decision {
  const [a, b] = row;
  const any = a ?? b;
  if (any === undefined) throw new RangeError('a row that nobody touched');
  const { table } = any;
  const states = [stateOf(a, b), stateOf(b, a)] as const;
  const [want, lost] = [states[group.side], states[1 - group.side]];
  const shown = states.map((one) => (one === undefined ? null : imageText(table, any.logged, one)));
  return {
    ...{ database: table.database, table: table.table, key: [...any.key], group: group.n },
    label: labelOf(any),
    names: [...new Set([...(a?.names ?? []), ...(b?.names ?? [])])],
    kind: `${netOf(a)}/${netOf(b)}`,
    ...{ winner: ids[group.side], by: group.by, want: want?.toString('base64') ?? null },
    lost: lost?.toString('base64') ?? null,
    ...{ map: any.logged.body.toString('base64'), setAt: String(group.setAt), sum: '' },
    back: row[1 - group.side]?.hasCrossed === true ? { at: String(group.backAt), sum: '' } : null,
    images: { [ids[0]]: shown[0] ?? null, [ids[1]]: shown[1] ?? null },
    at: { [ids[0]]: a?.at || null, [ids[1]]: b?.at || null },
  };
}

/**
 * One decision for each row of each group, in a stable order. `isForced`: a row that is decided although only one master
 * touched it.
 */
export function decide(
  touches: readonly [Touches, Touches],
  ids: readonly [string, string],
  options: {
    readonly writerOf: WriterOf;
    readonly isForced: (touch: Touch) => boolean;
    /**
     * Each side's newest transaction that can be carried row by row: a row that stays without a change that is still to
     * be carried comes with it.
     */
    readonly ends: readonly [bigint, bigint];
  },
): readonly Decision[] {
  const { writerOf, isForced, ends } = options;
  return groupsOf(touches, isForced).flatMap((members, n) => {
    const rows = members.map((id): Row => [touches[0].get(id), touches[1].get(id)]);
    const database = (rows[0]?.[0] ?? rows[0]?.[1])?.table.database ?? '';
    const { side, by } = winnerOf(rows, ids, writerOf(database));
    const seqs = rows.flatMap((row) => row[side]?.seqs ?? []);
    const own = seqs.reduce(newest, 0n);
    const setAt = own === 0n ? ends[side] : own;
    const backAt = ends[side === 0 ? 1 : 0];
    return rows.map((row) => decisionOf(row, ids, { n, side, by, setAt, backAt }));
  });
}
