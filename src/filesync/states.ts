import type { State } from './model.ts';

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

/** Whether nothing has to be done to make one of the other. A link's time does not count. */
export function sameState(a: State, b: State): boolean {
  return a === b || canonical(a) === canonical(b);
}

/** Whether the bytes are the same, so that none have to travel. */
export function sameContent(a: State, b: State): boolean {
  return a.kind === 'file' && b.kind === 'file' && a.digest === b.digest && a.size === b.size;
}
