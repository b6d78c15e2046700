/** MariaDB's own programs: dump, load, save the binary log. Credentials go by file, never by argument. */
import { spawn } from 'node:child_process';
import { createReadStream } from 'node:fs';
import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { messageOf } from '../../errors.ts';
import { DatabaseAway, DatabaseFailed, type Side } from '../model.ts';
import { runProgram, toFile } from '../programs.ts';
import { isReachable } from './connect.ts';
import { type Gtid, parseGtids } from './gtid.ts';
import { whileReachable } from './patience.ts';

const askEveryMs = 10_000;

function quoted(value: string): string {
  return `"${value.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;
}

function optionFile(side: Side, dir: string): string {
  const { access } = side;
  const lines = [`user=${quoted(access.user)}`];
  if (access.password !== undefined) lines.push(`password=${quoted(access.password)}`);
  if (access.socket === undefined) {
    lines.push(`host=${quoted(access.host)}`, `port=${access.port}`, 'protocol=tcp', 'ssl');
    if (access.ca !== undefined) lines.push(`ssl-ca=${join(dir, 'ca.pem')}`, 'ssl-verify-server-cert');
  } else lines.push(`socket=${quoted(access.socket)}`);
  return `[client]\n${lines.join('\n')}\n`;
}

/** Runs `work` with the path of an option file that only this user can read, and removes it afterwards. */
async function withOptions<T>(side: Side, work: (file: string) => Promise<T>): Promise<T> {
  const dir = await mkdtemp(join(tmpdir(), 'tandem-sql-'));
  try {
    const file = join(dir, 'client.cnf');
    if (side.access.ca !== undefined) await writeFile(join(dir, 'ca.pem'), side.access.ca, { mode: 0o600 });
    await writeFile(file, optionFile(side, dir), { mode: 0o600 });
    return await work(file);
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

export interface Dumped {
  readonly file: string;
  /** The source's position at the very moment of the copy; empty when it writes no log. */
  readonly position: readonly Gtid[];
}

/** The program writes it last, as a comment; a customer's own text can stand before it only. */
const positionLine = /^-- SET GLOBAL gtid_slave_pos='([^']*)';$/gm;

/**
 * What the program undoes last, of either kind of server that it is made for; a copy without it ended before its end,
 * whatever the program answered.
 */
const lastLine = /SET (?:SQL_NOTES=@OLD_SQL_NOTES|NOTE_VERBOSITY=@OLD_NOTE_VERBOSITY) \*\/;\s*$/;

/** Whether this is the end of a whole copy by mariadb-dump. */
export function isWhole(tail: string): boolean {
  return lastLine.test(tail);
}

/** Writes what the program says of some databases into a file; answers its end. */
async function dump(side: Side, databases: readonly string[], file: string, more: readonly string[]): Promise<string> {
  let tail = '';
  await withOptions(side, (cnf) =>
    runProgram(
      side,
      'mariadb-dump',
      [
        `--defaults-extra-file=${cnf}`,
        ...['--single-transaction', '--quick', '--routines', '--events', '--triggers', '--hex-blob'],
        ...['--default-character-set=utf8mb4', '--add-drop-database', '--skip-comments'],
        ...more,
        ...['--databases', ...databases],
      ],
      {
        async output(out) {
          tail = await toFile(out, file);
        },
      },
    ),
  );
  if (!isWhole(tail)) throw new DatabaseFailed(`${side.name}: the copy is not whole.`);
  return tail;
}

/**
 * Copies databases with routines, events and triggers into a compressed file. InnoDB tables are read at one moment and
 * nobody waits. `position`: the server writes a binary log, so the moment's position can be told.
 */
export async function dumpDatabases(
  side: Side,
  databases: readonly string[],
  file: string,
  options: { readonly position: boolean },
): Promise<Dumped> {
  const tail = await dump(side, databases, file, options.position ? ['--master-data=2', '--gtid'] : []);
  const found = [...tail.matchAll(positionLine)].at(-1);
  if (options.position && found === undefined) throw new DatabaseFailed(`${side.name}: the copy names no position.`);
  await rename(`${file}.part`, file);
  return { file, position: parseGtids(found?.[1] ?? '') };
}

/** What a database consists of, without its rows. */
export async function dumpDefinitions(side: Side, database: string, file: string): Promise<Dumped> {
  await dump(side, [database], file, ['--no-data']);
  await rename(`${file}.part`, file);
  return { file, position: [] };
}

/** A lock that somebody else held too long, such as InnoDB's own statistics: the file begins with dropping what it makes. */
const passes = /ERROR (1205|1213) /;
const mostTries = 4;

/** Loads such a file; nothing of it goes into the target's log. */
export async function loadDump(side: Side, file: string): Promise<void> {
  for (let tries = 1; ; tries++)
    try {
      return await loadOnce(side, file);
    } catch (error) {
      if (tries === mostTries || !passes.test(messageOf(error))) throw error;
    }
}

async function loadOnce(side: Side, file: string): Promise<void> {
  // Ends with an error where the file cannot be read or is not whole; whoever reads it hears of it.
  const source = pipeline(createReadStream(file), createGunzip(), () => undefined);
  await withOptions(side, (cnf) =>
    runProgram(
      side,
      'mariadb',
      [
        `--defaults-extra-file=${cnf}`,
        // The client runs commands of its own that stand in a comment, and a customer's routine may hold any comment. Before
        // 10.11.8 it cannot be kept from it.
        '--loose-sandbox',
        ...['--init-command=SET SESSION sql_log_bin=0', '--default-character-set=utf8mb4'],
      ],
      { input: source },
    ),
  );
}

/** Copies the binary log into a folder, byte for byte: from the beginning of a file, or from a place in it. */
export async function saveLog(side: Side, first: string, folder: string, from?: number): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const stop = new AbortController();
  const saved = withOptions(side, (cnf) =>
    runProgram(
      side,
      'mariadb-binlog',
      [
        `--defaults-extra-file=${cnf}`,
        ...(from === undefined ? [] : [`--start-position=${from}`]),
        ...['--read-from-remote-server', '--raw', '--to-last-log', `--result-file=${folder}/`, first],
      ],
      { stop: stop.signal },
    ),
  );
  // What it says when it is ended is nobody's news.
  saved.catch(() => undefined);
  await whileReachable(
    saved,
    { everyMs: askEveryMs, isReachable: () => isReachable(side) },
    () => stop.abort(),
    () => new DatabaseAway(`${side.name}: MariaDB can no longer be reached.`),
  );
}

/** Packs a folder and gives it to the program that installs it on a master. */
export async function install(side: Side, folder: string): Promise<void> {
  const [program = '', ...args] = side.access.configure ?? [];
  const tar = spawn('tar', ['-cf', '-', '-C', folder, '.'], { stdio: ['ignore', 'pipe', 'ignore'] });
  await runProgram(side, program, args, { input: tar.stdout });
}
