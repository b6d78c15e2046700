import {
  chmodSync,
  chownSync,
  closeSync,
  constants,
  fchmodSync,
  fchownSync,
  lchownSync,
  linkSync,
  mkdirSync,
  openSync,
  readdirSync,
  rmdirSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { writeAttributes } from './attributes.ts';
import type { DirectoryState, FileState, Fingerprint, LinkState, State } from './model.ts';
import { sameFile } from './observe.ts';
import type { Branch, Site } from './site.ts';
import { bytes, codeOf, look } from './tree.ts';

/** The disk was not as it had been seen a moment before; look again. */
export class Changed extends Error {}
/** A directory that was to go is not empty. */
export class NotEmpty extends Error {}

/** Where new content comes from: bytes, or a file in the spool that is moved. */
export type Content = Buffer | { readonly file: string };

interface Ids {
  readonly uid: number;
  readonly gid: number;
}

/** Never root's: who has no account here is replaced by the owner of the directory above. */
function idsOf(site: Site, branch: Branch, relative: string, state: { user: string; group: string }): Ids {
  const uid = site.owners.uidOf(state.user);
  const gid = site.owners.gidOf(state.group);
  if (uid !== undefined && gid !== undefined) return { uid, gid };
  const above = relative.includes('/') ? relative.slice(0, relative.lastIndexOf('/')) : '';
  const parent = branch.tree.look(above, site.now())?.print;
  return { uid: uid ?? parent?.uid ?? 65_534, gid: gid ?? parent?.gid ?? 65_534 };
}

function modeOf(site: Site, state: FileState | DirectoryState): number {
  const stripped = state.kind === 'file' ? 0o1777 : 0o3777;
  return state.mode & (site.keepSetId ? 0o7777 : stripped);
}

/** Gives a file in the spool, which nobody else can reach, all that its state says. */
function dress(site: Site, path: string, state: FileState, ids: Ids): void {
  chownSync(path, ids.uid, ids.gid);
  chmodSync(path, modeOf(site, state));
  writeAttributes(site.native, site.owners, path, state.attributes);
  site.native.setTime(path, state.mtime);
}

function dressDirectory(site: Site, fd: number, path: string, state: DirectoryState, ids: Ids): void {
  fchownSync(fd, ids.uid, ids.gid);
  fchmodSync(fd, modeOf(site, state));
  writeAttributes(site.native, site.owners, `${path}/.`, state.attributes);
}

type Made = FileState | DirectoryState | LinkState;

/** Makes a state in the spool, complete. Answers its path there. */
function prepared(site: Site, branch: Branch, relative: string, state: Made, content: Content | undefined): string {
  const ids = idsOf(site, branch, relative, state);
  if (state.kind === 'file') {
    if (content === undefined) throw new Error(`no content for ${relative}`);
    const path = 'file' in content ? content.file : branch.spool.temporary();
    if (!('file' in content)) writeFileSync(path, content, { flag: 'wx', mode: 0o600 });
    dress(site, path, state, ids);
    return path;
  }
  const path = branch.spool.temporary();
  if (state.kind === 'link') {
    symlinkSync(bytes(state.target), path);
    lchownSync(path, ids.uid, ids.gid);
    site.native.setTime(path, state.mtime);
    return path;
  }
  mkdirSync(path, { mode: 0o700 });
  const fd = openSync(path, constants.O_RDONLY | constants.O_DIRECTORY);
  dressDirectory(site, fd, path, state, ids);
  closeSync(fd);
  return path;
}

/** What is where a path of ours was: the print it was seen with, and where it goes when it makes way. */
export interface Replaced {
  readonly state: State;
  readonly print: Fingerprint | undefined;
  readonly keepIn: 'trash' | 'conflicts';
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
  try {
    if (old.state.kind === 'absent') site.native.renameNew(path, target);
    else {
      site.native.exchange(path, target);
      putAway(site, branch, path, target, key, old);
    }
  } catch (error) {
    if (['EEXIST', 'ENOENT'].includes(codeOf(error))) {
      discard(path, state);
      throw new Changed(relative, { cause: error });
    }
    throw error;
  }
  const now = look(target, site.now())?.print;
  if (made === undefined) throw new Changed(relative);
  // Not ours any more: the next look finds a change.
  return now !== undefined && sameFile(now, made) ? now : made;
}

function discard(path: string, state: State): void {
  if (state.kind === 'directory') rmdirSync(path);
  else unlinkSync(path);
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
    site.native.renameNew(path, branch.spool.keep(old.keepIn, key, site.now()));
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

/** Changes what is not content of something that stays: place, owner, mode, attributes, time. */
export function amend(
  site: Site,
  branch: Branch,
  paths: { readonly from: string; readonly to: string },
  state: FileState | DirectoryState,
  print: Fingerprint,
): Fingerprint {
  const ids = idsOf(site, branch, paths.to, state);
  if (state.kind === 'directory') {
    const path = branch.tree.at(paths.to);
    const fd = openSync(bytes(path), constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW);
    dressDirectory(site, fd, path, state, ids);
    closeSync(fd);
  } else amendFile(site, branch, paths, state, { print, ids });
  const now = branch.tree.look(paths.to, site.now())?.print;
  if (now === undefined) throw new Changed(paths.to);
  return now;
}

/** The inode is held by a name in the spool meanwhile, so that nothing can be swapped in between. */
function amendFile(
  site: Site,
  branch: Branch,
  paths: { readonly from: string; readonly to: string },
  state: FileState,
  { print, ids }: { readonly print: Fingerprint; readonly ids: Ids },
): void {
  const held = branch.spool.temporary();
  linkSync(bytes(branch.tree.at(paths.from)), held);
  try {
    const looked = look(held, site.now());
    if (looked === undefined || !sameFile(looked.print, print)) throw new Changed(paths.from);
    if (looked.print.uid === 0 && looked.links > 2)
      throw new Changed(`${paths.from} is another name of a file of root`);
    if (paths.from !== paths.to) site.native.renameNew(branch.tree.at(paths.from), branch.tree.at(paths.to));
    dress(site, held, state, ids);
  } finally {
    unlinkSync(held);
  }
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
  if (out !== undefined && old.print !== undefined && sameFile(out.print, old.print)) return;
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
