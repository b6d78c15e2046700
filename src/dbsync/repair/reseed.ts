/**
 * One database anew from the other master, which goes on serving. Only the target's applying waits:
 *
 *   target stops receiving → copy on the source (its position G) → target applies everything else up to G
 *   → the copy is loaded, unlogged → the filter goes → target receives again
 */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '../../clock.ts';
import { Refused } from '../../errors.ts';
import { type ApplyContext, oneValue, until } from '../mariadb/apply-context.ts';
import { copyFor } from '../mariadb/apply-data.ts';
import { start } from '../mariadb/apply-link.ts';
import type { Server } from '../mariadb/connect.ts';
import { type Copy, copyByFiles, NoRoom, whyNotFiles } from '../mariadb/files.ts';
import { keepFilter } from '../mariadb/filter.ts';
import type { Folder } from '../mariadb/folder.ts';
import { formatGtids } from '../mariadb/gtid.ts';
import { readDatabases, readReplicas } from '../mariadb/observe.ts';
import { dumpDatabases, loadDump } from '../mariadb/programs.ts';
import { canBeLeftOut } from '../mariadb/settings.ts';
import { note } from '../mariadb/watch.ts';
import { DatabaseFailed } from '../model.ts';
import { makeExact, noteInexact } from './exact.ts';

export interface ReseedDeps {
  readonly source: Server;
  readonly target: Server;
  readonly folder: Folder;
  readonly clock: Clock;
  readonly tell: (line: string) => void;
  readonly crash: ApplyContext['crash'];
  readonly evenIfSmaller: boolean;
  /** As files whatever its size, where that is possible. */
  readonly asFiles: boolean;
}

const applyMs = 600_000;

/** What a server notes of a reseed that is not finished; '' where there is none. */
function noteOf(server: Server, database: string): Promise<string> {
  return oneValue(server, "SELECT value FROM tandemsync.local_mark WHERE name = CONCAT('reseed:', ?)", [database]);
}

async function guard(deps: ReseedDeps, database: string): Promise<boolean> {
  if (!canBeLeftOut(database))
    throw new Refused(
      `${JSON.stringify(database)} cannot be copied by itself: replication's filter takes no such name.`,
      {
        hint: 'Rename it, or drop it on both masters.',
      },
    );
  const [mine, theirs] = await Promise.all([readDatabases(deps.source), readDatabases(deps.target)]);
  const from = mine.find((one) => one.name === database);
  const to = theirs.find((one) => one.name === database);
  const loading = await noteOf(deps.source, database);
  if (from === undefined) throw new Refused(`${deps.source.side.name} has no database ${database}.`);
  if (loading !== '')
    throw new Refused(`${database} on ${deps.source.side.name} is itself being loaded and may be half of it.`, {
      hint: 'Take the other master as the source, or finish that reseed first.',
    });
  const shrinks =
    to !== undefined && to.tables > 0 && (from.tables === 0 || (to.bytes > 1_000_000 && from.bytes * 2 < to.bytes));
  if (shrinks && !deps.evenIfSmaller)
    throw new Refused(`${database} holds much more on ${deps.target.side.name} than on ${deps.source.side.name}.`, {
      hint: 'If it is meant so, say --even-if-smaller.',
    });
  return to !== undefined && to.tables > 0;
}

async function backUp(deps: ReseedDeps, database: string): Promise<void> {
  const place = join(await deps.folder.backup(deps.target.side.id), `${database}.sql.gz`);
  await dumpDatabases(deps.target, [database], place, { position: false, wanted: 'itself' });
  deps.tell(`${deps.target.side.name}: backup of ${database}: ${place}`);
}

/** Applies everything but this database up to the copy's position; nothing when the target is there already. */
async function applyOthers(deps: ReseedDeps, position: string): Promise<void> {
  const { target } = deps;
  await keepFilter(target);
  await target.rows("SET GLOBAL slave_exec_mode = 'STRICT'");
  await target.rows('START SLAVE UNTIL master_gtid_pos = ?', [position]);
  const done = await until(deps.clock, applyMs, async () => {
    const { replica } = await readReplicas(target);
    if (replica !== undefined && (replica.sqlErrno !== 0 || replica.ioErrno === 1236))
      throw new DatabaseFailed(`${target.side.name} stopped: ${replica.sqlError || replica.ioError}`, {
        hint: 'That database needs a reseed too; then run this again.',
      });
    return replica?.sql === 'No';
  });
  if (!done) throw new DatabaseFailed(`${target.side.name} does not catch up with the copy.`);
  await target.rows('STOP SLAVE');
}

/** By mariadb-dump. It rounds FLOAT columns, which are compared and written exactly afterwards. */
async function copyByDump({ source, target, folder }: ReseedDeps, database: string): Promise<Copy> {
  const { file, position } = await dumpDatabases(source, [database], seedOf(folder, source, database), {
    position: true,
    wanted: await copyFor(target),
  });
  return {
    position,
    async load() {
      await loadDump(target.side, file);
      await rm(file);
      await noteInexact(source, target, [database]);
    },
  };
}

function seedOf(folder: Folder, source: Server, database: string): string {
  return join(folder.seeds, `${source.side.id}-${database}.sql.gz`);
}

type Take = () => Promise<Copy>;

/** Takes a copy, lets the target apply everything else up to its place, and loads it. */
async function bring(deps: ReseedDeps, database: string, take: Take): Promise<void> {
  const copy = await take();
  deps.crash('dbsync.reseed-copied');
  const domain = await oneValue(deps.target, 'SELECT @@GLOBAL.gtid_domain_id');
  const others = copy.position.filter((one) => one.domain !== Number(domain));
  await applyOthers(deps, formatGtids(others));
  deps.crash('dbsync.reseed-applied');
  // From here on what the target has is half of something, and no longer worth a backup.
  await note(deps.target, `reseed:${database}`, JSON.stringify({ from: deps.source.side.id, loading: true }));
  await copy.load();
  deps.crash('dbsync.reseed-loaded');
}

/** Why it is copied by mariadb-dump; undefined when it was copied as files. */
async function triedFiles(deps: ReseedDeps, database: string): Promise<string | undefined> {
  const { source, target, folder } = deps;
  const why = await whyNotFiles(source, target, database);
  if (why !== undefined) return why;
  try {
    await bring(deps, database, () => copyByFiles(deps, database, seedOf(folder, source, database)));
    return undefined;
  } catch (error) {
    // What replication stopped at stops it whichever way the copy comes; the plain way then says so.
    if (error instanceof DatabaseFailed && !(error instanceof NoRoom)) return error.message;
    throw error;
  }
}

/** Copies of this size go as files where that is configured: a dump of them is loaded row by row, for hours. */
const largeBytes = 1_000_000_000;

async function isLarge({ source, asFiles }: ReseedDeps, database: string): Promise<boolean> {
  if (asFiles) return true;
  const found = (await readDatabases(source)).find((one) => one.name === database);
  return found !== undefined && found.bytes >= largeBytes;
}

/** Replaces a database on the target by the source's. Killed anywhere, the same command finishes it. */
export async function reseedDatabase(deps: ReseedDeps, database: string): Promise<void> {
  const { source, target } = deps;
  const isOver = await guard(deps, database);
  const begun = await noteOf(target, database);
  if (isOver && !/"loading":true/.test(begun)) await backUp(deps, database);
  await note(target, 'hold', JSON.stringify({ reason: `reseed of ${database}` }));
  if (begun === '') await note(target, `reseed:${database}`, JSON.stringify({ from: source.side.id }));
  await target.rows('STOP SLAVE');
  deps.crash('dbsync.reseed-stopped');
  const why = (await isLarge(deps, database)) ? await triedFiles(deps, database) : 'it is small';
  if (why !== undefined) {
    deps.tell(`${database} is copied by mariadb-dump: ${why}`);
    await bring(deps, database, () => copyByDump(deps, database));
  } else deps.tell(`${database} was copied as files`);
  await note(target, `reseed:${database}`, undefined);
  await note(target, 'hold', undefined);
  await start(deps, target);
  await makeExact({ ...deps, servers: [source, target] }, target);
}
