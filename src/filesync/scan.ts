import { setImmediate as turn } from 'node:timers/promises';
import { Inventory } from './inventory.ts';
import { isMail, keyOf, pathOf } from './maildir.ts';
import { observe } from './observe.ts';
import { isAsSeen, type Packed, placeIn } from './record.ts';
import { type Branch, type Site, split } from './site.ts';
import { isFresh, isGone, kindOf as typeOf } from './tree.ts';

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
  // Not one transaction for each directory that came.
  await site.store.commit();
  const one: Scan = { site, branch, inventory: new Inventory(), busy };
  const looked =
    (await through(one, known(one, relative), signal)) + (await through(one, there(one, relative), signal));
  if (relative !== '' && !signal.aborted) observe(site, `${branch.tree.name}/${relative}`);
  branch.tree.forget();
  await site.store.commit();
  return { looked, ms: site.now() - begun };
}

/** Takes steps, with pauses where one answers that it is a good place for one, if there is such a place before long. */
async function through({ site, branch }: Scan, steps: Iterable<boolean>, signal: AbortSignal): Promise<number> {
  let [looked, inRow] = [0, 0];
  for (const isGood of steps) {
    if (signal.aborted) break;
    looked += 1;
    if (++inRow < (isGood ? chunk : 2 * chunk)) continue;
    inRow = 0;
    branch.tree.forget();
    await turn();
    await site.contents.room();
  }
  return looked;
}

function* known(one: Scan, relative: string): Generator<boolean> {
  const { site, branch } = one;
  const key = relative === '' ? branch.tree.name : `${branch.tree.name}/${relative}`;
  for (const [below, record] of site.store.upwards(key)) {
    if (!isUnchanged(one, below, record)) lookedAt(one, below);
    yield true;
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

/** A pause is best when a directory is through: the other side takes in a new one best with all that is in it. */
function* there({ site, branch, inventory, busy }: Scan, relative: string): Generator<boolean> {
  const todo = [relative];
  for (let directory = todo.pop(); directory !== undefined; directory = todo.pop()) {
    noteDirectory(site, branch, directory);
    const all = names(branch, directory);
    const known = inventory.directoriesOf(directory, all);
    if (known !== undefined) {
      todo.push(...known);
      yield true;
      continue;
    }
    const below: string[] = [];
    const isNew = hasNothing(site, branch, directory);
    for (const path of travelling(branch, directory, all)) {
      const kind = kindOf(site, `${branch.tree.name}/${path}`, isNew, busy);
      if (kind === 'directory') below.push(path);
      yield false;
    }
    // In the order in which they are sent.
    todo.push(...below.sort().reverse());
    yield true;
  }
}

/** A new directory is noted when it is listed, so that what is in it follows at once. */
function noteDirectory(site: Site, branch: Branch, relative: string): void {
  if (relative === '') return;
  const path = `${branch.tree.name}/${relative}`;
  const { key } = keyOf(path, site.mailFolders);
  if (site.store.kind(key) === 'absent') observe(site, key, key === path ? [] : [path]);
}

/** Whether nothing is known to lie in a directory; of messages, whose keys may lie in another one, that is not said. */
function hasNothing(site: Site, branch: Branch, directory: string): boolean {
  const key = directory === '' ? branch.tree.name : `${branch.tree.name}/${directory}`;
  return !isMail(`${key}/`, site.mailFolders) && !site.children.has(key);
}

/** What lies at a path; looked at when nothing was known of it (`isNew`: when that need not be asked). */
function kindOf(site: Site, path: string, isNew: boolean, busy: (path: string) => void): string {
  const { key } = keyOf(path, site.mailFolders);
  const before = isNew ? 'absent' : site.store.kind(key);
  if (before !== 'absent') return before;
  const at = split(site, path);
  const stat = at?.branch.tree.stat(at.relative);
  const kind = stat === undefined ? undefined : typeOf(stat.mode);
  if (kind === 'directory') return 'directory';
  // Somebody writes it just now, or has done so before it was watched: half of it is of no use.
  if (stat !== undefined && kind === 'file' && isFresh(stat, site.now())) {
    busy(path);
    return 'file';
  }
  const now = observe(site, key, key === path ? [] : [path], stat);
  if (now !== 'busy') return now.state.kind;
  busy(path);
  return 'file';
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
