import type { Logger } from '../log.ts';
import type { Contents } from './contents.ts';
import type { Departed } from './departed.ts';
import type { HardLinks } from './hard-links.ts';
import type { FileState, Known, Side, State, Version } from './model.ts';
import type { Native } from './native.ts';
import type { Owners } from './owners.ts';
import type { BrakeLimits, Tally } from './safety.ts';
import type { Spool } from './spool.ts';
import type { Store } from './store.ts';
import type { Tree } from './tree.ts';

/** Files up to this size travel inside a frame. */
export const inlineBytes = 256 * 1024;

/** Whether it is a file that travels by itself, since no frame is large enough. */
export function isLarge(state: State): state is FileState {
  return state.kind === 'file' && state.size > inlineBytes;
}

/** What one agent works with: its trees, its memory, its limits. */
export interface Site {
  readonly side: Side;
  readonly native: Native;
  readonly owners: Owners;
  readonly store: Store;
  readonly log: Logger;
  readonly trees: ReadonlyMap<string, Branch>;
  /** Names of the folders of an account that hold Maildirs. */
  readonly mailFolders: readonly string[];
  readonly brake: BrakeLimits;
  readonly keepSetId: boolean;
  /** Whether a missing account directory may be made here. */
  readonly makeAccounts: boolean;
  now(): number;
  /** The next number of this side's counter, durable with the next commit. */
  count(): number;
  /** Why nothing may be done for the account ('tree/name'): somebody paused it, or the brake holds it. */
  stopped(unit: string): 'paused' | 'held' | undefined;
  hold(unit: string, why: string): void;
  readonly tallies: Map<string, Tally>;
  /** What the other side wanted to do to a held account: key → version, so that it can be overruled. */
  readonly heldOffers: Map<string, Map<string, Version>>;
  /** Live files per account, kept up to date. */
  readonly files: Map<string, number>;
  /** The most files that an account had since the agent began, or since the brake was released. */
  readonly peaks: Map<string, number>;
  /** Live paths right below each directory, by its key; none is left out. */
  readonly children: Map<string, number>;
  /** Directories that were to go here and are not empty, and since when. */
  readonly unready: Map<string, number>;
  /** Contents read a moment ago, to be sent without reading again. */
  readonly contents: Contents;
  /** Files that went into the trash a moment ago. */
  readonly departed: Departed;
  /** Files with several names. */
  readonly links: HardLinks;
  /** Digest of a large file: known, or being worked out. */
  digest(path: string, mark: string, size: number): string | undefined;
  /** Whether this side's mailbox descriptions are the right ones for the account. */
  isActive(unit: string): boolean | undefined;
}

/** A tree with what belongs to it. */
export interface Branch {
  readonly tree: Tree;
  readonly spool: Spool;
  isExcluded(relative: string): boolean;
}

/** 'tree/account' of a key; the tree's name alone for the tree itself. */
export function unitOf(key: string): string {
  const first = key.indexOf('/');
  const second = key.indexOf('/', first + 1);
  return second < 0 ? key : key.slice(0, second);
}

/** The tree of a key and the path below it. */
export function split(site: Site, key: string): { branch: Branch; relative: string } | undefined {
  const slash = key.indexOf('/');
  const branch = site.trees.get(key.slice(0, slash));
  return slash < 0 || branch === undefined ? undefined : { branch, relative: key.slice(slash + 1) };
}

/** Counts a path in, or out, of the directory above it. */
export function countChild(children: Map<string, number>, key: string, change: 1 | -1): void {
  const above = key.slice(0, key.lastIndexOf('/'));
  const number = (children.get(above) ?? 0) + change;
  if (number > 0) children.set(above, number);
  else children.delete(above);
}

/**
 * Writes a record and keeps the number of files of its account, and of what is in its directory, right. `before`: what lay
 * there as far as was known, where the caller has just asked.
 */
export function remember(site: Site, key: string, known: Known, before: State['kind'] = site.store.kind(key)): void {
  if ((before === 'absent') !== (known.state.kind === 'absent'))
    countChild(site.children, key, before === 'absent' ? 1 : -1);
  const was = before === 'file' ? 1 : 0;
  const is = known.state.kind === 'file' ? 1 : 0;
  if (was !== is) {
    const unit = unitOf(key);
    const files = (site.files.get(unit) ?? 0) + is - was;
    site.files.set(unit, files);
    site.peaks.set(unit, Math.max(files, site.peaks.get(unit) ?? 0));
  }
  if (known.state.kind === 'absent' && !known.pending) site.store.remove(key);
  else site.store.set(key, known);
}
