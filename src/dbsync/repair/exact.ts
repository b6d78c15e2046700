/**
 * FLOAT columns after a copy. The copy program writes them with six digits, so the copied rows differ from their
 * origin in the last bits although nobody changed them; a checksum sees it, and so does a customer's sum. Once both
 * masters are in step again these tables are compared and such rows written exactly.
 */
import { join } from 'node:path';
import { z } from 'zod';
import type { Clock } from '../../clock.ts';
import { oneValue } from '../mariadb/apply-context.ts';
import type { Server } from '../mariadb/connect.ts';
import type { Folder } from '../mariadb/folder.ts';
import { checkDepsOf } from '../mariadb/rows.ts';
import { note } from '../mariadb/watch.ts';
import { ownSchema } from '../model.ts';
import { checkTables } from './check.ts';
import { repairRows } from './repair-rows.ts';

const name = 'inexact';
const noted = z.array(z.object({ from: z.string(), database: z.string(), table: z.string() }));

/** A copied table with FLOAT columns, and the master it was copied from. */
export type Inexact = z.output<typeof noted>[number];

/** The tables on this server that wait for being made exact. */
export async function readInexact(server: Server): Promise<readonly Inexact[]> {
  const text = await oneValue(server, 'SELECT value FROM ??.local_mark WHERE name = ?', [ownSchema, name]);
  return text === '' ? [] : noted.parse(JSON.parse(text));
}

/** Notes which of the databases' tables were copied inexactly. To be called before they are used. */
export async function noteInexact(source: Server, target: Server, databases: readonly string[]): Promise<void> {
  const rows = await source.rows(
    `SELECT DISTINCT c.table_schema AS d, c.table_name AS t FROM information_schema.columns c
      JOIN information_schema.tables b ON b.table_schema = c.table_schema AND b.table_name = c.table_name
      WHERE b.table_type = 'BASE TABLE' AND c.data_type = 'float' AND c.table_schema IN (?)`,
    [databases],
  );
  const kept = (await readInexact(target)).filter((one) => !databases.includes(one.database));
  const added = rows.map((row) => ({ from: source.side.id, database: row['d'] ?? '', table: row['t'] ?? '' }));
  const all = [...kept, ...added];
  await note(target, name, all.length === 0 ? undefined : JSON.stringify(all));
}

export interface ExactDeps {
  readonly servers: readonly [Server, Server];
  readonly folder: Folder;
  readonly clock: Clock;
  readonly tell: (line: string) => void;
}

/** Makes what is noted on `target` exact. Both directions must run. */
export async function makeExact(deps: ExactDeps, target: Server): Promise<void> {
  const tables = await readInexact(target);
  const source = deps.servers.find((one) => one.side.id !== target.side.id);
  if (source === undefined || tables.length === 0) return;
  const check = checkDepsOf(deps.servers, { clock: deps.clock, share: 1, tell: () => {} });
  const { differences } = await checkTables(
    check,
    tables.map((one) => [one.database, one.table]),
  );
  const kept = join(await deps.folder.backup(target.side.id), 'rows.jsonl');
  const { left } = await repairRows({ source, target, kept, dryRun: false, tell: deps.tell }, differences);
  for (const one of left) deps.tell(`FLOAT columns stay rounded in ${one}`);
  await note(target, name, undefined);
}
