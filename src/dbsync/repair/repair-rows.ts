/**
 * Making rows equal. The right row is locked on the master that has it, the other master catches up to that moment,
 * and then gets the row without a word in its own log. What it overwrites is kept in a file first.
 */
import type { Server, Session } from '../mariadb/connect.ts';
import { unlogged } from '../mariadb/connect.ts';
import type { Row } from '../model.ts';
import { hasApplied, ownPosition } from './caught-up.ts';
import type { TableDifference } from './check.ts';
import { bytesOf, isLong, sqlName, type TableShape, tableName, valueFor } from './columns.ts';
import { keepRows, type RepairResult, wholeTables } from './kept-rows.ts';
import type { Key } from './row-source.ts';

export interface RepairDeps {
  /** Whose rows are right. */
  readonly source: Server;
  readonly target: Server;
  /** File that keeps what is overwritten, one JSON document a line. */
  readonly kept: string;
  readonly dryRun: boolean;
  readonly tell: (line: string) => void;
}

/** Rows at a time. */
function batchOf(shape: TableShape): number {
  return shape.columns.some(isLong) ? 1 : 200;
}

function keyWhere(shape: TableShape): string {
  const one = shape.key.map((name) => `${sqlName(name)} = ${valueFor(shape.columns.find((c) => c.name === name))}`);
  return `(${one.join(' AND ')})`;
}

function keyText(shape: TableShape, row: Row): string {
  return shape.key.map((name) => row[name] ?? '').join(',');
}

async function rowsOf(
  session: Session,
  shape: TableShape,
  keys: readonly Key[],
  lock: string,
): Promise<ReadonlyMap<string, Row>> {
  const columns = shape.columns.map(bytesOf).join(', ');
  const where = keys.map(() => keyWhere(shape)).join(' OR ');
  const rows = await session.rows(
    `SELECT ${columns} FROM ${tableName(shape.database, shape.table)} WHERE ${where} ${lock}`,
    keys.flat(),
  );
  return new Map(rows.map((row) => [keyText(shape, row), row]));
}

async function write(session: Session, shape: TableShape, rows: readonly Row[]): Promise<void> {
  if (rows.length === 0) return;
  const stored = shape.columns.filter((one) => !one.generated);
  const marks = `(${stored.map(() => 'UNHEX(?)').join(', ')})`;
  await session.rows(
    `REPLACE INTO ${sqlName(shape.database, shape.table)} (${stored.map((one) => sqlName(one.name)).join(', ')})
      VALUES ${rows.map(() => marks).join(', ')}`,
    rows.flatMap((row) => stored.map((one) => row[one.name] ?? null)),
  );
}

async function keep(deps: RepairDeps, shape: TableShape, rows: ReadonlyMap<string, Row>): Promise<void> {
  const { database, table } = shape;
  await keepRows(
    deps.kept,
    [...rows.values()].map((hex) => ({ master: deps.target.side.id, database, table, hex })),
  );
}

/** Triggers would change what is written, and write elsewhere what the other master never hears of. */
async function hasTriggers(session: Session, { database, table }: TableShape): Promise<boolean> {
  const rows = await session.rows(
    `SELECT 1 FROM information_schema.triggers WHERE event_object_schema = ? AND event_object_table = ?
      AND event_manipulation IN ('INSERT', 'DELETE') LIMIT 1`,
    [database, table],
  );
  return rows.length > 0;
}

interface Counts {
  written: number;
  deleted: number;
}

/** Answers false, and does nothing, where the table has triggers. */
async function repairBatch(
  deps: RepairDeps,
  shape: TableShape,
  keys: readonly Key[],
  counts: Counts,
): Promise<boolean> {
  // Bytes as digits are twice as long, and MariaDB makes NULL of what is too long.
  const size = shape.columns.some(isLong) ? 'long' : 'usual';
  return await deps.source.session(async (locked) => {
    await locked.rows('START TRANSACTION');
    const right = await rowsOf(locked, shape, keys, 'FOR UPDATE');
    await hasApplied(deps.target, await ownPosition(deps.source));
    const isDone = await unlogged(
      deps.target,
      async (session) => {
        // Foreign keys and checks were looked at where the rows were written first.
        await session.rows('SET SESSION foreign_key_checks = 0, check_constraint_checks = 0');
        await session.rows('START TRANSACTION');
        const wrong = await rowsOf(session, shape, keys, 'FOR UPDATE');
        // Nobody makes one while rows of the table are locked.
        if (await hasTriggers(session, shape)) return false;
        await keep(deps, shape, wrong);
        const present = [...right.values()];
        const surplus = keys.filter((key) => !right.has(key.join(',')) && wrong.has(key.join(',')));
        await write(session, shape, present);
        for (const key of surplus)
          await session.rows(`DELETE FROM ${sqlName(shape.database, shape.table)} WHERE ${keyWhere(shape)}`, key);
        counts.written += present.length;
        counts.deleted += surplus.length;
        await session.rows('COMMIT');
        return true;
      },
      size,
    );
    await locked.rows('COMMIT');
    return isDone;
  }, size);
}

/** Repairs what can be named row by row; the rest is answered with its reason. */
export async function repairRows(deps: RepairDeps, differences: readonly TableDifference[]): Promise<RepairResult> {
  const counts: Counts = { written: 0, deleted: 0 };
  const left = [...wholeTables(differences)];
  for (const { shape, keys, reason } of differences) {
    if (reason !== undefined) continue;
    const name = `${shape.database}.${shape.table}`;
    const batch = batchOf(shape);
    for (let at = 0; at < keys.length && !deps.dryRun; at += batch) {
      if (!(await repairBatch(deps, shape, keys.slice(at, at + batch), counts))) {
        left.push(`${name}: it has triggers, which a repair would run`);
        break;
      }
      deps.tell(`${name}: ${Math.min(keys.length, at + batch)} of ${keys.length} rows`);
    }
  }
  return { ...counts, left };
}
