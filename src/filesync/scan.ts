import { setImmediate as turn } from 'node:timers/promises';
import { keyOf, pathOf } from './maildir.ts';
import { observe } from './observe.ts';
import { type Branch, type Site, split } from './site.ts';
import { isFresh, isGone } from './tree.ts';

/** What a scan did. */
export interface Scanned {
  readonly looked: number;
  readonly ms: number;
}

const chunk = 300;

/**
 * Looks at everything below a directory: first at all that is known (what changed or went away; what is in a directory
 * before the directory, so that one that left is told of when nothing is left in it), then at all that is there (what is
 * new), then at the directory itself. Other work goes on in between. `busy` is told of files that must be looked at again.
 */
export async function scan(
  site: Site,
  branch: Branch,
  relative: string,
  signal: AbortSignal,
  busy: (path: string) => void,
): Promise<Scanned> {
  const begun = site.now();
  let looked = 0;
  for (const step of [known(site, branch, relative, busy), there(site, branch, relative, busy)]) {
    for (const _ of step) {
      if (signal.aborted) break;
      if (++looked % chunk !== 0) continue;
      branch.tree.forget();
      await turn();
    }
  }
  if (relative !== '' && !signal.aborted) observe(site, `${branch.tree.name}/${relative}`);
  branch.tree.forget();
  await site.store.commit();
  return { looked, ms: site.now() - begun };
}

function* known(site: Site, branch: Branch, relative: string, busy: (path: string) => void): Generator<void> {
  const key = relative === '' ? branch.tree.name : `${branch.tree.name}/${relative}`;
  for (const one of site.store.upwards(key)) {
    if (observe(site, one) === 'busy') {
      const state = site.store.get(one)?.state;
      busy(pathOf(one, state?.kind === 'file' ? state.place : undefined));
    }
    yield;
  }
}

function* there(site: Site, branch: Branch, relative: string, busy: (path: string) => void): Generator<void> {
  const todo = [relative];
  for (let directory = todo.pop(); directory !== undefined; directory = todo.pop()) {
    for (const path of entries(branch, directory)) {
      const kind = kindOf(site, `${branch.tree.name}/${path}`, busy);
      if (kind === 'directory') todo.push(path);
      yield;
    }
  }
}

/** What lies at a path; looked at when nothing was known of it. */
function kindOf(site: Site, path: string, busy: (path: string) => void): string {
  const { key } = keyOf(path, site.mailFolders);
  const before = site.store.kind(key);
  if (before !== 'absent') return before;
  // Somebody writes it just now, or has done so before it was watched: half of it is of no use.
  if (isBeingWritten(site, path)) {
    busy(path);
    return 'file';
  }
  const now = observe(site, key, key === path ? [] : [path]);
  if (now !== 'busy') return now.state.kind;
  busy(path);
  return 'file';
}

function isBeingWritten(site: Site, path: string): boolean {
  const at = split(site, path);
  const looked = at?.branch.tree.look(at.relative, site.now());
  return looked?.kind === 'file' && isFresh(looked.print, site.now());
}

function entries(branch: Branch, directory: string): string[] {
  try {
    return branch.tree
      .names(directory)
      .map((name) => (directory === '' ? name : `${directory}/${name}`))
      .filter((path) => !branch.isExcluded(path));
  } catch (error) {
    if (isGone(error)) return [];
    throw error;
  }
}
