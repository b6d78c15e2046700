import {
  chmodSync,
  chownSync,
  closeSync,
  constants,
  copyFileSync,
  fchmodSync,
  fchownSync,
  lchownSync,
  linkSync,
  mkdirSync,
  openSync,
  readdirSync,
  rmdirSync,
  rmSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { writeAttributes } from './attributes.ts';
import type { DirectoryState, FileState, Fingerprint, LinkState, State } from './model.ts';
import { sameFile, settled } from './observe.ts';
import type { Branch, Site } from './site.ts';
import { bytes, codeOf, look } from './tree.ts';

/** The disk was not as it had been seen a moment before; look again. */
export class Changed extends Error {}
/** A directory that was to go is not empty. */
export class NotEmpty extends Error {}

/** Where new content comes from: bytes, or a file in the spool that is moved. */
export type Content = Buffer | { readonly file: string };

/** Who a file is given to. */
export interface Ids {
  readonly uid: number;
  readonly gid: number;
}

/** Never root's: who has no account here is replaced by the owner of the directory above. */
export function idsFor(site: Site, state: { user: string; group: string }, above: () => Ids | undefined): Ids {
  const uid = site.owners.uidOf(state.user);
  const gid = site.owners.gidOf(state.group);
  if (uid !== undefined && gid !== undefined) return { uid, gid };
  const parent = above();
  return { uid: uid ?? parent?.uid ?? 65_534, gid: gid ?? parent?.gid ?? 65_534 };
}

/** Who owns the directory above a path. */
export function ownerAbove(site: Site, branch: Branch, relative: string): Ids | undefined {
  const above = relative.includes('/') ? relative.slice(0, relative.lastIndexOf('/')) : '';
  return branch.tree.look(above, site.now())?.print;
}

/** The mode that a state asks for, without what does not travel. */
export function modeOf(site: Site, state: FileState | DirectoryState): number {
  const stripped = state.kind === 'file' ? 0o1777 : 0o3777;
  return state.mode & (site.keepSetId ? 0o7777 : stripped);
}

/** Gives a file in the spool all that its state says; `isBare`: it was just made there, so it has no attributes yet. */
function dress(site: Site, path: string, state: FileState, ids: Ids, isBare: boolean): void {
  chownSync(path, ids.uid, ids.gid);
  chmodSync(path, modeOf(site, state));
  if (!isBare || state.attributes !== '') writeAttributes(site.native, site.owners, path, state.attributes);
  site.native.setTime(path, state.mtime);
}

/** Gives a directory all that its state says. */
export function dressDirectory(site: Site, fd: number, path: string, state: DirectoryState, ids: Ids): void {
  fchownSync(fd, ids.uid, ids.gid);
  fchmodSync(fd, modeOf(site, state));
  writeAttributes(site.native, site.owners, `${path}/.`, state.attributes);
}

type Made = FileState | DirectoryState | LinkState;

/** Makes a state in the spool, complete. Answers its path there; what cannot be completed leaves nothing behind. */
function prepared(site: Site, branch: Branch, relative: string, state: Made, content: Content | undefined): string {
  const ids = idsFor(site, state, () => ownerAbove(site, branch, relative));
  const given = content !== undefined && 'file' in content ? content.file : undefined;
  const path = given ?? branch.spool.temporary();
  try {
    make(site, path, state, content, ids);
  } catch (error) {
    if (given === undefined) rmSync(path, { force: true, recursive: true });
    throw error;
  }
  return path;
}

function make(site: Site, path: string, state: Made, content: Content | undefined, ids: Ids): void {
  if (state.kind === 'file') {
    if (content === undefined) throw new Error('no content');
    if (!('file' in content)) writeFileSync(path, content, { flag: 'wx', mode: 0o600 });
    dress(site, path, state, ids, !('file' in content));
    return;
  }
  if (state.kind === 'link') {
    symlinkSync(bytes(state.target), path);
    lchownSync(path, ids.uid, ids.gid);
    site.native.setTime(path, state.mtime);
    return;
  }
  mkdirSync(path, { mode: 0o700 });
  const fd = openSync(path, constants.O_RDONLY | constants.O_DIRECTORY);
  dressDirectory(site, fd, path, state, ids);
  closeSync(fd);
}

/** What is where a path of ours was: the print it was seen with, and where it goes when it makes way. */
export interface Replaced {
  readonly state: State;
  readonly print: Fingerprint | undefined;
  readonly keepIn: 'trash' | 'conflicts';
}

/** What came by rsync (`isGiven`) stays for the next try when the disk is full or read-only. */
function swapIn(
  site: Site,
  { path, target, relative }: { readonly path: string; readonly target: string; readonly relative: string },
  state: Made,
  isNew: boolean,
  isGiven: boolean,
): void {
  try {
    if (isNew) site.native.renameNew(path, target);
    else site.native.exchange(path, target);
  } catch (error) {
    const isRace = ['EEXIST', 'ENOENT'].includes(codeOf(error));
    if (isRace || !isGiven) discard(path, state);
    if (isRace) throw new Changed(relative, { cause: error });
    throw error;
  }
}

/** Puts a state in place of another in one step; what was there is kept. Answers the new fingerprint. */
export function install(
  site: Site,
  branch: Branch,
  relative: string,
  key: string,
  state: Made,
  content: Content | undefined,
  old: Replaced,
): Fingerprint {
  const path = prepared(site, branch, relative, state, content);
  const made = look(path, site.now())?.print;
  const target = branch.tree.at(relative);
  const isGiven = content !== undefined && 'file' in content;
  swapIn(site, { path, target, relative }, state, old.state.kind === 'absent', isGiven);
  // From here on `path` is what was there: it may be its only copy, whatever happens.
  if (old.state.kind !== 'absent') putAway(site, branch, path, target, key, old);
  const now = look(target, site.now())?.print;
  if (made === undefined) throw new Changed(relative);
  // Not ours any more: the next look finds a change.
  if (now === undefined || !sameFile(now, made)) return made;
  return state.kind === 'file' ? settled(now, site.now()) : now;
}

function discard(path: string, state: State): void {
  if (state.kind === 'directory') rmdirSync(path);
  else unlinkSync(path);
}

function departed(site: Site, key: string, { state, print, keepIn }: Replaced, kept: string): void {
  if (state.kind === 'file' && print !== undefined && keepIn === 'trash')
    site.departed.note(key, state, { path: kept, print, at: site.now() });
}

/** What came out of the exchange: kept when it is what was expected, else everything is swapped back. */
function putAway(site: Site, branch: Branch, path: string, target: string, key: string, old: Replaced): void {
  const out = look(path, site.now());
  const expected = out !== undefined && old.print !== undefined && sameFile(out.print, old.print);
  if (!expected && old.state.kind !== 'directory') {
    site.native.exchange(path, target);
    // Somebody may have written to it in that instant, so it is kept.
    site.native.renameNew(path, branch.spool.keep('trash', key, site.now()));
    throw new Changed(key);
  }
  if (old.state.kind !== 'directory') {
    const kept = branch.spool.keep(old.keepIn, key, site.now());
    site.native.renameNew(path, kept);
    departed(site, key, old, kept);
    return;
  }
  if (readdirSync(path).length > 0) {
    site.native.exchange(path, target);
    unlinkOrRmdir(path);
    throw new NotEmpty(key);
  }
  rmdirSync(path);
}

function unlinkOrRmdir(path: string): void {
  if (look(path, 0)?.kind === 'directory') rmdirSync(path);
  else unlinkSync(path);
}

/**
 * Changes what is not content of something that stays: place, owner, mode, attributes, time. Answers its new fingerprint;
 * or a copy that is to be installed in its place (`paths.to`), because the file must not be touched.
 */
export function amend(
  site: Site,
  branch: Branch,
  paths: { readonly from: string; readonly to: string },
  state: FileState | DirectoryState,
  print: Fingerprint,
): Fingerprint | { readonly file: string } {
  const ids = idsFor(site, state, () => ownerAbove(site, branch, paths.to));
  if (state.kind === 'directory') {
    const path = branch.tree.at(paths.to);
    const fd = openSync(bytes(path), constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW);
    dressDirectory(site, fd, path, state, ids);
    closeSync(fd);
  } else {
    const copy = amendFile(site, branch, paths, state, { print, ids });
    if (copy !== undefined) return { file: copy };
  }
  const now = branch.tree.look(paths.to, site.now())?.print;
  if (now === undefined) throw new Changed(paths.to);
  return now;
}

/**
 * The inode is held by a name in the spool meanwhile, so that nothing can be swapped in between. A file of root that has
 * further names, which may lie anywhere, is left as it is: its copy is answered.
 */
function amendFile(
  site: Site,
  branch: Branch,
  paths: { readonly from: string; readonly to: string },
  state: FileState,
  { print, ids }: { readonly print: Fingerprint; readonly ids: Ids },
): string | undefined {
  const held = branch.spool.temporary();
  linkSync(bytes(branch.tree.at(paths.from)), held);
  try {
    const looked = look(held, site.now());
    if (looked === undefined || !sameFile(looked.print, print)) throw new Changed(paths.from);
    if (paths.from !== paths.to) site.native.renameNew(branch.tree.at(paths.from), branch.tree.at(paths.to));
    if (looked.print.uid === 0 && looked.links > 2) return copied(branch, held);
    dress(site, held, state, ids, false);
    return undefined;
  } finally {
    unlinkSync(held);
  }
}

function copied(branch: Branch, held: string): string {
  const copy = branch.spool.temporary();
  copyFileSync(held, copy, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE);
  return copy;
}

/** Takes something away into the trash, if it still is what was seen. */
export function takeAway(site: Site, branch: Branch, relative: string, key: string, old: Replaced): void {
  const path = branch.tree.at(relative);
  if (old.state.kind === 'directory') {
    removeDirectory(site, branch, relative, key);
    return;
  }
  const kept = branch.spool.keep(old.keepIn, key, site.now());
  site.native.renameNew(path, kept);
  const out = look(kept, site.now());
  if (out !== undefined && old.print !== undefined && sameFile(out.print, old.print)) {
    departed(site, key, old, kept);
    return;
  }
  site.native.renameNew(kept, path);
  throw new Changed(key);
}

/** A directory that holds only what never travels goes whole into the trash. */
function removeDirectory(site: Site, branch: Branch, relative: string, key: string): void {
  const path = branch.tree.at(relative);
  try {
    rmdirSync(bytes(path));
  } catch (error) {
    if (codeOf(error) !== 'ENOTEMPTY' && codeOf(error) !== 'EEXIST') throw error;
    const names = branch.tree.names(relative);
    if (!names.every((name) => branch.isExcluded(`${relative}/${name}`))) throw new NotEmpty(key);
    site.native.renameNew(path, branch.spool.keep('trash', key, site.now()));
  }
  branch.tree.forget();
}
