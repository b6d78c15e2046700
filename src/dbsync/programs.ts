/** Running the database servers' own programs, and keeping what they say. */
import { spawn } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { appendFile, mkdir, open } from 'node:fs/promises';
import { dirname } from 'node:path';
import { PassThrough, type Readable, type Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip, gzipSync } from 'node:zlib';
import { messageOf } from '../errors.ts';
import { DatabaseFailed, type Side } from './model.ts';

interface Io {
  readonly input?: Readable;
  readonly output?: (out: Readable) => Promise<void>;
  /** Ends the program. */
  readonly stop?: AbortSignal;
}

const mostWords = 4000;

/** MariaDB's client repeats the statement that failed, which holds customers' data, before it says why. */
function reasonIn(words: string): string {
  return (/^ERROR \d.*/ms.exec(words)?.[0] ?? words).trim();
}

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
  // Read from the first moment: Node throws away what a program said that ended before anybody listened.
  const said = child.stdout.pipe(new PassThrough());
  const failures: unknown[] = [];
  const note = (error: unknown): void => {
    failures.push(error);
    child.kill('SIGTERM');
    // A shell ends after what it runs, and that may be waiting for somebody to read what it says.
    child.stdout.destroy();
    said.destroy();
  };
  io.stop?.addEventListener('abort', () => child.kill('SIGKILL'));
  const fed = feed(child.stdin, io.input).catch((error: unknown) => {
    // The program ended before it had read all; its own words say why.
    if (!/EPIPE|ECONNRESET|premature/i.test(messageOf(error))) note(error);
  });
  const taken = (io.output === undefined ? drain(said) : io.output(said)).catch(note);
  try {
    const code = await ended;
    await Promise.all([fed, taken]);
    if (failures.length > 0) throw failures[0];
    if (code !== 0) throw new Error(reasonIn(words) || `exit ${code}`);
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

/** Writes what a program says into `file`.part, compressed and on the disk. Answers the end of it. */
export async function toFile(out: Readable, file: string): Promise<string> {
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  const part = `${file}.part`;
  let tail = '';
  out.on('data', (chunk: Buffer) => {
    tail = (tail + chunk.toString('latin1')).slice(-tailChars);
  });
  await pipeline(out, createGzip({ level: 1 }), createWriteStream(part, { mode: 0o600 }));
  await onDisk(part);
  return tail;
}

async function onDisk(file: string): Promise<void> {
  const handle = await open(file, 'r+');
  await handle.sync();
  await handle.close();
}

/** Adds text to the end of such a file; '' adds nothing. */
export async function addToFile(file: string, text: string): Promise<void> {
  if (text === '') return;
  await appendFile(`${file}.part`, gzipSync(text));
  await onDisk(`${file}.part`);
}
