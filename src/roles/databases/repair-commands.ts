import { join } from 'node:path';
import { alone } from '../../dbsync/mariadb/alone.ts';
import type { Server } from '../../dbsync/mariadb/connect.ts';
import { readDatabaseNames, readPending } from '../../dbsync/mariadb/observe.ts';
import { checkDepsOf } from '../../dbsync/mariadb/rows.ts';
import { canBeLeftOut } from '../../dbsync/mariadb/settings.ts';
import { some } from '../../dbsync/mariadb/steps.ts';
import { type CheckResult, checkDatabases } from '../../dbsync/repair/check.ts';
import { repairRows } from '../../dbsync/repair/repair-rows.ts';
import { reseedDatabase } from '../../dbsync/repair/reseed.ts';
import { Invalid } from '../../errors.ts';
import { commandWords, shareOf } from './command-words.ts';
import type { Answer, DbCommand, Desk } from './model.ts';

/** The master that --from names, and the other. Throws Invalid when it is missing or wrong. */
export function sourceAndTarget(desk: Desk): { readonly source: Server; readonly target: Server } {
  const { from } = desk.flags;
  const wanted = typeof from === 'string' ? from.toLowerCase() : '';
  const source = desk.servers.find((one) => one.side.id === wanted);
  const target = desk.servers.find((one) => one.side.id !== wanted);
  if (source === undefined || target === undefined)
    throw new Invalid('--from is missing or wrong.', [
      {
        path: '--from',
        message: `Name the master whose contents are right: ${desk.servers.map((one) => one.side.id).join(' or ')}.`,
      },
    ]);
  return { source, target };
}

async function databasesOf(desk: Desk): Promise<readonly string[]> {
  if (desk.words.length > 0) return desk.words;
  if (desk.flags['all'] === true) {
    const [a, b] = await Promise.all(desk.servers.map(readDatabaseNames));
    return [...new Set([...(a ?? []), ...(b ?? [])])].sort();
  }
  throw new Invalid('Name databases, or say --all.');
}

async function checked(desk: Desk): Promise<CheckResult> {
  const { servers, clock } = desk;
  const options = { clock, share: shareOf(desk.flags), tell: (line: string) => desk.tell(line) };
  return await checkDatabases(checkDepsOf(servers, options), await databasesOf(desk));
}

function lines(result: CheckResult): readonly string[] {
  return result.differences.map(({ shape, keys, reason }) => {
    const name = `${shape.database}.${shape.table}`;
    return reason === undefined ? `${name}: ${keys.length} rows differ` : `${name}: ${reason}`;
  });
}

function summary(result: CheckResult): string {
  const { tables, chunks, rows, differences } = result;
  const head = `${tables} tables, ${rows} rows in ${chunks} chunks: ${differences.length === 0 ? 'equal' : `${differences.length} tables differ`}.`;
  return `${[head, ...lines(result)].join('\n')}\n`;
}

function report(result: CheckResult): unknown {
  return {
    ...result,
    differences: result.differences.map(({ shape, keys, reason }) => ({
      ...{ database: shape.database, table: shape.table, rows: keys.length },
      ...(reason === undefined ? {} : { reason }),
    })),
  };
}

async function check(desk: Desk): Promise<Answer> {
  const result = await checked(desk);
  return { json: report(result), text: summary(result), exit: result.differences.length === 0 ? 0 : 4 };
}

async function repair(desk: Desk): Promise<Answer> {
  const { source, target } = sourceAndTarget(desk);
  return await alone(desk.servers, async () => {
    const result = await checked(desk);
    const dryRun = desk.flags['dry-run'] === true;
    const kept = join(await desk.folder.backup(target.side.id), 'rows.jsonl');
    const done = await repairRows(
      { source, target, kept, dryRun, tell: (line) => desk.tell(line) },
      result.differences,
    );
    const words = dryRun
      ? `Nothing was done. On ${target.side.name} would be replaced:\n${summary(result)}`
      : `${done.written} rows were written and ${done.deleted} deleted on ${target.side.name}. What they were: ${kept}\n`;
    const left = done.left.map((one) => `${one}. tandem db reseed makes it equal.\n`).join('');
    return {
      json: { dryRun, ...done, kept, found: report(result) },
      text: words + left,
      exit: done.left.length === 0 ? 0 : 4,
    };
  });
}

/** The databases that are copied anew: the one that is named, or all of the source's that are not the same on both. */
async function toReseed(desk: Desk, source: Server, target: Server): Promise<readonly string[]> {
  const [database, ...more] = desk.words;
  if (desk.flags['all'] !== true) {
    if (database === undefined || more.length > 0) throw new Invalid('Name one database, or say --all.');
    return [database];
  }
  const [names, there, begun] = await Promise.all([
    readDatabaseNames(source),
    readDatabaseNames(target),
    readPending(target),
  ]);
  const both = names.filter((one) => there.includes(one) && !begun.includes(one));
  const options = { clock: desk.clock, share: shareOf(desk.flags), tell: (line: string) => desk.tell(line) };
  const { differences } = await checkDatabases(checkDepsOf(desk.servers, options), both);
  const differing = new Set(differences.map(({ shape }) => shape.database));
  const found = names.filter((one) => !both.includes(one) || differing.has(one));
  for (const name of found.filter((one) => !canBeLeftOut(one)))
    desk.tell(`${JSON.stringify(name)} is not copied: replication's filter takes no such name.`);
  return found.filter(canBeLeftOut);
}

async function reseed(desk: Desk): Promise<Answer> {
  const { source, target } = sourceAndTarget(desk);
  const databases = await toReseed(desk, source, target);
  if (databases.length === 0)
    return { json: { changed: false }, text: 'Every database is the same on both.\n', exit: 0 };
  desk.tell(
    `${source.side.name} → ${target.side.name}: ${some(databases)} is copied; what ${target.side.name} has of it is backed up and replaced`,
  );
  if (!(await desk.agree()))
    return { json: { changed: false }, text: 'Nothing was changed. Say --yes to agree.\n', exit: 3 };
  const deps = {
    ...{ source, target, folder: desk.folder, clock: desk.clock, crash: () => {} },
    tell: (line: string) => desk.tell(line),
    evenIfSmaller: desk.flags['even-if-smaller'] === true,
    asFiles: desk.flags['as-files'] === true,
  };
  await alone(desk.servers, async () => {
    for (const database of databases) await reseedDatabase(deps, database);
  });
  return {
    json: { changed: true, databases },
    text: `${databases.join(', ')} on ${target.side.name} is now what ${source.side.name} has.\n`,
    exit: 0,
  };
}

/** `tandem db check`, `repair`, `reseed`. */
export const repairCommands: Readonly<Record<string, DbCommand>> = {
  check: { ...commandWords.check, run: check },
  repair: { ...commandWords.repair, run: repair },
  reseed: {
    usage: 'reseed DATABASE | --all --from MASTER [--yes] [--even-if-smaller] [--as-files]',
    about:
      'Copy a database anew from MASTER, which goes on serving (--all: each that differs, one after the other; --as-files: also small ones by mariadb-backup); also ends a stop over that database',
    flags: {
      all: 'switch',
      from: 'text',
      yes: 'switch',
      'even-if-smaller': 'switch',
      'as-files': 'switch',
    },
    run: reseed,
  },
};
