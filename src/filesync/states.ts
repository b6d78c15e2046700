import type { DirectoryState, FileState, State } from './model.ts';

/** One line that is the same for the same state, whatever order its fields were made in. */
export function canonical(state: State): string {
  switch (state.kind) {
    case 'absent':
      return 'absent';
    case 'directory':
      return JSON.stringify(['directory', state.mode, state.user, state.group, state.attributes]);
    case 'link':
      return JSON.stringify(['link', state.target, state.user, state.group]);
    case 'file': {
      const { mode, user, group, attributes, size, mtime, digest, place } = state;
      return JSON.stringify(['file', mode, user, group, attributes, size, mtime, digest, place ?? null]);
    }
  }
}

type Owned = FileState | DirectoryState;

const sameRights = (a: Owned, b: Owned): boolean =>
  a.mode === b.mode && a.user === b.user && a.group === b.group && a.attributes === b.attributes;

function sameFileState(a: FileState, b: FileState): boolean {
  const isSame = a.digest === b.digest && a.size === b.size && a.mtime === b.mtime;
  return isSame && (a.place ?? null) === (b.place ?? null) && sameRights(a, b);
}

/** Whether nothing has to be done to make one of the other: their lines are the same. A link's time does not count. */
export function sameState(a: State, b: State): boolean {
  if (a === b) return true;
  if (a.kind === 'file') return b.kind === 'file' && sameFileState(a, b);
  if (a.kind === 'directory') return b.kind === 'directory' && sameRights(a, b);
  if (a.kind === 'absent') return b.kind === 'absent';
  return b.kind === 'link' && a.target === b.target && a.user === b.user && a.group === b.group;
}

/** Whether a message is the same but for where it lies. */
export function sameButPlace(a: State, b: State): boolean {
  if (a.kind !== 'file' || b.kind !== 'file' || a.place === undefined || b.place === undefined) return false;
  return a.place !== b.place && sameContent(a, b) && a.mtime === b.mtime && sameRights(a, b);
}

/** Whether the bytes are the same, so that none have to travel. */
export function sameContent(a: State, b: State): boolean {
  return a.kind === 'file' && b.kind === 'file' && a.digest === b.digest && a.size === b.size;
}
