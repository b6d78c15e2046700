import {
  closeSync,
  constants,
  fchmodSync,
  fchownSync,
  fdatasync,
  fstatSync,
  openSync,
  readFileSync,
  type Stats,
  writeSync,
} from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { messageOf } from '../../errors.ts';
import { zoneBytes } from '../zone/lexer.ts';
import type { Report } from '../zone/model.ts';
import { besideOf, inFlight } from './files.ts';
import type { Known } from './ledger.ts';
import { statesOf } from './ledger.ts';
import { type Probe, planZone, type ZonePlan } from './plan-zone.ts';
import type { Rules } from './rules.ts';
import { lineOfState } from './state-line.ts';

/** A share of a run: read, plan, write beside. Works in a thread or in the process itself; everything in it is plain data. */

export interface ChunkItem {
  readonly zone: string;
  readonly active: string;
  readonly known: Known | undefined;
  /** Serials that name servers answer beside the file's. */
  readonly serials?: readonly number[];
  /** Somebody else wrote the file: its serial must be ahead of `serials`, whatever else is to be done. */
  readonly isTouched?: boolean;
}

export interface Chunk {
  readonly dir: string;
  readonly items: readonly ChunkItem[];
  /** The order's time. */
  readonly instant: number;
  /** False: only look. */
  readonly isReal: boolean;
}

interface Common {
  readonly zone: string;
  /** Tells the file as it stands, or will stand after the rename, from any other. */
  readonly signature: string;
  readonly home: string;
  readonly to: string;
  /** Values that a return would put back. */
  readonly away: number;
  readonly serial: number;
  readonly probe: Probe | undefined;
  readonly reports: readonly Report[];
}

export type ItemDone =
  | (Common & {
      readonly kind: 'write';
      /** For the ledger. */
      readonly line: string;
      readonly values: number;
    })
  | (Common & { readonly kind: 'same' })
  | {
      readonly kind: 'left';
      readonly zone: string;
      readonly signature: string;
      readonly line: number;
      readonly reason: string;
    };

export interface ChunkDone {
  readonly items: readonly ItemDone[];
  /** Why the whole chunk could not be written (full disk); nothing of it is beside the zones then. */
  readonly failure: string | undefined;
}

interface Source {
  readonly text: string;
  readonly signature: string;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
}

/** A link is not followed: its file may be another zone's, or outside the directory. */
function readZone(file: string): Source {
  const fd = openSync(file, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  try {
    const stats = fstatSync(fd);
    const { mode, uid, gid } = stats;
    return { text: readFileSync(fd, 'latin1'), signature: signatureOf(stats), mode: mode & 0o7777, uid, gid };
  } finally {
    closeSync(fd);
  }
}

/** Kept by a rename, and another one after any write. */
export function signatureOf({ ino, size, mtimeMs }: Pick<Stats, 'ino' | 'size' | 'mtimeMs'>): string {
  return `${ino}:${size}:${mtimeMs}`;
}

function whyUnreadable(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'ELOOP') return 'it is a link and not a file';
  if (code === 'ENOENT') return 'it is gone';
  return `it cannot be read: ${messageOf(error)}`;
}

/** Writes the new text beside the file, with its mode and owner. The descriptor is still to be synced and closed. */
function writeBeside(beside: string, source: Source, text: string): number {
  const fd = openSync(beside, 'w', source.mode);
  try {
    const bytes = zoneBytes(text);
    for (let at = 0; at < bytes.length; ) at += writeSync(fd, bytes, at);
    const { mode, uid, gid } = fstatSync(fd);
    if (uid !== source.uid || gid !== source.gid) fchownSync(fd, source.uid, source.gid);
    if ((mode & 0o7777) !== source.mode) fchmodSync(fd, source.mode);
    return fd;
  } catch (error) {
    closeSync(fd);
    throw error;
  }
}

function doneOf(plan: Exclude<ZonePlan, { kind: 'left' }>, zone: string, signature: string): ItemDone {
  const { home, to, changes } = plan.state;
  const common = { zone, signature, home, to, away: changes.length, probe: plan.probe, reports: plan.reports };
  if (plan.kind === 'same') return { ...common, kind: 'same', serial: plan.serial };
  const { values, state } = plan;
  return { ...common, kind: 'write', serial: state.after, line: lineOfState(state), values };
}

function sync(fd: number): Promise<void> {
  return new Promise((resolve, reject) => {
    fdatasync(fd, (error) => {
      closeSync(fd);
      if (error === null || error === undefined) resolve();
      else reject(error);
    });
  });
}

interface Working {
  readonly done: ItemDone;
  readonly fd?: number;
}

function workOn(chunk: Chunk, item: ChunkItem, rules: Rules): Working {
  const { zone, active } = item;
  const file = `${zone}.db`;
  let source: Source;
  try {
    source = readZone(join(chunk.dir, file));
  } catch (error) {
    return { done: { kind: 'left', zone, signature: '', line: 0, reason: whyUnreadable(error) } };
  }
  const wish = { zone, active, instant: chunk.instant };
  const plan = planZone(source.text, wish, statesOf(item.known), rules, item);
  if (plan.kind === 'left') return { done: { ...plan, zone, signature: source.signature } };
  if (plan.kind === 'same' || !chunk.isReal) return { done: doneOf(plan, zone, source.signature) };
  const fd = writeBeside(besideOf(chunk.dir, file), source, plan.text);
  return { done: doneOf(plan, zone, signatureOf(fstatSync(fd))), fd };
}

/** How many files are on their way to the disk at once, for each thread. */
const width = 8;

/** Plans every zone of a chunk and, when it is real, writes the new texts beside the files, on the disk. */
export async function planChunk(chunk: Chunk, rules: Rules): Promise<ChunkDone> {
  const working: Working[] = [];
  let failure: unknown;
  for (const item of chunk.items) {
    try {
      working.push(workOn(chunk, item, rules));
    } catch (error) {
      failure = error;
      break;
    }
  }
  const open = working.flatMap(({ fd }) => (fd === undefined ? [] : [fd]));
  const synced = await Promise.allSettled([inFlight(open, width, sync)]);
  if (synced[0]?.status === 'rejected') failure ??= synced[0].reason;
  const items = working.map(({ done }) => done);
  if (failure === undefined) return { items, failure: undefined };
  await discardChunk(
    chunk.dir,
    chunk.items.map(({ zone }) => zone),
  );
  return { items, failure: messageOf(failure) };
}

/** The new texts take the files' names. */
export async function commitChunk(dir: string, zones: readonly string[]): Promise<void> {
  await inFlight(zones, width, (zone) => rename(besideOf(dir, `${zone}.db`), join(dir, `${zone}.db`)));
}

/** Throws the new texts away. */
export async function discardChunk(dir: string, zones: readonly string[]): Promise<void> {
  await inFlight(zones, width, (zone) => rm(besideOf(dir, `${zone}.db`), { force: true }));
}
