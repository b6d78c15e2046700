import { closeSync, constants, fchmodSync, fchownSync, lchownSync, mkdirSync, symlinkSync } from 'node:fs';
import { writeAttributes } from './attributes.ts';
import { dressDirectory, type Ids, idsFor, modeOf, ownerAbove } from './install.ts';
import type { DirectoryState, FileState, LinkState, Offer } from './model.ts';
import { openAt, openDirectory, writeAll } from './open.ts';
import type { Branch, Site } from './site.ts';
import { here, type Stat, statAt } from './statx.ts';
import { bytes } from './tree.ts';

interface Owned {
  readonly user: string;
  readonly group: string;
}

/** One path of a directory that is made whole. */
export interface Part {
  readonly offer: Offer;
  /** Where it lies in the spool. */
  readonly path: string;
  /** Until it lies there. */
  content?: Buffer | undefined;
  /** How it was when it was complete. */
  stat?: Stat | undefined;
}

/** A directory with what is in it, to be made in the spool. The first part is the directory itself, at `path`. */
export interface Whole {
  readonly branch: Branch;
  /** Where it is to be put. */
  readonly relative: string;
  readonly path: string;
  readonly parts: Part[];
}

const creating = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;

/**
 * Makes all parts of a directory in the spool, complete. `above`: whose the directory is that it is to lie in, when that is
 * not in place yet. Answers whose the directories are, by where they lie. What came twice, or does not fit on the disk, is
 * an error.
 */
export function makeWhole(site: Site, whole: Whole, above: Ids | undefined): ReadonlyMap<string, Ids> {
  const owners = new Map<string, Ids>();
  const ownerOf = ({ path }: Part, state: Owned): Ids =>
    idsFor(site, state, () =>
      path === whole.path
        ? (above ?? ownerAbove(site, whole.branch, whole.relative))
        : owners.get(path.slice(0, path.lastIndexOf('/'))),
    );
  const directories: [Part, DirectoryState, Ids][] = [];
  for (const part of whole.parts) {
    const { state } = part.offer;
    if (state.kind !== 'directory') continue;
    mkdirSync(bytes(part.path), { mode: 0o700 });
    const ids = ownerOf(part, state);
    owners.set(part.path, ids);
    directories.push([part, state, ids]);
  }
  makeLeaves(site, whole, ownerOf);
  // At last: what is made in a directory takes over its default access list.
  for (const [part, state, ids] of directories.toReversed()) part.stat = finished(site, part, state, ids);
  return owners;
}

/** Makes what is no directory. What lies in one directory mostly comes in a row, so that one is open meanwhile. */
function makeLeaves(site: Site, whole: Whole, ownerOf: (part: Part, state: Owned) => Ids): void {
  let [open, fd] = ['', -1];
  // The modes are those that the states say.
  const mask = process.umask(0);
  try {
    for (const part of whole.parts) {
      const { state } = part.offer;
      if (state.kind === 'link') part.stat = makeLink(site, part, state, ownerOf(part, state));
      if (state.kind !== 'file') continue;
      const above = part.path.slice(0, part.path.lastIndexOf('/'));
      if (above !== open) {
        if (fd >= 0) closeSync(fd);
        [open, fd] = ['', -1];
        [fd, open] = [openDirectory(here, above), above];
      }
      part.stat = makeFile(site, fd, part, state, ownerOf(part, state));
    }
  } finally {
    if (fd >= 0) closeSync(fd);
    process.umask(mask);
  }
}

/** `above`: the directory it lies in, where root alone can come. */
function makeFile(site: Site, above: number, part: Part, state: FileState, ids: Ids): Stat | undefined {
  const { path, content } = part;
  part.content = undefined;
  if (content === undefined) throw new Error('no content');
  const mode = modeOf(site, state);
  // Giving it away takes some of these bits, and an access list may change them.
  const isPlain = mode <= 0o777 && state.attributes === '';
  const fd = openAt(above, path.slice(path.lastIndexOf('/') + 1), creating, isPlain ? mode : 0o600);
  try {
    writeAll(fd, content);
    fchownSync(fd, ids.uid, ids.gid);
    if (!isPlain) fchmodSync(fd, mode);
    if (state.attributes !== '') writeAttributes(site.native, site.owners, path, state.attributes);
    site.native.setTimeOf(fd, state.mtime);
    const stat = statAt(fd, '');
    // The spool itself has a default access list.
    if (!isPlain || stat === undefined || (stat.mode & 0o7777) === mode) return stat;
    fchmodSync(fd, mode);
    return statAt(fd, '');
  } finally {
    closeSync(fd);
  }
}

function makeLink(site: Site, { path }: Part, state: LinkState, { uid, gid }: Ids): Stat | undefined {
  symlinkSync(bytes(state.target), bytes(path));
  lchownSync(bytes(path), uid, gid);
  site.native.setTime(path, state.mtime);
  return statAt(here, path);
}

function finished(site: Site, { path }: Part, state: DirectoryState, ids: Ids): Stat | undefined {
  const fd = openDirectory(here, path);
  try {
    dressDirectory(site, fd, path, state, ids);
    return statAt(fd, '');
  } finally {
    closeSync(fd);
  }
}
