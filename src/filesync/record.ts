/**
 * How what is known of a path lies in the database: a list of values without their names, since names, digits and hex
 * digits would be two thirds of a record, and the database lies in memory as far as it is used.
 */
import type { FileState, Fingerprint, Known, State, Version } from './model.ts';
import type { Stat } from './statx.ts';
import { kindOf } from './tree.ts';

/** Times are whole numbers of nanoseconds, as decimal text; one that no 64 bits hold stays text. */
type Time = bigint | number | string;

type PackedState =
  | readonly ['a']
  | readonly ['d', number, string, string, string]
  | readonly ['l', string, string, string, Time]
  | readonly ['f', number, string, string, string, number, Time, Uint8Array | string, string?];

type PackedPrint = readonly [number, number, Time, Time, number, number, number, 0 | 1 | 2];

/** A record as it is written. The last is 1 when it is pending, 2 when it settles a conflict, 3 for both. */
export type Packed = readonly [Version, PackedState, PackedState | null, PackedPrint | null, number];

const most = 2n ** 63n - 1n;

function packTime(text: string): Time {
  if (!/^(?:0|-?[1-9]\d{0,18})$/.test(text)) return text;
  const value = BigInt(text);
  return value > most || value < -most ? text : value;
}

const unpackTime = (time: Time): string => String(time);

/** 32 hexadecimal digits become 16 bytes. */
function packDigest(digest: string): Uint8Array | string {
  return /^[0-9a-f]{32}$/.test(digest) ? Buffer.from(digest, 'hex') : digest;
}

function unpackDigest(digest: Uint8Array | string): string {
  return typeof digest === 'string' ? digest : Buffer.from(digest).toString('hex');
}

function packState(state: State): PackedState {
  switch (state.kind) {
    case 'absent':
      return ['a'];
    case 'directory':
      return ['d', state.mode, state.user, state.group, state.attributes];
    case 'link':
      return ['l', state.target, state.user, state.group, packTime(state.mtime)];
    case 'file': {
      const { mode, user, group, attributes, size, mtime, digest, place } = state;
      const all = ['f', mode, user, group, attributes, size, packTime(mtime), packDigest(digest)] as const;
      return place === undefined ? all : [...all, place];
    }
  }
}

function unpackFile(packed: PackedState & { readonly 0: 'f' }): FileState {
  const [, mode, user, group, attributes, size, mtime, digest, place] = packed;
  return {
    kind: 'file',
    mode,
    user,
    group,
    attributes,
    size,
    mtime: unpackTime(mtime),
    digest: unpackDigest(digest),
    ...(place === undefined ? {} : { place }),
  };
}

function unpackState(packed: PackedState): State {
  switch (packed[0]) {
    case 'a':
      return { kind: 'absent' };
    case 'd':
      return { kind: 'directory', mode: packed[1], user: packed[2], group: packed[3], attributes: packed[4] };
    case 'l':
      return { kind: 'link', target: packed[1], user: packed[2], group: packed[3], mtime: unpackTime(packed[4]) };
    case 'f':
      return unpackFile(packed);
  }
}

const racyCodes = [undefined, true, 'attributes'] as const;

function packPrint(print: Fingerprint): PackedPrint {
  const { ino, size, mtime, ctime, mode, uid, gid, racy } = print;
  return [ino, size, packTime(mtime), packTime(ctime), mode, uid, gid, racyCodes.indexOf(racy) as 0 | 1 | 2];
}

function unpackPrint([ino, size, mtime, ctime, mode, uid, gid, code]: PackedPrint): Fingerprint {
  const racy = racyCodes[code];
  return {
    ino,
    size,
    mtime: unpackTime(mtime),
    ctime: unpackTime(ctime),
    mode,
    uid,
    gid,
    ...(racy === undefined ? {} : { racy }),
  };
}

/** What is written for a path. */
export function pack({ version, state, agreed, print, pending, conflict }: Known): Packed {
  return [
    version,
    packState(state),
    agreed === undefined ? null : packState(agreed),
    print === undefined ? null : packPrint(print),
    (pending === true ? 1 : 0) + (conflict === true ? 2 : 0),
  ];
}

/** An agent from before wrote records with all names. */
export function isPacked(record: Packed | Known): record is Packed {
  return Array.isArray(record);
}

/** What was written for a path, also by an agent from before. */
export function unpack(record: Packed | Known): Known {
  if (!isPacked(record)) return record;
  const [version, state, agreed, print, flags] = record;
  return {
    version,
    state: unpackState(state),
    ...(agreed === null ? {} : { agreed: unpackState(agreed) }),
    ...(print === null ? {} : { print: unpackPrint(print) }),
    ...((flags & 1) === 0 ? {} : { pending: true as const }),
    ...((flags & 2) === 0 ? {} : { conflict: true as const }),
  };
}

const kinds = { a: 'absent', d: 'directory', l: 'link', f: 'file' } as const;

/** What of a record is asked of every path at a start, without making all of it: that is most of the work. */
export function outline(record: Packed | Known): { readonly kind: State['kind']; readonly isPending: boolean } {
  if (!isPacked(record)) {
    const { state, pending } = record;
    return { kind: state.kind, isPending: pending === true };
  }
  const [, state, , , flags] = record;
  return { kind: kinds[state[0]], isPending: (flags & 1) !== 0 };
}

/** Where a message lies, as in its state. */
export function placeIn([, state]: Packed): string | undefined {
  return state[0] === 'f' ? state[8] : undefined;
}

function sameTime(time: Time, now: bigint): boolean {
  return typeof time === 'bigint' ? time === now : String(time) === String(now);
}

/**
 * Whether what lies on disk is what a record was written of. A scan asks it of every path, so no fingerprint is made.
 * False also when the record's fingerprint may not tell everything.
 */
export function isAsSeen([, state, , print]: Packed, stat: Stat): boolean {
  if (print === null || state[0] === 'a' || kindOf(stat.mode) !== kinds[state[0]]) return false;
  const [ino, size, mtime, ctime, mode, uid, gid, racy] = print;
  const isSame = racy === 0 && ino === stat.ino && size === stat.size && mode === (stat.mode & 0o7777);
  return isSame && uid === stat.uid && gid === stat.gid && sameTime(mtime, stat.mtime) && sameTime(ctime, stat.ctime);
}
