/**
 * Making rows equal. The right rows are locked on the master that has them, the other master catches up to that moment,
 * and then gets them under an origin of their own, so that they are not carried back. What it overwrites is kept in a file
 * first. Rows go in as their table's owner (own-apply.ts): an index or a check may run a customer's code.
 */
import type { Clock } from '../../clock.ts';
import { DatabaseFailed } from '../model.ts';
import type { TableDifference } from '../repair/check.ts';
import type { TableShape } from '../repair/columns.ts';
import { keepRows, type RepairResult, wholeTables } from '../repair/kept-rows.ts';
import type { Key } from '../repair/row-source.ts';
import type { PgServer, Session } from './connect.ts';
import { pgCaughtUp } from './fence.ts';
import type { PgPair } from './link.ts';
import { repairOrigin } from './names.ts';
import { pgRows } from './rows.ts';
import { statementsOfTable } from './tables.ts';

export interface PgRepairDeps {
  readonly servers: PgPair;
  /** Whose rows are right. */
  readonly source: PgServer;
  readonly target: PgServer;
  /** File that keeps what is overwritten, one JSON document a line. */
  readonly kept: string;
  readonly dryRun: boolean;
  readonly clock: Clock;
  readonly tell: (line: string) => void;
}

const batch = 200;

/** Runs `work` in one transaction whose rows are not carried back. */
async function asEcho(server: PgServer, database: string, work: (session: Session) => Promise<void>): Promise<void> {
  await server.writing(database, async (session) => {
    await session.rows(
      'SELECT pg_replication_origin_create($1) WHERE NOT EXISTS (SELECT 1 FROM pg_replication_origin WHERE roname = $1)',
      [repairOrigin],
    );
    await session.rows('SELECT pg_replication_origin_session_setup($1)', [repairOrigin]);
    await session.rows('BEGIN');
    await work(session);
    await session.rows('COMMIT');
  });
}

/** A row that is wrong, too, and whose turn comes later, holds a unique value of one that is put in. */
class InTheWay extends DatabaseFailed {}

/** Takes the wrong rows away and puts the right ones in. Throws InTheWay; nothing is changed then. */
async function replace(
  session: Session,
  shape: TableShape,
  wrong: readonly Key[],
  right: readonly (readonly (string | null)[])[],
): Promise<void> {
  const stored = shape.columns.filter((one) => !one.generated).map(({ name }) => name);
  const { owner, ins, del } = await statementsOfTable(session, shape.table, stored, shape.key);
  const run = async (sql: string, values: readonly (string | null)[], old: readonly (string | null)[]) => {
    const [row] = await session.rows('SELECT tandemsync.run_alone($1, $2, $3, $4) AS n', [owner, sql, values, old]);
    return row?.['n'];
  };
  // The key's values stand in the order of the columns there.
  const ordered = stored.filter((name) => shape.key.includes(name));
  const keyValues = (key: Key): readonly string[] => ordered.map((name) => key[shape.key.indexOf(name)] ?? '');
  for (const key of wrong) await run(del, [], keyValues(key));
  for (const row of right)
    if ((await run(ins, row, [])) === '0')
      throw new InTheWay(`another row holds a unique value of a row that is missing.`);
}

interface Counts {
  written: number;
  deleted: number;
}

async function repairBatch(deps: PgRepairDeps, shape: TableShape, keys: readonly Key[], counts: Counts): Promise<void> {
  const { database, table } = shape;
  const stored = shape.columns.filter((one) => !one.generated);
  await deps.source.transaction(database, async (locked) => {
    const right = await pgRows(locked, shape, keys);
    await pgCaughtUp(deps.servers, deps.source, deps.clock, database);
    await asEcho(deps.target, database, async (session) => {
      const wrong = await pgRows(session, shape, keys);
      const there = keys.filter((key) => wrong.has(JSON.stringify(key)));
      const rows = [...right.values()].map((row) => stored.map(({ name }) => row[name] ?? null));
      await replace(session, shape, there, rows);
      // On the disk before it is committed, and only where it will be.
      const master = deps.target.side.id;
      await keepRows(
        deps.kept,
        [...wrong.values()].map((row) => ({ master, database, table, row })),
      );
      counts.written += right.size;
      counts.deleted += there.filter((key) => !right.has(JSON.stringify(key))).length;
    });
  });
}

/** The batches of one table, those that were in each other's way again. Answers whether all of them went in. */
async function repairTable(deps: PgRepairDeps, { shape, keys }: TableDifference, counts: Counts): Promise<boolean> {
  let waiting: readonly (readonly Key[])[] = Array.from({ length: Math.ceil(keys.length / batch) }, (_, n) =>
    keys.slice(n * batch, (n + 1) * batch),
  );
  for (let before = waiting.length + 1; waiting.length > 0 && waiting.length < before; ) {
    before = waiting.length;
    const again: (readonly Key[])[] = [];
    for (const some of waiting) {
      try {
        await repairBatch(deps, shape, some, counts);
        deps.tell(`${shape.database} ${shape.table}: ${some.length} of ${keys.length} rows`);
      } catch (error) {
        if (!(error instanceof InTheWay)) throw error;
        again.push(some);
      }
    }
    waiting = again;
  }
  return waiting.length === 0;
}

/**
 * Repairs what can be named row by row; the rest is answered with its reason. Needs the role that carries. Throws
 * DatabaseFailed where it does not catch up; what was repaired until then stays so.
 */
export async function repairPgRows(deps: PgRepairDeps, differences: readonly TableDifference[]): Promise<RepairResult> {
  const counts: Counts = { written: 0, deleted: 0 };
  const left = [...wholeTables(differences)];
  for (const one of differences) {
    if (one.reason !== undefined || deps.dryRun) continue;
    if (await repairTable(deps, one, counts)) continue;
    left.push(`${one.shape.database}.${one.shape.table}: rows exchange unique values over more than ${batch} rows.`);
  }
  return { ...counts, left };
}
