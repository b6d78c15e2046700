/**
 * Copying a large database as files: mariadb-backup on the source while everybody writes, its stream through this process
 * to the target, which imports the tables. Nothing of it lies on this machine's disk. What cannot go that way is copied
 * by mariadb-dump, as all small ones are.
 */
import { rm } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import type { Clock } from '../../clock.ts';
import { messageOf } from '../../errors.ts';
import { DatabaseFailed, type Side } from '../model.ts';
import { runProgram } from '../programs.ts';
import { oneValue, until } from './apply-context.ts';
import { copyFor } from './apply-data.ts';
import { type Server, unlogged } from './connect.ts';
import { type Gtid, parseGtids } from './gtid.ts';
import { dumpDefinitions, loadDump } from './programs.ts';

/** One database as it was at one place in the source's log. */
export interface Copy {
  readonly position: readonly Gtid[];
  /** Replaces the target's; nothing of it goes into the target's log. */
  load(): Promise<void>;
}

function run(side: Side, words: readonly string[], io: Parameters<typeof runProgram>[3] = {}): Promise<void> {
  const [program = '', ...args] = side.access.files ?? [];
  return runProgram(side, program, [...args, ...words], io);
}

/**
 * The first table that cannot be imported, and why. Without a key of its own InnoDB numbers rows in secret, and 10.11
 * gives the first new row after an import the number of the last one, which is overwritten without a word.
 */
const unfit = `SELECT name, CASE
    WHEN kind = 'SEQUENCE' THEN 'is a sequence'
    WHEN engine <> 'InnoDB' THEN CONCAT('is of ', engine)
    WHEN options LIKE '%partitioned%' THEN 'is partitioned'
    WHEN words > 0 THEN 'has a FULLTEXT index'
    WHEN hidden > 0 THEN 'has no key'
    WHEN shared > 0 THEN 'lies in the shared tablespace' END AS why
  FROM (SELECT t.table_name AS name, t.table_type AS kind, t.engine AS engine, t.create_options AS options,
      (SELECT COUNT(*) FROM information_schema.statistics s WHERE s.table_schema = t.table_schema
        AND s.table_name = t.table_name AND s.index_type = 'FULLTEXT') AS words,
      (SELECT COUNT(*) FROM information_schema.innodb_sys_tables i
        JOIN information_schema.innodb_sys_indexes x ON x.table_id = i.table_id
        WHERE i.name = CONCAT(t.table_schema, '/', t.table_name) AND x.name = 'GEN_CLUST_INDEX') AS hidden,
      (SELECT COUNT(*) FROM information_schema.innodb_sys_tables i
        WHERE i.name = CONCAT(t.table_schema, '/', t.table_name) AND i.space = 0) AS shared
    FROM information_schema.tables t
    WHERE t.table_schema = ? AND t.table_type IN ('BASE TABLE', 'SEQUENCE')) AS found
  HAVING why IS NOT NULL ORDER BY name LIMIT 1`;

/** Why a database cannot be copied as files; undefined when it can. */
export async function whyNotFiles(source: Server, target: Server, database: string): Promise<string | undefined> {
  for (const { side } of [source, target])
    if (side.access.files === undefined) return `masters.*.mariadb.files is not configured for ${side.name}`;
  if (!/^\w+$/.test(database)) return 'its name has letters that its folder has not';
  const [table] = await source.rows(unfit, [database]);
  if (table !== undefined) return `${table['name']} ${table['why']}`;
  for (const { side } of [source, target])
    try {
      await run(side, ['check']);
    } catch (error) {
      return messageOf(error);
    }
  return undefined;
}

async function tablesOf(server: Server, database: string): Promise<readonly string[]> {
  const rows = await server.rows(
    "SELECT table_name AS t FROM information_schema.tables WHERE table_schema = ? AND table_type = 'BASE TABLE'",
    [database],
  );
  return rows.map((row) => row['t'] ?? '');
}

/** What changes with every definition in a database. */
async function definedAs(server: Server, database: string): Promise<string> {
  const found = await Promise.all(
    [
      'SELECT table_name, table_type, create_time FROM information_schema.tables WHERE table_schema = ? ORDER BY 1',
      'SELECT table_name, view_definition FROM information_schema.views WHERE table_schema = ? ORDER BY 1',
      'SELECT routine_name, routine_type, last_altered FROM information_schema.routines WHERE routine_schema = ? ORDER BY 1, 2',
      'SELECT trigger_name, created FROM information_schema.triggers WHERE trigger_schema = ? ORDER BY 1',
      'SELECT event_name, last_altered FROM information_schema.events WHERE event_schema = ? ORDER BY 1',
    ].map((sql) => server.rows(sql, [database])),
  );
  return JSON.stringify(found);
}

async function send(source: Server, target: Server, database: string): Promise<readonly Gtid[]> {
  let place = '';
  await run(source.side, ['send', database], {
    output: (stream) =>
      run(target.side, ['receive', database], {
        input: stream,
        async output(out) {
          place = await text(out);
        },
      }),
  });
  const [file = '', offset = ''] = place.trim().split(/\s+/);
  const gtids = await oneValue(source, `SELECT BINLOG_GTID_POS(?, ${Number(offset)})`, [file]);
  if (gtids === '') throw new DatabaseFailed(`${source.side.name}: the copy names no position: ${place.trim()}`);
  return parseGtids(gtids);
}

const checkpointMs = 120_000;

/**
 * Until no crash makes the server look into these files: its recovery opens every file that the log since the last
 * checkpoint names, and does not start at all when it finds another table's pages in one.
 */
async function forgetsOldFiles(server: Server, clock: Clock): Promise<void> {
  const at = async (name: string): Promise<bigint> =>
    BigInt((await server.rows('SHOW GLOBAL STATUS LIKE ?', [name]))[0]?.['Value'] ?? 0);
  const most = await oneValue(server, 'SELECT @@GLOBAL.innodb_max_dirty_pages_pct');
  const now = await at('Innodb_lsn_current');
  await server.rows('SET GLOBAL innodb_max_dirty_pages_pct = 0');
  try {
    if (!(await until(clock, checkpointMs, async () => (await at('Innodb_lsn_last_checkpoint')) >= now)))
      throw new DatabaseFailed(`${server.side.name}: InnoDB makes no checkpoint.`);
  } finally {
    await server.rows(`SET GLOBAL innodb_max_dirty_pages_pct = ${Number(most)}`);
  }
}

/** The target's disk is full: nor could a dump be loaded there. */
export class NoRoom extends DatabaseFailed {}

/** The definitions come first, each table empty; then its file takes the empty one's place. */
async function load(target: Server, database: string, definitions: string, clock: Clock): Promise<void> {
  await loadDump(target.side, definitions);
  const tables = await tablesOf(target, database);
  try {
    await unlogged(target, async (session) => {
      await session.rows('SET SESSION foreign_key_checks = 0');
      for (const table of tables) await session.rows('ALTER TABLE ??.?? DISCARD TABLESPACE', [database, table]);
      await forgetsOldFiles(target, clock);
      await run(target.side, ['place', database]);
      for (const table of tables) await session.rows('ALTER TABLE ??.?? IMPORT TABLESPACE', [database, table]);
    });
  } catch (error) {
    throw error instanceof DatabaseFailed && /no space|is full/i.test(error.message)
      ? new NoRoom(error.message, { cause: error, hint: `Make room on ${target.side.name}, then run this again.` })
      : error;
  } finally {
    await run(target.side, ['drop', database]);
  }
  await rm(definitions);
}

/** Takes the copy; it waits beside the target's data until it is loaded. `file`: for the definitions. */
export async function copyByFiles(
  { source, target, clock }: { readonly source: Server; readonly target: Server; readonly clock: Clock },
  database: string,
  file: string,
): Promise<Copy> {
  const before = await definedAs(source, database);
  const { file: definitions } = await dumpDefinitions(source, database, file, await copyFor(target));
  const position = await send(source, target, database);
  // Definitions and files must be of one moment, and no lock holds customers off meanwhile.
  if ((await definedAs(source, database)) !== before)
    throw new DatabaseFailed(`${source.side.name}: definitions in ${database} changed while it was copied.`);
  return { position, load: () => load(target, database, definitions, clock) };
}
