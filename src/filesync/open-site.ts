import { closeSync, existsSync, mkdirSync, openSync, realpathSync, writeFileSync } from 'node:fs';
import { Invalid, Refused } from '../errors.ts';
import type { Logger } from '../log.ts';
import { Contents } from './contents.ts';
import { Departed } from './departed.ts';
import { Digests } from './digests.ts';
import { excludeSource } from './exclude.ts';
import { HardLinks } from './hard-links.ts';
import type { Side } from './model.ts';
import { type Native, openNative } from './native.ts';
import { openOwners } from './owners.ts';
import { brakeLimits, excludesOf, type Settings } from './settings.ts';
import { type Branch, type Site, unitOf } from './site.ts';
import { Spool } from './spool.ts';
import { Store } from './store.ts';
import { Tree } from './tree.ts';
import { nextCount } from './version.ts';

/** Accounts that are stopped, with the reason, as the database keeps them. */
interface Stops {
  readonly paused: Record<string, string>;
  readonly held: Record<string, string>;
  /** Operations of Tandem at work on the account. */
  readonly working: Record<string, readonly string[]>;
  /** What Tandem has said does not travel, as for a package without file sync. */
  readonly off: Record<string, true>;
}

/** A site with what only the agent does with it. */
export interface OpenSite extends Site {
  readonly excludes: ReadonlyMap<string, string>;
  readonly stops: Stops;
  readonly digests: Digests;
  /** Names of the trees that hold homes. */
  readonly homes: readonly string[];
  /** Which side is active for an account ('*': for all others). */
  setActive(unit: string, side: Side): void;
  /** Writes the stops down after a change. */
  keepStops(): void;
  close(): Promise<void>;
}

function openBranch(one: Settings['trees'][number], now: number, excludes: string): Branch {
  const root = realpathSync(one.path);
  const tree = new Tree(one.name, root);
  const spool = new Spool(one.spool ?? `${root}/.tandem-filesync`, now);
  const [top, own] = [tree.look('', now)?.device, new Tree('spool', spool.path)];
  const device = own.look('', now)?.device;
  own.close();
  if (top !== device) throw new Invalid(`${spool.path} must be on the same file system as ${root}`);
  const pattern = new RegExp(excludes, 's');
  return { tree, spool, isExcluded: (relative) => pattern.test(relative) };
}

/** Live files of each account, and live paths of each directory. Paths come in order, so neighbours are counted together. */
function numbersIn(store: Store): Pick<Site, 'files' | 'children' | 'peaks'> {
  const [files, children] = [new Map<string, number>(), new Map<string, number>()];
  let [above, paths, ordinary] = ['', 0, 0];
  const counted = (): void => {
    if (paths > 0) children.set(above, (children.get(above) ?? 0) + paths);
    const unit = unitOf(`${above}/`);
    if (ordinary > 0) files.set(unit, (files.get(unit) ?? 0) + ordinary);
    [paths, ordinary] = [0, 0];
  };
  store.load((key, kind) => {
    const length = key.lastIndexOf('/');
    if (length !== above.length || !key.startsWith(above)) {
      counted();
      above = key.slice(0, length);
    }
    if (kind !== 'absent') paths += 1;
    if (kind !== 'file') return;
    // A file beside the accounts is a unit of its own.
    if (above.includes('/')) ordinary += 1;
    else files.set(key, 1);
  });
  counted();
  return { files, children, peaks: new Map(files) };
}

function whyStopped(stops: Stops, unit: string): 'paused' | 'held' | undefined {
  if ([stops.paused, stops.working, stops.off].some((all) => Object.hasOwn(all, unit))) return 'paused';
  return Object.hasOwn(stops.held, unit) ? 'held' : undefined;
}

/** The notes are this program's own. */
function stopsIn(store: Store): Stops {
  return { paused: {}, held: {}, working: {}, off: {}, ...(store.note('stops') as Partial<Stops> | undefined) };
}

function isActive(active: Readonly<Record<string, Side>>, unit: string, own: Side): boolean | undefined {
  const side = active[unit] ?? active['*'];
  return side === undefined ? undefined : side === own;
}

function digestsIn(trees: ReadonlyMap<string, Branch>, digests: Digests): Site['digest'] {
  return (path, mark) => {
    const slash = path.indexOf('/');
    const branch = trees.get(path.slice(0, slash));
    return branch === undefined ? undefined : digests.of(path, `${branch.tree.root}/${path.slice(slash + 1)}`, mark);
  };
}

/** Makes the state folder this agent's alone. Answers the open lock. */
function lockedState(settings: Settings, native: Native): number {
  for (const one of settings.trees) {
    if (!existsSync(one.path)) throw new Invalid(`${one.path} does not exist; it may not be mounted`);
  }
  mkdirSync(settings.stateDir, { recursive: true, mode: 0o700 });
  const locked = openSync(`${settings.stateDir}/lock`, 'w', 0o600);
  if (!native.lock(locked)) throw new Refused(`another agent works with ${settings.stateDir}`);
  return locked;
}

/** Opens the trees, the database and the spools. Throws Invalid when a tree or its spool is not usable. */
export function openSite(settings: Settings, log: Logger, now: () => number): OpenSite {
  const native = openNative();
  const locked = lockedState(settings, native);
  const excludes = new Map(settings.trees.map((one) => [one.name, excludeSource(excludesOf(one))]));
  const trees = new Map(
    settings.trees.map((one) => [one.name, openBranch(one, now(), excludes.get(one.name) ?? '(?!)')]),
  );
  writeFileSync(
    `${settings.stateDir}/spool.list`,
    [...trees].map(([name, { spool }]) => `${name} ${spool.path}\n`).join(''),
  );
  const digests = new Digests();
  const store = new Store(`${settings.stateDir}/state`);
  const numbers = numbersIn(store);
  const stops = stopsIn(store);
  const active = (store.note('active') as Record<string, Side> | undefined) ?? {};
  let count = Number(store.note('count') ?? 0);
  return {
    side: settings.side,
    native,
    owners: openOwners({ ...settings.owners, now } as Parameters<typeof openOwners>[0]),
    store,
    log,
    trees,
    excludes,
    mailFolders: settings.mailFolders,
    brake: brakeLimits,
    keepSetId: settings.keepSetId,
    makeAccounts: settings.trees.every(({ homes }) => !homes),
    now,
    count() {
      count = nextCount(count, now());
      store.setNote('count', count);
      return count;
    },
    stops,
    homes: settings.trees.filter(({ homes }) => homes).map(({ name }) => name),
    keepStops: () => store.setNote('stops', stops),
    stopped: (unit) => whyStopped(stops, unit),
    hold(unit, why) {
      stops.held[unit] = why;
      store.setNote('stops', stops);
      log.error({ unit, reason: why }, 'an account is held: too much was deleted or replaced at once');
    },
    tallies: new Map(),
    heldOffers: new Map(),
    ...numbers,
    unready: new Map(),
    contents: new Contents(),
    departed: new Departed(),
    links: new HardLinks(),
    digests,
    digest: digestsIn(trees, digests),
    isActive: (unit) => isActive(active, unit, settings.side),
    setActive: (unit, side) => store.setNote('active', Object.assign(active, { [unit]: side })),
    async close() {
      await store.close();
      closeSync(locked);
      for (const { tree, spool } of trees.values()) {
        tree.close();
        spool.close();
      }
    },
  };
}
