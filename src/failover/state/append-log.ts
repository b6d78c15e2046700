import { type FileHandle, mkdir, open, readFile, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { crc32 } from 'node:zlib';
import { AppError, messageOf } from '../../errors.ts';
import { oneByOne } from '../../one-by-one.ts';
import { syncFolder } from './durable.ts';

/**
 * A file of lines, each with its checksum, that is only added to: `crc json\n`. A line counts when it is on disk; what a
 * crash left half written at the end is cut off when the file is opened. Beside it lies a reserve of 64 KiB, given up
 * when the disk is full, so that the one line that matters can still be written.
 */

/** The line could not be made durable: nothing that depends on it may be done. */
export class CannotRecord extends AppError {
  readonly code = 'watch.cannot-record';
  readonly retry = 'later';
}

export interface AppendLog {
  /** Durable when it resolves. Throws CannotRecord, and then the file is as before. */
  append(values: readonly unknown[]): Promise<void>;
  close(): Promise<void>;
}

export interface OpenedLog {
  readonly log: AppendLog;
  readonly values: readonly unknown[];
  /** Lines in the middle that are damaged: not a crash, but a bad disk or a foreign hand. */
  readonly damaged: number;
}

function lineOf(value: unknown): string {
  const json = JSON.stringify(value);
  return `${crc32(json).toString(16).padStart(8, '0')} ${json}\n`;
}

function readLine(line: string): unknown {
  const json = line.slice(9);
  if (line.length < 10 || line.slice(0, 8) !== crc32(json).toString(16).padStart(8, '0')) return undefined;
  try {
    return JSON.parse(json);
  } catch {
    // Its checksum is right and yet it is no JSON: written by something else.
    return undefined;
  }
}

interface ReadBack {
  readonly values: readonly unknown[];
  /** Bytes up to the last whole line. */
  readonly length: number;
  readonly damaged: number;
}

function readBack(bytes: Buffer): ReadBack {
  const length = bytes.lastIndexOf(0x0a) + 1;
  const lines = bytes.subarray(0, length).toString('utf8').split('\n').slice(0, -1);
  const read = lines.map(readLine);
  return {
    values: read.filter((value) => value !== undefined),
    length,
    damaged: read.filter((v) => v === undefined).length,
  };
}

async function existing(path: string): Promise<Buffer> {
  try {
    return await readFile(path);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return Buffer.alloc(0);
    throw error;
  }
}

const reserveBytes = 65_536;

/** True when the reserve lies there; a full disk simply has none. */
async function layReserve(path: string): Promise<boolean> {
  try {
    const { size } = await stat(path);
    if (size === reserveBytes) return true;
  } catch {
    // Not there yet.
  }
  try {
    const file = await open(path, 'w', 0o600);
    try {
      await file.writeFile(Buffer.alloc(reserveBytes, 'reserve '));
      await file.sync();
    } finally {
      await file.close();
    }
    return true;
  } catch {
    await rm(path, { force: true });
    return false;
  }
}

async function write(file: FileHandle, text: string, at: number): Promise<void> {
  const bytes = Buffer.from(text);
  for (let done = 0; done < bytes.length; ) {
    const { bytesWritten } = await file.write(bytes, done, bytes.length - done, at + done);
    done += bytesWritten;
  }
  await file.datasync();
}

function isFull(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'ENOSPC' || error.code === 'EDQUOT');
}

function appender(file: FileHandle, path: string, start: number): AppendLog {
  const reserve = `${path}.reserve`;
  let length = start;
  const run = oneByOne();

  async function attempt(text: string): Promise<void> {
    try {
      await write(file, text, length);
    } catch (error) {
      // What was written in part would hide the next line behind it.
      await file.truncate(length);
      throw error;
    }
  }

  async function add(text: string): Promise<void> {
    try {
      await attempt(text).catch(async (error: unknown) => {
        if (!isFull(error)) throw error;
        await rm(reserve, { force: true });
        await attempt(text);
      });
    } catch (cause) {
      const hint = 'Free space on that disk; until then this watcher orders nothing.';
      throw new CannotRecord(`${path} cannot be written: ${messageOf(cause)}`, { cause, hint });
    }
    length += Buffer.byteLength(text);
    await layReserve(reserve);
  }

  return {
    append(values) {
      if (values.length === 0) return Promise.resolve();
      // One after the other: the place of a line is the end of the one before.
      return run(() => add(textOf(values)));
    },
    close: () => run(() => file.close()),
  };
}

/** Opens or makes the file. The caller closes it; one process at a time. */
export async function openAppendLog(path: string): Promise<OpenedLog> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const { values, length, damaged } = readBack(await existing(path));
  const file = await open(path, length === 0 ? 'w' : 'r+', 0o600);
  await file.truncate(length);
  await file.sync();
  await syncFolder(dirname(path));
  await layReserve(`${path}.reserve`);
  return { log: appender(file, path, length), values, damaged };
}

/** Reads without opening for writing: for commands while a watcher runs. */
export async function readAppendLog(path: string): Promise<Pick<OpenedLog, 'values' | 'damaged'>> {
  const { values, damaged } = readBack(await existing(path));
  return { values, damaged };
}

/** A whole file with these lines. */
export function textOf(values: readonly unknown[]): string {
  return values.map(lineOf).join('');
}
