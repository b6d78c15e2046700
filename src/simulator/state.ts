/**
 * The state of one simulated server: named tables of plain JSON rows, changed only inside a transaction.
 *
 * A handler runs to its end without yielding, so a transaction is never interleaved. Rows are immutable: to change
 * one, `set` a new object. Every change is remembered as [table, key, value]; the runner commits all of them, none
 * (refusal), or a first part (faults that stop half way).
 */

/** Names a table and the type of its rows. Modules declare their own, as constants. */
export interface Table<T> {
  readonly name: string;
  /** What `by` looks rows up with, usually the cPanel account: the row's group. */
  readonly group: ((row: T, key: string) => string) | undefined;
  /** Changes in it are no effect of a call: sessions, counters. */
  readonly silent: boolean;
}

export interface TableOptions<T> {
  readonly group?: (row: T, key: string) => string;
  readonly silent?: boolean;
}

/** Declares a table: `const pops = table<Pop>('pops', { group: (p) => p.user })`. Two tables must not share a name. */
export function table<T>(name: string, options: TableOptions<T> = {}): Table<T> {
  return { name, group: options.group, silent: options.silent ?? false };
}

/** The rows of a table. */
export interface Rows<T> {
  get(key: string): T | undefined;
  has(key: string): boolean;
  set(key: string, row: T): void;
  /** Replaces the row by what `change` makes of it; does nothing when there is none. */
  update(key: string, change: (row: T) => T): void;
  delete(key: string): void;
  /** In order of insertion. */
  entries(): readonly (readonly [key: string, row: T])[];
  values(): readonly T[];
  /** The rows of one group, in order of insertion. Quick: indexed. */
  by(group: string): readonly T[];
  keysBy(group: string): readonly string[];
  readonly size: number;
}

/** A row's new value; null when it was deleted. */
export type Change = readonly [table: string, key: string, row: unknown];

/** What handlers see. */
export interface State {
  of<T>(table: Table<T>): Rows<T>;
  /** The next number of a counter that only grows, from `from`: uids, serials. A refused call does not give it back. */
  next(counter: string, from?: number): number;
}

interface Stored {
  readonly rows: Map<string, unknown>;
  readonly groups: Map<string, Set<string>>;
  group: ((row: unknown, key: string) => string) | undefined;
}

/** Undo information: the row as it was, undefined when there was none. */
type Undo = readonly [stored: Stored, key: string, before: unknown];

/** The whole of a server's state as plain JSON: table → key → row. Counters stand in the table '#'. */
export type Dump = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

export interface StateCore extends State {
  /** Runs `work`; keeps its changes only when `keep` says so. Returns what it did either way. */
  transact<R>(work: () => R, keep: (result: R) => boolean): { readonly result: R; readonly changes: readonly Change[] };
  /** Writes rows as they are, outside of any handler: loading, and the second part of a split call. */
  apply(changes: readonly Change[]): void;
  dump(): Dump;
  replace(dump: Dump): void;
  isSilent(table: string): boolean;
}

const COUNTERS = '#';

function regroup(stored: Stored, key: string, before: unknown, after: unknown): void {
  if (stored.group === undefined) return;
  const old = before === undefined ? undefined : stored.group(before, key);
  const now = after === undefined ? undefined : stored.group(after, key);
  if (old === now) return;
  if (old !== undefined) {
    const members = stored.groups.get(old);
    members?.delete(key);
    if (members?.size === 0) stored.groups.delete(old);
  }
  if (now === undefined) return;
  const members = stored.groups.get(now) ?? new Set<string>();
  stored.groups.set(now, members.add(key));
}

function put(stored: Stored, key: string, row: unknown): void {
  const before = stored.rows.get(key);
  if (row === undefined) stored.rows.delete(key);
  else stored.rows.set(key, row);
  regroup(stored, key, before, row);
}

/** The rows of one table; `write` remembers the change. */
function rowsView<T>(at: Stored, write: (key: string, row: T | undefined) => void): Rows<T> {
  // Rows of a table are only ever written through its descriptor, so they have its type.
  const rows = at.rows as Map<string, T>;
  const keysBy = (group: string): readonly string[] => [...(at.groups.get(group) ?? [])];
  return {
    get: (key) => rows.get(key),
    has: (key) => rows.has(key),
    set: write,
    update(key, change) {
      const row = rows.get(key);
      if (row !== undefined) write(key, change(row));
    },
    delete(key) {
      if (rows.has(key)) write(key, undefined);
    },
    entries: () => [...rows],
    values: () => [...rows.values()],
    by: (group) => keysBy(group).flatMap((key) => rows.get(key) ?? []),
    keysBy,
    get size() {
      return rows.size;
    },
  };
}

type Tables = Map<string, Stored>;

function storedIn(tables: Tables, name: string): Stored {
  const found = tables.get(name);
  if (found !== undefined) return found;
  const made: Stored = { rows: new Map(), groups: new Map(), group: undefined };
  tables.set(name, made);
  return made;
}

function rollback(log: readonly Undo[]): void {
  for (const [at, key, before] of log.toReversed()) put(at, key, before);
}

function dumpOf(tables: Tables): Dump {
  const filled = [...tables].filter(([, t]) => t.rows.size > 0);
  return Object.fromEntries(filled.map(([name, t]) => [name, Object.fromEntries(t.rows)]));
}

function replaceAll(tables: Tables, dump: Dump): void {
  for (const t of tables.values()) {
    t.rows.clear();
    t.groups.clear();
  }
  for (const [name, rows] of Object.entries(dump)) {
    const at = storedIn(tables, name);
    for (const [key, row] of Object.entries(rows)) put(at, key, row);
  }
}

/** An empty state in memory; keeping it on disk is the store's work. */
export function createState(): StateCore {
  const tables: Tables = new Map();
  const silent = new Set<string>([COUNTERS]);
  let undo: Undo[] | undefined;
  let changes: Change[] = [];

  const stored = (name: string): Stored => storedIn(tables, name);

  function write(name: string, at: Stored, key: string, row: unknown): void {
    if (undo === undefined) throw new Error(`table ${name} changed outside of a transaction`);
    undo.push([at, key, at.rows.get(key)]);
    changes.push([name, key, row ?? null]);
    put(at, key, row);
  }

  function open<T>(table: Table<T>): Stored {
    const at = stored(table.name);
    if (table.silent) silent.add(table.name);
    if (table.group !== undefined && at.group === undefined) {
      // The table's own descriptor vouches for its rows' type.
      at.group = table.group as (row: unknown, key: string) => string;
      for (const [key, row] of at.rows) regroup(at, key, undefined, row);
    }
    return at;
  }

  function of<T>(table: Table<T>): Rows<T> {
    const at = open(table);
    return rowsView(at, (key, row) => write(table.name, at, key, row));
  }

  return {
    of,
    next(counter, from = 1) {
      const at = stored(COUNTERS);
      const value = Math.max(from, Number(at.rows.get(counter) ?? from));
      at.rows.set(counter, value + 1);
      changes.push([COUNTERS, counter, value + 1]);
      return value;
    },
    transact(work, keep) {
      const log: Undo[] = [];
      undo = log;
      changes = [];
      let kept = false;
      try {
        const result = work();
        kept = keep(result);
        return { result, changes };
      } finally {
        if (!kept) rollback(log);
        undo = undefined;
      }
    },
    apply(list) {
      for (const [name, key, row] of list) put(stored(name), key, row ?? undefined);
    },
    dump: () => dumpOf(tables),
    replace: (dump) => replaceAll(tables, dump),
    isSilent: (name) => silent.has(name),
  };
}
