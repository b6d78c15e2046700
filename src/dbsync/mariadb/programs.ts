/** MariaDB's own programs: dump, load, save the binary log. Credentials go by file, never by argument. */
import { spawn } from 'node:child_process';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, mkdtemp, open, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip, createGzip } from 'node:zlib';
import { messageOf } from '../../errors.ts';
import { DatabaseFailed, type Side } from '../model.ts';
import { type Gtid, parseGtids } from './gtid.ts';

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

interface Io {
  readonly input?: Readable;
  readonly output?: (out: Readable) => Promise<void>;
}

const mostWords = 4000;

/** Runs a program to its end. Throws DatabaseFailed with what it said. */
export async function runProgram(side: Side, program: string, args: readonly string[], io: Io = {}): Promise<void> {
  const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'pipe'] });
  let words = '';
  child.stderr.on('data', (chunk: Buffer) => {
    words = (words + chunk.toString()).slice(-mostWords);
  });
  const ended = new Promise<number>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve(code ?? 1));
  });
  const failures: unknown[] = [];
  const note = (error: unknown): void => {
    failures.push(error);
    child.kill('SIGTERM');
  };
  const fed = feed(child.stdin, io.input).catch((error: unknown) => {
    // The program ended before it had read all; its own words say why.
    if (!/EPIPE|ECONNRESET|premature/i.test(messageOf(error))) note(error);
  });
  const taken = (io.output === undefined ? drain(child.stdout) : io.output(child.stdout)).catch(note);
  try {
    const code = await ended;
    await Promise.all([fed, taken]);
    if (failures.length > 0) throw failures[0];
    if (code !== 0) throw new Error(words.trim() || `exit ${code}`);
  } catch (error) {
    throw new DatabaseFailed(`${side.name}: ${program} failed: ${messageOf(error)}`, { cause: error });
  }
}

async function feed(stdin: Writable, input: Readable | undefined): Promise<void> {
  if (input === undefined) stdin.end();
  else await pipeline(input, stdin);
}

async function drain(out: Readable): Promise<void> {
  out.resume();
  await Promise.resolve();
}

const tailChars = 16_000;

/** Writes what a program says into a compressed file, whole or not at all. Answers the end of it. */
async function toFile(out: Readable, file: string): Promise<string> {
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  const part = `${file}.part`;
  let tail = '';
  out.on('data', (chunk: Buffer) => {
    tail = (tail + chunk.toString('latin1')).slice(-tailChars);
  });
  await pipeline(out, createGzip({ level: 1 }), createWriteStream(part, { mode: 0o600 }));
  const handle = await open(part, 'r+');
  await handle.sync();
  await handle.close();
  return tail;
}

export interface Dumped {
  readonly file: string;
  /** The source's position at the very moment of the copy; empty when it writes no log. */
  readonly position: readonly Gtid[];
}

/** The program writes it last, as a comment; a customer's own text can stand before it only. */
const positionLine = /^-- SET GLOBAL gtid_slave_pos='([^']*)';$/gm;

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
  let tail = '';
  await withOptions(side, (cnf) =>
    runProgram(
      side,
      'mariadb-dump',
      [
        `--defaults-extra-file=${cnf}`,
        ...['--single-transaction', '--quick', '--routines', '--events', '--triggers', '--hex-blob'],
        ...['--default-character-set=utf8mb4', '--add-drop-database', '--skip-comments'],
        ...(options.position ? ['--master-data=2', '--gtid'] : []),
        ...['--databases', ...databases],
      ],
      {
        async output(out) {
          tail = await toFile(out, file);
        },
      },
    ),
  );
  const found = [...tail.matchAll(positionLine)].at(-1);
  if (options.position && found === undefined) throw new DatabaseFailed(`${side.name}: the copy names no position.`);
  await rename(`${file}.part`, file);
  return { file, position: parseGtids(found?.[1] ?? '') };
}

/** Loads such a file; nothing of it goes into the target's log. */
export async function loadDump(side: Side, file: string): Promise<void> {
  const source = createReadStream(file).pipe(createGunzip());
  await withOptions(side, (cnf) =>
    runProgram(
      side,
      'mariadb',
      [`--defaults-extra-file=${cnf}`, '--init-command=SET SESSION sql_log_bin=0', '--default-character-set=utf8mb4'],
      { input: source },
    ),
  );
}

/** Copies the whole binary log into a folder, byte for byte. */
export async function saveLog(side: Side, first: string, folder: string): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await withOptions(side, (cnf) =>
    runProgram(side, 'mariadb-binlog', [
      `--defaults-extra-file=${cnf}`,
      ...['--read-from-remote-server', '--raw', '--to-last-log', `--result-file=${folder}/`, first],
    ]),
  );
}

/** The log from a position on, decoded to text, given in pieces. */
export async function readLog(
  side: Side,
  args: readonly string[],
  output: (out: Readable) => Promise<void>,
): Promise<void> {
  await withOptions(side, (cnf) =>
    runProgram(
      side,
      'mariadb-binlog',
      [`--defaults-extra-file=${cnf}`, ...['--read-from-remote-server', '--base64-output=decode-rows', '-v', ...args]],
      { output },
    ),
  );
}

/** Packs a folder and gives it to the program that installs it on a master. */
export async function install(side: Side, folder: string): Promise<void> {
  const [program = '', ...args] = side.access.configure ?? [];
  const tar = spawn('tar', ['-cf', '-', '-C', folder, '.'], { stdio: ['ignore', 'pipe', 'ignore'] });
  await runProgram(side, program, args, { input: tar.stdout });
}
