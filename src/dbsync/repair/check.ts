/**
 * Whether both servers hold the same rows, chunk by chunk and paced. A chunk that differs while replication is on its
 * way is looked at again after both have caught up; what still differs then is compared row by row.
 */
import type { Clock } from '../../clock.ts';
import type { TableShape } from './columns.ts';
import type { Chunk, Key, RowSource } from './row-source.ts';

export interface CheckDeps {
  readonly sources: readonly [RowSource, RowSource];
  /** Waits until both have what the other wrote so far. */
  readonly caughtUp: (database: string) => Promise<void>;
  readonly clock: Clock;
  /** Share of the time that the servers may be kept busy, 0 to 1. */
  readonly share: number;
  readonly tell: (line: string) => void;
}

export interface TableDifference {
  readonly shape: TableShape;
  /** Keys of rows that are not the same on both. */
  readonly keys: readonly Key[];
  /** Why rows cannot be named: no key, or the tables are not alike. */
  readonly reason?: string;
}

export interface CheckResult {
  readonly tables: number;
  readonly chunks: number;
  readonly rows: number;
  readonly differences: readonly TableDifference[];
}

const chunkRows = 5000;

/** Without a list of all: nearly always it would be a list of equal keys. */
function differingKeys(a: ReadonlyMap<string, string>, b: ReadonlyMap<string, string>): readonly string[] {
  const differing: string[] = [];
  for (const [key, sum] of a) if (b.get(key) !== sum) differing.push(key);
  for (const key of b.keys()) if (!a.has(key)) differing.push(key);
  return differing;
}

const looks = 3;

/** Keys that differ in each of several looks, between which both servers caught up. */
async function settledDifferences(deps: CheckDeps, shape: TableShape, chunk: Chunk): Promise<readonly Key[]> {
  let found: readonly string[] | undefined;
  for (let n = 0; n < looks; n++) {
    await deps.caughtUp(shape.database);
    const [a, b] = await Promise.all(deps.sources.map((server) => server.rowSums(shape, chunk)));
    const now = new Set(differingKeys(a ?? new Map(), b ?? new Map()));
    found = found?.filter((key) => now.has(key)) ?? [...now];
    if (found.length === 0) return [];
  }
  return (found ?? []).map((key) => deps.sources[0].keyFromText(key));
}

async function wholeTable(deps: CheckDeps, shape: TableShape): Promise<boolean> {
  const whole = { after: undefined, upTo: undefined };
  for (let n = 0; n < looks; n++) {
    if (n > 0) await deps.caughtUp(shape.database);
    const [a, b] = await Promise.all(deps.sources.map((server) => server.sum(shape, whole)));
    if (a?.sum === b?.sum) return true;
  }
  return false;
}

interface Progress {
  chunks: number;
  rows: number;
}

async function pause(deps: CheckDeps, begun: number): Promise<void> {
  const worked = deps.clock.now() - begun;
  if (deps.share < 1) await deps.clock.sleep((worked * (1 - deps.share)) / deps.share);
}

async function checkChunks(deps: CheckDeps, shape: TableShape, progress: Progress): Promise<readonly Key[]> {
  const keys: Key[] = [];
  let after: Key | undefined;
  for (;;) {
    const begun = deps.clock.now();
    const upTo = await deps.sources[0].boundary(shape, after, chunkRows);
    const chunk = { after, upTo };
    const [a, b] = await Promise.all(deps.sources.map((server) => server.sum(shape, chunk)));
    progress.chunks += 1;
    progress.rows += a?.rows ?? 0;
    if (a?.sum !== b?.sum) keys.push(...(await settledDifferences(deps, shape, chunk)));
    if (upTo === undefined) return keys;
    after = upTo;
    await pause(deps, begun);
  }
}

function sameShape(a: TableShape, b: TableShape): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

async function checkTable(
  deps: CheckDeps,
  database: string,
  table: string,
  progress: Progress,
): Promise<readonly TableDifference[]> {
  const [left, right] = await Promise.all(deps.sources.map((server) => server.shape(database, table)));
  if (left === undefined || right === undefined) return [];
  if (!sameShape(left, right)) return [{ shape: left, keys: [], reason: 'the columns are not the same on both' }];
  if (left.key.length > 0) {
    const keys = await checkChunks(deps, left, progress);
    return keys.length === 0 ? [] : [{ shape: left, keys }];
  }
  progress.chunks += 1;
  if (await wholeTable(deps, left)) return [];
  return [{ shape: left, keys: [], reason: 'it has no key, so its rows cannot be told apart' }];
}

async function missingTables(
  deps: CheckDeps,
  database: string,
): Promise<{ readonly both: readonly string[]; readonly alone: readonly TableDifference[] }> {
  await deps.caughtUp(database);
  const [a, b] = await Promise.all(deps.sources.map((server) => server.tables(database)));
  const [left, right] = [a ?? [], b ?? []];
  const one = (table: string, on: RowSource): TableDifference => ({
    shape: { database, table, key: [], columns: [] },
    keys: [],
    reason: `it is only on ${on.side.name}`,
  });
  return {
    both: left.filter((table) => right.includes(table)),
    alone: [
      ...left.filter((table) => !right.includes(table)).map((table) => one(table, deps.sources[0])),
      ...right.filter((table) => !left.includes(table)).map((table) => one(table, deps.sources[1])),
    ],
  };
}

/** Checks single tables, which both masters have. */
export async function checkTables(
  deps: CheckDeps,
  tables: readonly (readonly [string, string])[],
): Promise<CheckResult> {
  const progress = { chunks: 0, rows: 0 };
  const differences: TableDifference[] = [];
  for (const [database, table] of tables) differences.push(...(await checkTable(deps, database, table, progress)));
  return { tables: tables.length, ...progress, differences };
}

/** Checks every table of the databases named. */
export async function checkDatabases(deps: CheckDeps, databases: readonly string[]): Promise<CheckResult> {
  const progress = { chunks: 0, rows: 0 };
  const differences: TableDifference[] = [];
  let tables = 0;
  for (const [at, database] of databases.entries()) {
    const { both, alone } = await missingTables(deps, database);
    differences.push(...alone);
    for (const table of both) {
      tables += 1;
      differences.push(...(await checkTable(deps, database, table, progress)));
    }
    deps.tell(`${at + 1} of ${databases.length}: ${database}, ${progress.rows} rows so far`);
  }
  return { tables, ...progress, differences };
}
