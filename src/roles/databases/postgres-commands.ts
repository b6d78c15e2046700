/** `tandem db postgres COMMAND`: the pair of PostgreSQL servers. */
import { join } from 'node:path';
import { alonePg } from '../../dbsync/postgres/alone.ts';
import { carryDatabase } from '../../dbsync/postgres/carry.ts';
import { attachPg, detachPg } from '../../dbsync/postgres/detach.ts';
import { pgBothCaughtUp, pgCaughtUp, setPgFence } from '../../dbsync/postgres/fence.ts';
import { stay } from '../../dbsync/postgres/leave.ts';
import { type LinkDeps, otherOf, type PgPair } from '../../dbsync/postgres/link.ts';
import { noteNames } from '../../dbsync/postgres/model.ts';
import { repairPgRows } from '../../dbsync/postgres/repair.ts';
import { reseedPg } from '../../dbsync/postgres/reseed.ts';
import { pgRowSource } from '../../dbsync/postgres/rows.ts';
import { setUpPostgres } from '../../dbsync/postgres/setup.ts';
import { judgePg, pgAnswered, pgDirectionSentence } from '../../dbsync/postgres/verdict.ts';
import { pgConflictList, pgNote } from '../../dbsync/postgres/watch.ts';
import { lookAtPgPair } from '../../dbsync/postgres/watch-turn.ts';
import { type CheckResult, checkDatabases } from '../../dbsync/repair/check.ts';
import { Invalid } from '../../errors.ts';
import { commandWords, shareOf } from './command-words.ts';
import type { Answer, DbCommand, Desk } from './model.ts';

/** What a `tandem db postgres` command works with. */
type PgDesk = Desk<PgPair>;

export type PgCommand = DbCommand<PgDesk>;

function linkOf(desk: PgDesk): LinkDeps {
  const { servers, folder, clock } = desk;
  return { servers, folder, clock, tell: (line) => desk.tell(line), crash: () => {} };
}

function named(desk: PgDesk, id: string | boolean | undefined, what: string): PgPair[number] {
  const wanted = typeof id === 'string' ? id.toLowerCase() : '';
  const found = desk.servers.find((one) => one.side.id === wanted);
  if (found === undefined)
    throw new Invalid(`${what} is missing or wrong.`, [], {
      hint: `Name ${desk.servers.map((one) => one.side.id).join(' or ')}.`,
    });
  return found;
}

const accountName = /^[a-z][a-z0-9]{0,31}$/;

function oneWord(desk: PgDesk, what: string, shape: RegExp): string {
  const [word = '', ...more] = desk.words;
  if (!shape.test(word) || more.length > 0) throw new Invalid(`Name one ${what}.`);
  return word;
}

async function setup(desk: PgDesk): Promise<Answer> {
  const { from } = desk.flags;
  const source = from === undefined ? undefined : named(desk, from, '--from').side.id;
  const { postgresMost, postgresKeepMegabytes } = desk.config.databases;
  const limits = { databases: postgresMost, keepMegabytes: postgresKeepMegabytes };
  const dryRun = desk.flags['dry-run'] === true;
  const result = await setUpPostgres({ ...linkOf(desk), limits, agree: () => desk.agree() }, source, { dryRun });
  const done = result.changed ? 'Done. tandem dbsync carries.' : 'The pair is set up; nothing is left to do.';
  const head = dryRun ? 'Nothing was done. Setup would:' : done;
  return { json: result, text: `${[head, ...(dryRun ? result.steps : [])].join('\n')}\n`, exit: 0 };
}

const severities = ['OK', 'WARNING', 'CRITICAL', 'UNKNOWN'] as const;

async function status(desk: PgDesk): Promise<Answer> {
  const seen = await lookAtPgPair(desk.servers);
  const state = judgePg(seen, { lagWarnMs: desk.config.databases.lagWarnSeconds * 1000 });
  const name = (id: string): string => seen.find((one) => one.id === id)?.name ?? id;
  const kinds = state.directions.map((one) => one.verdict.kind);
  const isBad = kinds.some((kind) => kind === 'stopped' || kind === 'lost' || kind === 'cut');
  const isFine = kinds.every((kind) => kind === 'steady') && state.notCarried.length === 0;
  const severity = isBad ? 2 : kinds.includes('unknown') ? 3 : isFine ? 0 : 1;
  const sentences = state.directions.map((one) => pgDirectionSentence(one, name));
  const left = state.notCarried.map(({ database, reason }) => `${database} ${reason}`);
  if (desk.flags['nagios'] === true) {
    const data = state.directions.map((one) => {
      const lag = 'lagMs' in one.verdict ? `${(one.verdict.lagMs / 1000).toFixed(3)}s` : 'U';
      return `'pg_lag_${one.from}_${one.to}'=${lag} 'pg_waiting_${one.from}_${one.to}'=${one.waiting}B`;
    });
    // A bar begins the performance data, so none may stand before it.
    const plain = [...sentences, ...left].join('; ').replaceAll('|', '/').replaceAll(/\s+/g, ' ');
    const line = `POSTGRESQL ${severities[severity]}: ${plain} | ${data.join(' ')}\n`;
    return { json: { severity: severities[severity], line }, text: line, exit: severity };
  }
  const servers = seen.map((one) =>
    pgAnswered(one)
      ? `${one.name}: ${one.databases.length} databases, log ${(one.walBytes / 1_000_000).toFixed(1)} MB, room for ${one.capacity} carried${one.readOnly ? ', read-only' : ''}`
      : `${one.name}: ${one.away}`,
  );
  const carried = `Carried both ways: ${state.carried.length === 0 ? 'none' : state.carried.join(', ')}`;
  return {
    json: { ...state, servers: seen },
    text: `${[...sentences, ...servers, carried, ...left].join('\n')}\n`,
    exit: severity === 0 ? 0 : severity === 3 ? 5 : 4,
  };
}

async function compared(desk: PgDesk): Promise<CheckResult> {
  const seen = await lookAtPgPair(desk.servers);
  const all = judgePg(seen, { lagWarnMs: 0 }).carried;
  const databases = desk.words.length > 0 ? desk.words : desk.flags['all'] === true ? all : [];
  if (databases.length === 0) throw new Invalid('Name databases, or say --all.');
  const [a, b] = desk.servers;
  return await checkDatabases(
    {
      sources: [pgRowSource(a), pgRowSource(b)],
      caughtUp: (database: string) => pgBothCaughtUp(desk.servers, desk.clock, database),
      ...{ clock: desk.clock, share: shareOf(desk.flags), tell: (line: string) => desk.tell(line) },
    },
    databases,
  );
}

function linesOf({ differences }: CheckResult): readonly string[] {
  return differences.map(
    ({ shape, keys, reason }) => `${shape.database} ${shape.table}: ${reason ?? `${keys.length} rows differ`}`,
  );
}

async function check(desk: PgDesk): Promise<Answer> {
  const result = await compared(desk);
  const { tables, rows } = result;
  const lines = linesOf(result);
  const head = `${tables} tables, ${rows} rows: ${lines.length === 0 ? 'equal' : `${lines.length} tables differ`}.`;
  return {
    json: { tables, rows, differences: lines },
    text: `${[head, ...lines].join('\n')}\n`,
    exit: lines.length === 0 ? 0 : 4,
  };
}

async function repair(desk: PgDesk): Promise<Answer> {
  const source = named(desk, desk.flags['from'], '--from');
  const target = otherOf(desk.servers, source);
  return await alonePg(desk.servers, async () => {
    const result = await compared(desk);
    const dryRun = desk.flags['dry-run'] === true;
    const kept = join(await desk.folder.backup(target.side.id), 'rows.jsonl');
    const { servers, clock } = desk;
    const deps = { servers, source, target, kept, dryRun, clock, tell: (line: string) => desk.tell(line) };
    const done = await repairPgRows(deps, result.differences);
    const found = linesOf(result);
    const words = dryRun
      ? `Nothing was done. On ${target.side.name} would be replaced:\n${found.map((one) => `${one}\n`).join('')}`
      : `${done.written} rows were written and ${done.deleted} deleted on ${target.side.name}. What they were: ${kept}\n`;
    const left = done.left.map((one) => `${one} tandem db postgres reseed makes it equal.\n`).join('');
    return { json: { dryRun, ...done, kept, found }, text: words + left, exit: done.left.length === 0 ? 0 : 4 };
  });
}

async function reseed(desk: PgDesk): Promise<Answer> {
  const source = named(desk, desk.flags['from'], '--from');
  const target = otherOf(desk.servers, source);
  const database = oneWord(desk, 'database', /^\S{1,63}$/);
  desk.tell(
    `${source.side.name} → ${target.side.name}: ${database} is copied; what ${target.side.name} has of it is backed up and replaced`,
  );
  if (!(await desk.agree()))
    return { json: { changed: false }, text: 'Nothing was changed. Say --yes to agree.\n', exit: 3 };
  await takeAgain(desk, database);
  await alonePg(desk.servers, () => reseedPg(linkOf(desk), source, database, desk.flags['even-if-smaller'] === true));
  for (const server of desk.servers) await pgNote(server, noteNames.refused(database), undefined);
  return {
    json: { changed: true, database },
    text: `${database} on ${target.side.name} is now what ${source.side.name} has.\n`,
    exit: 0,
  };
}

async function detach(desk: PgDesk): Promise<Answer> {
  const account = oneWord(desk, 'account', accountName);
  const { databases } = desk.flags;
  const more = typeof databases === 'string' ? databases.split(',').filter((one) => one !== '') : [];
  const backups = await alonePg(desk.servers, () => detachPg(linkOf(desk), account, more));
  const places = backups.map((one) => `Backup: ${one}\n`).join('');
  return {
    json: { account, detached: true, backups },
    text: `The PostgreSQL databases of ${account} are cut off on both masters.\n${places}`,
    exit: 0,
  };
}

async function attach(desk: PgDesk): Promise<Answer> {
  const account = oneWord(desk, 'account', accountName);
  const databases = await alonePg(desk.servers, () => attachPg(linkOf(desk), account));
  return { json: { account, databases }, text: `Carried again: ${databases.join(', ') || 'nothing'}\n`, exit: 0 };
}

async function fence(desk: PgDesk): Promise<Answer> {
  const server = named(desk, desk.words[0], 'The master');
  await setPgFence(server, true);
  const isWaiting = desk.flags['wait'] === true;
  if (isWaiting) await pgCaughtUp(desk.servers, server, desk.clock);
  const tail = isWaiting ? ', and the other master has all that it wrote' : '';
  return {
    json: { master: server.side.id, fenced: true, caughtUp: isWaiting },
    text: `PostgreSQL on ${server.side.name} is read-only for customers${tail}.\n`,
    exit: 0,
  };
}

async function unfence(desk: PgDesk): Promise<Answer> {
  const server = named(desk, desk.words[0], 'The master');
  if (desk.flags['now'] !== true) await pgCaughtUp(desk.servers, otherOf(desk.servers, server), desk.clock);
  await setPgFence(server, false);
  return {
    json: { master: server.side.id, fenced: false },
    text: `PostgreSQL on ${server.side.name} takes writes again.\n`,
    exit: 0,
  };
}

async function hold(desk: PgDesk, isHeld: boolean): Promise<Answer> {
  const server = named(desk, desk.words[0], 'The master');
  await pgNote(server, noteNames.hold, isHeld ? 'by hand' : undefined);
  const text = isHeld
    ? `${server.side.name} applies nothing until tandem db postgres resume.\n`
    : `${server.side.name} receives again.\n`;
  return { json: { master: server.side.id, paused: isHeld }, text, exit: 0 };
}

async function conflicts(desk: PgDesk): Promise<Answer> {
  const database = oneWord(desk, 'database', /^\S{1,63}$/);
  const found = await Promise.all(
    desk.servers.map(async (one) => ({ master: one.side.id, conflicts: await pgConflictList(one, database) })),
  );
  const lines = found.flatMap(({ master, conflicts: list }) =>
    list.map(
      (row) =>
        `${row['at']} ${master} ${row['rel']} ${row['kind']}, stays: ${row['won']}\n  here:  ${row['here'] ?? '–'}\n  there: ${row['there'] ?? '–'}`,
    ),
  );
  return { json: found, text: `${lines.length === 0 ? 'No conflict is known.' : lines.join('\n')}\n`, exit: 0 };
}

/** A person says that it is to be carried, whatever was deleted or renamed before. */
async function takeAgain(desk: PgDesk, database: string): Promise<void> {
  for (const server of desk.servers) await stay(server, database);
}

/** Makes a database carried that is on both masters, now instead of at the watch's next look. */
async function carry(desk: PgDesk): Promise<Answer> {
  const database = oneWord(desk, 'database', /^\S{1,63}$/);
  await takeAgain(desk, database);
  const result = await alonePg(desk.servers, () => carryDatabase(linkOf(desk), database));
  const isDifferent = result === 'different';
  const text = isDifferent
    ? `${database} holds different things on both masters: tandem db postgres reseed ${database} --from MASTER\n`
    : `${database} is carried both ways.\n`;
  return { json: { database, result }, text, exit: isDifferent ? 3 : 0 };
}

/** Every command, by its word. */
export const pgCommands: Readonly<Record<string, PgCommand>> = {
  setup: {
    usage: 'setup [--dry-run] [--yes] [--from MASTER]',
    about: 'Make the PostgreSQL pair from whatever is there; lists what it will change and asks',
    flags: { 'dry-run': 'switch', yes: 'switch', from: 'text' },
    run: setup,
  },
  status: {
    usage: 'status [--nagios]',
    about: 'Both directions and every database',
    flags: { nagios: 'switch' },
    run: status,
  },
  carry: { usage: 'carry DATABASE', about: 'Carry a database now', flags: {}, run: carry },
  check: { ...commandWords.check, run: check },
  repair: { ...commandWords.repair, run: repair },
  conflicts: {
    usage: 'conflicts DATABASE',
    about: 'Rows that both masters changed, with both images',
    flags: {},
    run: conflicts,
  },
  reseed: {
    usage: 'reseed DATABASE --from MASTER [--yes] [--even-if-smaller]',
    about: 'Copy one database anew from MASTER, which goes on serving; what is replaced is backed up',
    flags: { from: 'text', yes: 'switch', 'even-if-smaller': 'switch' },
    run: reseed,
  },
  detach: { ...commandWords.detach, run: detach },
  attach: { ...commandWords.attach, run: attach },
  pause: { ...commandWords.pause, run: (desk) => hold(desk, true) },
  resume: { ...commandWords.resume, run: (desk) => hold(desk, false) },
  fence: { ...commandWords.fence, run: fence },
  unfence: { ...commandWords.unfence, run: unfence },
};
