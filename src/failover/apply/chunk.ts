import {
  closeSync,
  constants,
  fchmodSync,
  fchownSync,
  fdatasync,
  fstatSync,
  lstatSync,
  openSync,
  readSync,
  renameSync,
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
import type { Care } from './ttl-care.ts';

/** A share of a run: read, plan, write beside. Works in a thread or in the process itself; everything in it is plain data. */

export interface ChunkItem {
  readonly zone: string;
  readonly active: string;
  readonly known: Known | undefined;
  /** Serials that name servers answer beside the file's. */
  readonly serials?: readonly number[];
  /** Somebody else wrote the file: its serial must be ahead of `serials`, whatever else is to be done. */
  readonly isTouched?: boolean;
  /** Why it must not be moved away; what was moved is still brought back. */
  readonly obstacle?: string | undefined;
}

export interface Chunk {
  readonly dir: string;
  readonly items: readonly ChunkItem[];
  /** The order's time. */
  readonly instant: number;
  /** False: only look. */
  readonly isReal: boolean;
  /** Whether what is suspicious is told, too: it doubles the reckoning, and a switch has nobody to tell it to. */
  readonly looks: boolean;
  readonly care?: Care | undefined;
  /** Puts each new text on the disk by itself; false: the caller does so for all of them at once. */
  readonly syncsEach: boolean;
  /** Folder for the new texts, where they may be already; undefined: beside the files. */
  readonly into?: string;
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
      /** The file that was read, and its serial. */
      readonly source: string;
      readonly before: number;
      /** The folder of the new text; undefined: beside the file. */
      readonly from: string | undefined;
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

/** One buffer for all reads: a new one for each file costs more than the read. */
let buffer = Buffer.allocUnsafeSlow(64 * 1024);

/** What an open file holds, of which `size` bytes were there a moment ago. */
function readText(fd: number, size: number): string {
  if (size >= buffer.length) buffer = Buffer.allocUnsafeSlow(2 * size);
  let [length, got] = [0, -1];
  // Read to its end: it may have grown since. A read that filled less than it could has found the end.
  while (got !== 0 && (got < 0 || length !== size)) {
    if (length === buffer.length) buffer = Buffer.concat([buffer], 2 * length);
    got = readSync(fd, buffer, length, buffer.length - length, null);
    length += got;
  }
  return buffer.toString('latin1', 0, length);
}

/** A link is not followed: its file may be another zone's, or outside the directory. */
function readZone(file: string): Source {
  const fd = openSync(file, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  try {
    const stats = fstatSync(fd);
    const { mode, uid, gid } = stats;
    return { text: readText(fd, stats.size), signature: signatureOf(stats), mode: mode & 0o7777, uid, gid };
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

/** A new text; the descriptor is still to be synced and closed. */
interface Written {
  readonly fd: number;
  readonly signature: string;
}

/** The text as it was written ahead before a restart, or for an order that then asked: making it anew costs more. */
function thereAlready(beside: string, source: Source, text: string): Written | undefined {
  // Mostly nothing is there, and an error costs as much as the write. One character is a byte.
  if (lstatSync(beside, { throwIfNoEntry: false })?.size !== text.length) return undefined;
  let fd: number;
  try {
    fd = openSync(beside, constants.O_RDONLY | constants.O_NOFOLLOW);
  } catch {
    return undefined;
  }
  const stats = fstatSync(fd);
  const { mode, uid, gid, size } = stats;
  const isAlike = (mode & 0o7777) === source.mode && uid === source.uid && gid === source.gid;
  if (isAlike && size === text.length && readText(fd, size) === text) return { fd, signature: signatureOf(stats) };
  closeSync(fd);
  return undefined;
}

/** Writes the new text beside the file, with its mode and owner. */
function writeBeside(beside: string, source: Source, text: string): Written {
  const fd = openSync(beside, 'w', source.mode);
  try {
    const bytes = zoneBytes(text);
    for (let at = 0; at < bytes.length; ) at += writeSync(fd, bytes, at);
    const stats = fstatSync(fd);
    if (stats.uid !== source.uid || stats.gid !== source.gid) fchownSync(fd, source.uid, source.gid);
    if ((stats.mode & 0o7777) !== source.mode) fchmodSync(fd, source.mode);
    return { fd, signature: signatureOf(stats) };
  } catch (error) {
    closeSync(fd);
    throw error;
  }
}

interface Files {
  /** As it was read. */
  readonly source: string;
  /** As it was written, if it was. */
  readonly fresh: string;
  readonly from: string | undefined;
}

function doneOf(plan: Exclude<ZonePlan, { kind: 'left' }>, zone: string, files: Files): ItemDone {
  const { source, fresh: signature, from } = files;
  const { home, to, changes } = plan.state;
  const common = { zone, signature, home, to, away: changes.length, probe: plan.probe, reports: plan.reports };
  if (plan.kind === 'same') return { ...common, kind: 'same', serial: plan.serial };
  const { values, state } = plan;
  const { before, after: serial } = state;
  return { ...common, kind: 'write', serial, before, line: lineOfState(state), values, source, from };
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

/** A zone with an obstacle is not moved away from home. */
function mindful(plan: ZonePlan, obstacle: string | undefined): ZonePlan {
  if (obstacle === undefined || plan.kind !== 'write' || plan.values === 0) return plan;
  return plan.state.to === plan.state.home ? plan : { kind: 'left', line: 0, reason: obstacle };
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
  const { care, looks } = chunk;
  const { serials, isTouched } = item;
  const options = { serials, isTouched, care, looks };
  const plan = mindful(planZone(source.text, wish, statesOf(item.known), rules, options), item.obstacle);
  if (plan.kind === 'left') return { done: { ...plan, zone, signature: source.signature } };
  const { into: from } = chunk;
  const files = { source: source.signature, fresh: source.signature, from };
  if (plan.kind === 'same' || !chunk.isReal) return { done: doneOf(plan, zone, files) };
  const beside = freshOf(chunk.dir, zone, from);
  const there = from === undefined ? undefined : thereAlready(beside, source, plan.text);
  const { fd, signature } = there ?? writeBeside(beside, source, plan.text);
  return { done: doneOf(plan, zone, { ...files, fresh: signature }), fd };
}

/** Where a new text is until it takes its file's name. */
function freshOf(dir: string, zone: string, from: string | undefined): string {
  return from === undefined ? besideOf(dir, `${zone}.db`) : join(from, `${zone}.db`);
}

/** How many files are on their way to the disk at once, for each thread. */
const width = 8;

/** Plans every zone of a chunk and, when it is real, writes the new texts beside the files. */
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
  const finish = chunk.syncsEach ? sync : async (fd: number) => closeSync(fd);
  const synced = await Promise.allSettled([inFlight(open, width, finish)]);
  if (synced[0]?.status === 'rejected') failure ??= synced[0].reason;
  const items = working.map(({ done }) => done);
  if (failure === undefined) return { items, failure: undefined };
  await discardChunk(chunk);
  return { items, failure: messageOf(failure) };
}

/** New texts that are to take their files' names. */
export interface Commit {
  readonly dir: string;
  readonly zones: readonly string[];
  /** Their folder; undefined: beside the files. */
  readonly from: string | undefined;
}

/** The new texts take the files' names, without holding up whatever else this thread does. */
export async function commitChunk({ dir, zones, from }: Commit): Promise<void> {
  await inFlight(zones, width, (zone) => rename(freshOf(dir, zone, from), join(dir, `${zone}.db`)));
}

/** The same at half the cost, in a thread that has nothing else to do. */
export function commitHere({ dir, zones, from }: Commit): void {
  for (const zone of zones) renameSync(freshOf(dir, zone, from), join(dir, `${zone}.db`));
}

/** Throws the new texts away. */
async function discardChunk({ dir, items, into }: Chunk): Promise<void> {
  await inFlight(items, width, ({ zone }) => rm(freshOf(dir, zone, into), { force: true }));
}
