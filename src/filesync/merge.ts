import { absent, type DirectoryState, type FileState, type State } from './model.ts';
import { sameState } from './states.ts';

/** Both sides' changes in one state, and whose content it has. */
export interface Merged {
  readonly state: State;
  readonly from: 'first' | 'second';
  /** Content that nobody will find in the tree any more, so it must be kept elsewhere. */
  readonly loses: 'first' | 'second' | 'nothing';
}

function rank(state: State): string {
  switch (state.kind) {
    case 'absent':
      return '0';
    case 'link':
      return `1${state.mtime.padStart(24, '0')}${state.target}`;
    case 'file':
      return `1${state.mtime.padStart(24, '0')}${state.digest}`;
    case 'directory':
      return '2';
  }
}

/** What only one side changed since the base is kept; where both did, the winner's. */
function pick<T>(base: T | undefined, first: T, second: T, winner: 'first' | 'second'): T {
  if (first === second || second === base) return first;
  if (first === base) return second;
  return winner === 'first' ? first : second;
}

function lettersOf(place: string): string {
  return /:2,([^:]*)$/.exec(place)?.[1] ?? '';
}

/** Flags of a message: set where either side set one, cleared where either cleared one. A read message stays in cur. */
export function mergedPlace(base: string | undefined, first: string, second: string): string {
  const [was, a, b] = [lettersOf(base ?? ''), lettersOf(first), lettersOf(second)].map((text) => [...text]);
  const keeps = (flag: string): boolean =>
    was?.includes(flag) === true
      ? a?.includes(flag) === true && b?.includes(flag) === true
      : a?.includes(flag) === true || b?.includes(flag) === true;
  const flags = [...new Set([...(was ?? []), ...(a ?? []), ...(b ?? [])])].filter(keeps).sort().join('');
  if (first === 'new' && second === 'new') return 'new';
  const bare = [first, second].every((place) => !place.includes(':')) && flags === '';
  return bare ? 'cur' : `cur:2,${flags}`;
}

function filesMerged(base: State | undefined, first: FileState, second: FileState): Merged {
  const was = base?.kind === 'file' ? base : undefined;
  const newer = rank(first) >= rank(second) ? 'first' : 'second';
  const from = contentFrom(was, first, second, newer);
  const content = from === 'first' ? first : second;
  const state: FileState = {
    kind: 'file',
    mode: pick(was?.mode, first.mode, second.mode, newer),
    user: pick(was?.user, first.user, second.user, newer),
    group: pick(was?.group, first.group, second.group, newer),
    attributes: pick(was?.attributes, first.attributes, second.attributes, newer),
    size: content.size,
    mtime: content.mtime,
    digest: content.digest,
    ...(first.place === undefined || second.place === undefined
      ? {}
      : { place: mergedPlace(was?.place, first.place, second.place) }),
  };
  const bothWrote = first.digest !== second.digest && was?.digest !== first.digest && was?.digest !== second.digest;
  return { state, from, loses: bothWrote ? other(from) : 'nothing' };
}

function contentFrom(
  was: FileState | undefined,
  first: FileState,
  second: FileState,
  newer: 'first' | 'second',
): 'first' | 'second' {
  if (was === undefined) return newer;
  const same = (state: FileState): boolean => state.digest === was.digest && state.mtime === was.mtime;
  if (same(first)) return 'second';
  return same(second) ? 'first' : newer;
}

function directoriesMerged(base: State | undefined, first: DirectoryState, second: DirectoryState): Merged {
  const was = base?.kind === 'directory' ? base : undefined;
  const from = JSON.stringify(first) >= JSON.stringify(second) ? 'first' : 'second';
  const state: DirectoryState = {
    kind: 'directory',
    mode: pick(was?.mode, first.mode, second.mode, from),
    user: pick(was?.user, first.user, second.user, from),
    group: pick(was?.group, first.group, second.group, from),
    attributes: pick(was?.attributes, first.attributes, second.attributes, from),
  };
  return { state, from, loses: 'nothing' };
}

function other(one: 'first' | 'second'): 'first' | 'second' {
  return one === 'first' ? 'second' : 'first';
}

/**
 * What is as both had it was not edited, so its removal stands; a message also when it was only read or flagged on one
 * side and expunged on the other.
 */
function isUnedited(base: State | undefined, live: State): boolean {
  if (base === undefined) return false;
  if (live.kind === 'file' && live.place !== undefined) return base.kind === 'file' && base.digest === live.digest;
  return sameState(base, live);
}

function alive(base: State | undefined, live: State, from: 'first' | 'second'): Merged {
  if (isUnedited(base, live)) return { state: absent, from: other(from), loses: 'nothing' };
  return { state: live, from, loses: 'nothing' };
}

/**
 * What two states that were changed at the same time become, given the last one both had. Newer content wins; an edit
 * beats a delete; a directory beats anything else, because there may be more below it. The order of the two does not
 * matter but for the words first and second.
 */
export function merged(base: State | undefined, first: State, second: State): Merged {
  if (first.kind === 'absent' && second.kind === 'absent') return { state: absent, from: 'first', loses: 'nothing' };
  if (first.kind === 'absent') return alive(base, second, 'second');
  if (second.kind === 'absent') return alive(base, first, 'first');
  if (first.kind === 'file' && second.kind === 'file') return filesMerged(base, first, second);
  if (first.kind === 'directory' && second.kind === 'directory') return directoriesMerged(base, first, second);
  const from = rank(first) >= rank(second) ? 'first' : 'second';
  const [winner, loser] = from === 'first' ? [first, second] : [second, first];
  return { state: winner, from, loses: loser.kind === 'directory' ? 'nothing' : other(from) };
}
