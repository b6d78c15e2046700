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
import { addToFile, runProgram, toFile } from '../programs.ts';
import { type CopyFor, codeIn, viewNames } from './code.ts';
import { isReachable, type Server } from './connect.ts';
import { withCopier } from './copier.ts';
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

interface CopyOptions {
  /** The server writes a binary log, so the moment's position can be told. */
  readonly position: boolean;
  readonly wanted: CopyFor;
  /** Definitions alone. */
  readonly empty?: boolean;
}

/** Writes some databases into a file: the tables by the program, then everything else. Answers the program's last words. */
async function dump(server: Server, databases: readonly string[], file: string, options: CopyOptions): Promise<string> {
  const views: string[] = [];
  for (const name of databases) for (const view of await viewNames(server, name)) views.push(`${name}.${view}`);
  let tail = '';
  await withCopier(server, databases, options.position, (side) =>
    withOptions(side, (cnf) =>
      runProgram(
        side,
        'mariadb-dump',
        [
          `--defaults-extra-file=${cnf}`,
          ...['--single-transaction', '--quick', '--skip-triggers', '--hex-blob'],
          ...['--default-character-set=utf8mb4', '--add-drop-database', '--skip-comments'],
          ...(options.position ? ['--master-data=2', '--gtid'] : []),
          ...(options.empty === true ? ['--no-data'] : []),
          ...views.map((name) => `--ignore-table=${name}`),
          ...['--databases', ...databases],
        ],
        {
          async output(out) {
            tail = await toFile(out, file);
          },
        },
      ),
    ),
  );
  if (!isWhole(tail)) throw new DatabaseFailed(`${server.side.name}: the copy is not whole.`);
  for (const name of databases) await addToFile(file, await codeIn(server, name, options.wanted));
  return tail;
}

/**
 * Copies databases with views, routines, events and triggers into a compressed file. InnoDB tables are read at one moment
 * and nobody waits.
 */
export async function dumpDatabases(
  server: Server,
  databases: readonly string[],
  file: string,
  options: CopyOptions,
): Promise<Dumped> {
  const tail = await dump(server, databases, file, options);
  const found = [...tail.matchAll(positionLine)].at(-1);
  if (options.position && found === undefined)
    throw new DatabaseFailed(`${server.side.name}: the copy names no position.`);
  await rename(`${file}.part`, file);
  return { file, position: parseGtids(found?.[1] ?? '') };
}

/** What a database consists of, without its rows. */
export async function dumpDefinitions(
  server: Server,
  database: string,
  file: string,
  wanted: CopyFor,
): Promise<Dumped> {
  await dump(server, [database], file, { position: false, empty: true, wanted });
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
        // Of its own commands the client runs none but USE and DELIMITER, and a hostile server is given no file.
        ...['--binary-mode', '--loose-sandbox', '--local-infile=0'],
        ...['--init-command=SET SESSION sql_log_bin = 0, lock_wait_timeout = 60', '--default-character-set=utf8mb4'],
      ],
      { input: source },
    ),
  );
}

/**
 * Copies the binary log into a folder, byte for byte: from the beginning of a file, or from a place in it. The server says
 * what the files are called, and it may be in strange hands: with letters before it, no name leads out of the folder.
 */
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
        ...['--read-from-remote-server', '--raw', '--to-last-log', `--result-file=${join(folder, 'log-')}`, first],
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
