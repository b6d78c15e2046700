import { setImmediate as turn } from 'node:timers/promises';
import { Inventory } from './inventory.ts';
import { keyOf, pathOf } from './maildir.ts';
import { observe } from './observe.ts';
import { isAsSeen, type Packed, placeIn } from './record.ts';
import { type Branch, type Site, split } from './site.ts';
import { isFresh, isGone } from './tree.ts';

/** What a scan did. */
export interface Scanned {
  readonly looked: number;
  readonly ms: number;
}

const chunk = 300;

/** One scan at work. */
interface Scan {
  readonly site: Site;
  readonly branch: Branch;
  readonly inventory: Inventory;
  /** Told of paths to be looked at again. */
  busy(path: string): void;
}

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
  const one: Scan = { site, branch, inventory: new Inventory(), busy };
  for (const step of [known(one, relative), there(one, relative)]) {
    for (const _ of step) {
      if (signal.aborted) break;
      if (++looked % chunk !== 0) continue;
      branch.tree.forget();
      await turn();
      await site.contents.room();
    }
  }
  if (relative !== '' && !signal.aborted) observe(site, `${branch.tree.name}/${relative}`);
  branch.tree.forget();
  await site.store.commit();
  return { looked, ms: site.now() - begun };
}

function* known(one: Scan, relative: string): Generator<void> {
  const { site, branch } = one;
  const key = relative === '' ? branch.tree.name : `${branch.tree.name}/${relative}`;
  for (const [below, record] of site.store.upwards(key)) {
    if (!isUnchanged(one, below, record)) lookedAt(one, below);
    yield;
  }
}

/**
 * Whether a record and the disk agree; then the record holds and nothing is made of it. Most files of most scans end
 * here. What has several names is left to a whole look.
 */
function isUnchanged({ site, branch, inventory }: Scan, key: string, record: Packed | undefined): boolean {
  if (record === undefined) return false;
  const path = pathOf(key, placeIn(record)).slice(branch.tree.name.length + 1);
  const stat = branch.tree.stat(path);
  if (stat === undefined || !isAsSeen(record, stat)) return false;
  const isDirectory = record[1][0] === 'd';
  if (stat.links > 1 && !isDirectory) return false;
  site.links.seen(key, undefined);
  inventory.add(path, isDirectory);
  return true;
}

function lookedAt({ site, branch, inventory, busy }: Scan, key: string): void {
  const now = observe(site, key);
  const state = now === 'busy' ? site.store.get(key)?.state : now.state;
  const path = pathOf(key, state?.kind === 'file' ? state.place : undefined);
  if (now === 'busy') busy(path);
  if (site.store.kind(key) !== 'absent')
    inventory.add(path.slice(branch.tree.name.length + 1), state?.kind === 'directory');
}

function* there({ site, branch, inventory, busy }: Scan, relative: string): Generator<void> {
  const todo = [relative];
  for (let directory = todo.pop(); directory !== undefined; directory = todo.pop()) {
    const all = names(branch, directory);
    const known = inventory.directoriesOf(directory, all);
    if (known !== undefined) {
      todo.push(...known);
      yield;
      continue;
    }
    for (const path of travelling(branch, directory, all)) {
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

function travelling(branch: Branch, directory: string, all: readonly string[]): readonly string[] {
  return all
    .map((name) => (directory === '' ? name : `${directory}/${name}`))
    .filter((path) => !branch.isExcluded(path));
}

function names(branch: Branch, directory: string): readonly string[] {
  try {
    return branch.tree.names(directory);
  } catch (error) {
    if (isGone(error)) return [];
    throw error;
  }
}
