import {
  closeSync,
  constants,
  fchmodSync,
  fchownSync,
  lchownSync,
  mkdirSync,
  openSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { writeAttributes } from './attributes.ts';
import { dressDirectory, type Ids, idsFor, modeOf, ownerAbove } from './install.ts';
import type { DirectoryState, FileState, LinkState, Offer } from './model.ts';
import type { Branch, Site } from './site.ts';
import { here, type Stat, statAt } from './statx.ts';
import { bytes } from './tree.ts';

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

const { O_CREAT, O_DIRECTORY, O_EXCL, O_NOFOLLOW, O_RDONLY, O_WRONLY } = constants;

/**
 * Makes all parts of a directory in the spool, complete. `above`: whose the directory is that it is to lie in, when that is
 * not in place yet. Answers whose the directories are, by where they lie. What came twice, or does not fit on the disk, is
 * an error.
 */
export function makeWhole(site: Site, whole: Whole, above: Ids | undefined): ReadonlyMap<string, Ids> {
  const owners = new Map<string, Ids>();
  const ownerOf = ({ path }: Part, state: { user: string; group: string }): Ids =>
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
  for (const part of whole.parts) {
    const { state } = part.offer;
    if (state.kind === 'file') part.stat = makeFile(site, part, state, ownerOf(part, state));
    else if (state.kind === 'link') part.stat = makeLink(site, part, state, ownerOf(part, state));
  }
  // At last: what is made in a directory takes over its default access list.
  for (const [part, state, ids] of directories.toReversed()) part.stat = finished(site, part, state, ids);
  return owners;
}

function makeFile(site: Site, part: Part, state: FileState, ids: Ids): Stat | undefined {
  const { path, content } = part;
  part.content = undefined;
  if (content === undefined) throw new Error('no content');
  const fd = openSync(bytes(path), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0o600);
  try {
    if (content.length > 0) writeFileSync(fd, content);
    fchownSync(fd, ids.uid, ids.gid);
    fchmodSync(fd, modeOf(site, state));
    if (state.attributes !== '') writeAttributes(site.native, site.owners, path, state.attributes);
    site.native.setTimeOf(fd, state.mtime);
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
  const fd = openSync(bytes(path), O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
  try {
    dressDirectory(site, fd, path, state, ids);
    return statAt(fd, '');
  } finally {
    closeSync(fd);
  }
}
