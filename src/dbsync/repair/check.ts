/**
 * Whether both servers hold the same rows, chunk by chunk and paced. A chunk that differs while replication is on its
 * way is looked at again after both have caught up; what still differs then is compared row by row.
 */
import type { Clock } from '../../clock.ts';
import { tablesOf } from '../mariadb/compare.ts';
import type { Server } from '../mariadb/connect.ts';
import type { Row } from '../model.ts';
import { caughtUp } from './caught-up.ts';
import { bytesOf, checksumOf, shapeOf, sqlName, type TableShape, valueFor } from './columns.ts';

export interface CheckDeps {
  readonly servers: readonly [Server, Server];
  readonly clock: Clock;
  /** Share of the time that the servers may be kept busy, 0 to 1. */
  readonly share: number;
  readonly tell: (line: string) => void;
}

/** Key values as hexadecimal bytes, in the key's order. */
export type Key = readonly string[];

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

interface Chunk {
  readonly after: Key | undefined;
  readonly upTo: Key | undefined;
}

const chunkRows = 5000;

function keyList(shape: TableShape): string {
  return shape.key.map((one) => sqlName(one)).join(', ');
}

function columnsOf(shape: TableShape, names: readonly string[]) {
  return shape.columns.filter((one) => names.includes(one.name));
}

/** `(a, b) > (x, y)` in the form that uses the index. */
function beyond(
  shape: TableShape,
  key: Key,
  sign: '>' | '<=',
): { readonly sql: string; readonly values: readonly string[] } {
  const strict = sign === '>' ? '>' : '<';
  const value = (name: string): string => valueFor(shape.columns.find((one) => one.name === name));
  const parts = shape.key.map((name, at) => {
    const equal = shape.key.slice(0, at).map((one) => `${sqlName(one)} = ${value(one)}`);
    const last = at === shape.key.length - 1 && sign === '<=' ? '<=' : strict;
    return { sql: [...equal, `${sqlName(name)} ${last} ${value(name)}`].join(' AND '), values: key.slice(0, at + 1) };
  });
  return { sql: `(${parts.map((one) => `(${one.sql})`).join(' OR ')})`, values: parts.flatMap((one) => one.values) };
}

function whereOf(shape: TableShape, chunk: Chunk): { readonly sql: string; readonly values: readonly string[] } {
  const parts = [
    ...(chunk.after === undefined ? [] : [beyond(shape, chunk.after, '>')]),
    ...(chunk.upTo === undefined ? [] : [beyond(shape, chunk.upTo, '<=')]),
  ];
  const sql = parts.length === 0 ? '' : `WHERE ${parts.map((one) => one.sql).join(' AND ')}`;
  return { sql, values: parts.flatMap((one) => one.values) };
}

function keyOf(shape: TableShape, row: Row): Key {
  return shape.key.map((name) => row[name] ?? '');
}

/** The last key of the next chunk; undefined: the rest fits into one. */
async function boundary(server: Server, shape: TableShape, after: Key | undefined): Promise<Key | undefined> {
  const where = whereOf(shape, { after, upTo: undefined });
  const keys = columnsOf(shape, shape.key).map(bytesOf).join(', ');
  const [row] = await server.rows(
    `SELECT ${keys} FROM ${sqlName(shape.database, shape.table)} ${where.sql} ORDER BY ${keyList(shape)} LIMIT 1 OFFSET ${chunkRows - 1}`,
    where.values,
  );
  return row === undefined ? undefined : keyOf(shape, row);
}

async function sumOf(
  server: Server,
  shape: TableShape,
  chunk: Chunk,
): Promise<{ readonly rows: number; readonly sum: string }> {
  const where = whereOf(shape, chunk);
  const [row] = await server.rows(
    `SELECT COUNT(*) AS n, COALESCE(SUM(${checksumOf(shape)}), 0) AS s
      FROM ${sqlName(shape.database, shape.table)} ${where.sql}`,
    where.values,
  );
  return { rows: Number(row?.['n']), sum: `${row?.['n']} ${row?.['s']}` };
}

async function rowSums(server: Server, shape: TableShape, chunk: Chunk): Promise<ReadonlyMap<string, string>> {
  const where = whereOf(shape, chunk);
  const keys = columnsOf(shape, shape.key).map(bytesOf).join(', ');
  const rows = await server.rows(
    `SELECT ${keys}, ${checksumOf(shape)} AS tandem_sum FROM ${sqlName(shape.database, shape.table)} ${where.sql}`,
    where.values,
  );
  return new Map(rows.map((row) => [keyOf(shape, row).join(','), row['tandem_sum'] ?? '']));
}

function differingKeys(a: ReadonlyMap<string, string>, b: ReadonlyMap<string, string>): readonly string[] {
  return [...new Set([...a.keys(), ...b.keys()])].filter((key) => a.get(key) !== b.get(key));
}

const looks = 3;

/** Keys that differ in each of several looks, between which both servers caught up. */
async function settledDifferences(deps: CheckDeps, shape: TableShape, chunk: Chunk): Promise<readonly Key[]> {
  let found: readonly string[] | undefined;
  for (let n = 0; n < looks; n++) {
    await caughtUp(deps.servers);
    const [a, b] = await Promise.all(deps.servers.map((server) => rowSums(server, shape, chunk)));
    const now = differingKeys(a ?? new Map(), b ?? new Map());
    found = found?.filter((key) => now.includes(key)) ?? now;
    if (found.length === 0) return [];
  }
  return (found ?? []).map((key) => key.split(','));
}

async function wholeTable(deps: CheckDeps, shape: TableShape): Promise<boolean> {
  const whole = { after: undefined, upTo: undefined };
  for (let n = 0; n < looks; n++) {
    if (n > 0) await caughtUp(deps.servers);
    const [a, b] = await Promise.all(deps.servers.map((server) => sumOf(server, shape, whole)));
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
    const upTo = await boundary(deps.servers[0], shape, after);
    const chunk = { after, upTo };
    const [a, b] = await Promise.all(deps.servers.map((server) => sumOf(server, shape, chunk)));
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
  const [left, right] = await Promise.all(deps.servers.map((server) => shapeOf(server, database, table)));
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
  await caughtUp(deps.servers);
  const [a, b] = await Promise.all(deps.servers.map((server) => tablesOf(server, database)));
  const [left, right] = [a ?? [], b ?? []];
  const one = (table: string, on: Server): TableDifference => ({
    shape: { database, table, key: [], columns: [] },
    keys: [],
    reason: `it is only on ${on.side.name}`,
  });
  return {
    both: left.filter((table) => right.includes(table)),
    alone: [
      ...left.filter((table) => !right.includes(table)).map((table) => one(table, deps.servers[0])),
      ...right.filter((table) => !left.includes(table)).map((table) => one(table, deps.servers[1])),
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
