import { hash } from 'node:crypto';
import { readlinkSync } from 'node:fs';
import { readAttributes } from './attributes.ts';
import { followsActive, keyOf, pathOf } from './maildir.ts';
import { absent, type FileState, type Fingerprint, type Known, type State, unknown } from './model.ts';
import { CallFailed } from './native.ts';
import { bytesOf, withFile } from './read.ts';
import { type Branch, inlineBytes, remember, type Site, split, unitOf } from './site.ts';
import { sameState } from './states.ts';
import type { Stat } from './statx.ts';
import { bytes, isFresh, isGone, type Looked, lookedAt } from './tree.ts';
import { bumped } from './version.ts';

/** The first 32 hexadecimal digits of SHA-256. */
export function digestOf(content: Buffer): string {
  return hash('sha256', content, 'hex').slice(0, 32);
}

/** Whether nothing was written since the fingerprint was taken. */
export function samePrint(a: Fingerprint, b: Fingerprint): boolean {
  return (
    a.ino === b.ino &&
    a.size === b.size &&
    a.mtime === b.mtime &&
    a.ctime === b.ctime &&
    a.mode === b.mode &&
    a.uid === b.uid &&
    a.gid === b.gid
  );
}

/** Everything but the time of the last change of attributes, which renames and hard links touch. */
export function sameFile(a: Fingerprint, b: Fingerprint): boolean {
  return samePrint({ ...a, ctime: b.ctime }, b);
}

/**
 * Makes or removes a hard link of the agent's own to a file, or nothing. That touches the times of its inode, which else
 * would mean that a large file must be read anew: what was as it is known right before is so right after.
 */
export function withOwnLink(site: Site, key: string, act: () => void): void {
  const [at, known] = [split(site, key), site.store.get(key)];
  if (at === undefined || known?.state.kind !== 'file' || known.print === undefined || known.print.racy === true) {
    act();
    return;
  }
  const { tree } = at.branch;
  const path = pathOf(key, known.state.place).slice(tree.name.length + 1);
  tree.forget();
  const before = tree.look(path, site.now())?.print;
  act();
  const after = tree.look(path, site.now())?.print;
  if (before === undefined || after === undefined) return;
  if (!samePrint(before, known.print) || !sameFile(before, after) || after.ctime === before.ctime) return;
  site.store.set(key, { ...known, print: settled(after, site.now()) });
}

/** Only the attributes of a file may still change unseen when its content is older than that. */
export function settled(print: Fingerprint, nowMs: number): Fingerprint {
  return print.racy === true && !isFresh(print, nowMs) ? { ...print, racy: 'attributes' } : print;
}

interface Found {
  readonly relative: string;
  readonly looked: Looked | undefined;
}

/**
 * Where a key lies on disk now, among where it lay and where events saw it; a message is searched for. `stat`: what a look
 * at where it is expected has just found.
 */
function located(branch: Branch, key: string, known: Known, hints: readonly string[], now: number, stat?: Stat): Found {
  const cut = branch.tree.name.length + 1;
  const place = known.state.kind === 'file' ? known.state.place : undefined;
  const usual = pathOf(key, place);
  if (stat !== undefined && (hints[0] ?? usual) === usual)
    return { relative: usual.slice(cut), looked: lookedAt(stat, now) };
  for (const path of [usual, ...hints]) {
    const looked = branch.tree.look(path.slice(cut), now);
    if (looked !== undefined) return { relative: path.slice(cut), looked };
  }
  const relative = (place === undefined ? undefined : searched(branch, key.slice(cut), now)) ?? usual.slice(cut);
  return { relative, looked: place === undefined ? undefined : branch.tree.look(relative, now) };
}

/** A message that another program has moved or flagged a moment ago. */
function searched(branch: Branch, key: string, now: number): string | undefined {
  const slash = key.lastIndexOf('/');
  const name = key.slice(slash + 1);
  const box = key.slice(0, key.lastIndexOf('/', slash - 1));
  for (const fresh of [false, true]) {
    const all = ['new', 'cur'].flatMap((where) => {
      const found = branch.tree.message(`${box}/${where}`, name, fresh);
      return found === undefined ? [] : [`${box}/${where}/${found}`];
    });
    if (all.length === 0) return undefined;
    const there = all.find((path) => branch.tree.look(path, now) !== undefined);
    if (there !== undefined) return there;
  }
  return undefined;
}

/** Names of owners that this side wrote itself stay what the other side called them, also where it has no such name. */
function owned(site: Site, known: Known, print: Fingerprint): { mode: number; user: string; group: string } {
  const { state, print: was } = known;
  const mine = state.kind === 'absent' || was === undefined ? undefined : { state, was };
  const { userName, groupName } = site.owners;
  const mode =
    mine !== undefined && mine.state.kind !== 'link' && mine.was.mode === print.mode ? mine.state.mode : print.mode;
  return {
    mode,
    user: mine !== undefined && mine.was.uid === print.uid ? mine.state.user : userName(print.uid),
    group: mine !== undefined && mine.was.gid === print.gid ? mine.state.group : groupName(print.gid),
  };
}

interface Sight {
  readonly state: State;
  readonly print?: Fingerprint;
}

/** What was found out about a file's content. */
interface Digested {
  readonly digest: string;
  /** Of its attributes, when it was read. */
  readonly names?: readonly string[];
}

/** The digest of what lies there: known from before, read now, or being worked out. */
function digestAt(
  site: Site,
  branch: Branch,
  key: string,
  relative: string,
  known: Known,
  print: Fingerprint,
): Digested | 'busy' | 'gone' {
  const { state, print: was } = known;
  if (state.kind === 'file' && isTrusted(was, print)) return { digest: state.digest };
  if (print.size > inlineBytes) {
    const digest = site.digest(`${branch.tree.name}/${relative}`, markOf(print), print.size);
    return digest === undefined ? 'busy' : { digest };
  }
  const read = withFile(branch, relative, (fd) => ({
    content: bytesOf(fd, print.size),
    names: site.native.attributeNamesOf(fd),
  }));
  if (read === undefined) return 'gone';
  const { content, names } = read;
  if (content.length !== print.size) return 'busy';
  const digest = digestOf(content);
  site.contents.set(key, { content, digest });
  return { digest, names };
}

function seenFile(
  site: Site,
  branch: Branch,
  key: string,
  relative: string,
  known: Known,
  print: Fingerprint,
): Sight | 'busy' {
  const digested = digestAt(site, branch, key, relative, known, print);
  if (digested === 'busy') return 'busy';
  if (digested === 'gone') return { state: absent };
  const placed = keyOf(`${branch.tree.name}/${relative}`, site.mailFolders);
  const place = placed.key === key ? placed.place : undefined;
  const was = known.state.kind === 'file' && known.print?.mtime === print.mtime ? known.state : undefined;
  const state: FileState = {
    kind: 'file',
    ...owned(site, known, print),
    attributes: readAttributes(site.native, site.owners, branch.tree.at(relative), digested.names),
    size: print.size,
    mtime: was?.mtime ?? print.mtime,
    digest: digested.digest,
    ...(place === undefined ? {} : { place }),
  };
  return { state, print };
}

/** What tells one content of a large file from the next. */
export function markOf(print: Fingerprint): string {
  return `${print.ino} ${print.size} ${print.mtime} ${print.ctime}`;
}

/** A hard link or a rename touches the inode's ctime, not its content; but so does a forged time, so only both decide. */
function unwritten(was: Fingerprint, is: Fingerprint): boolean {
  return was.ino === is.ino && was.size === is.size && was.mtime === is.mtime && was.ctime === is.ctime;
}

/** Whether what is known of a file's content holds without reading it. */
function isTrusted(was: Fingerprint | undefined, is: Fingerprint): boolean {
  return was !== undefined && was.racy !== true && unwritten(was, is);
}

function seen(site: Site, branch: Branch, key: string, found: Found, known: Known): Sight | 'busy' {
  const { relative, looked } = found;
  if (looked === undefined || looked.kind === 'other') return { state: absent };
  const { print } = looked;
  try {
    if (looked.kind === 'directory') {
      const attributes = readAttributes(site.native, site.owners, `${branch.tree.at(relative)}/.`);
      return { state: { kind: 'directory', ...owned(site, known, print), attributes }, print };
    }
    if (looked.kind === 'link') {
      const target = readlinkSync(bytes(branch.tree.at(relative)), { encoding: 'latin1' });
      const { user, group } = owned(site, known, print);
      return { state: { kind: 'link', target, user, group, mtime: print.mtime }, print };
    }
    return seenFile(site, branch, key, relative, known, print);
  } catch (error) {
    // It went away between two looks; its event is on the way.
    if (isGone(error) || (error instanceof CallFailed && error.code === 'ENOENT')) return { state: absent };
    throw error;
  }
}

/**
 * Looks at a key on disk and writes down what changed. Answers what is known now, or 'busy' while a large file is being
 * read. `hints` are further paths where a message may lie; `stat` is what was found there a moment ago.
 */
export function observe(site: Site, key: string, hints: readonly string[] = [], stat?: Stat): Known | 'busy' {
  const known = site.store.get(key) ?? unknown;
  const at = split(site, key);
  if (at === undefined) return known;
  const { branch } = at;
  const found = located(branch, key, known, hints, site.now(), stat);
  site.links.seen(key, found.looked);
  const { print } = known;
  if (print !== undefined && found.looked !== undefined && !print.racy && samePrint(found.looked.print, print)) {
    if (pathIs(branch, key, known, found.relative)) return known;
  }
  const sight = seen(site, branch, key, found, known);
  return sight === 'busy' ? 'busy' : noted(site, key, known, sight);
}

/**
 * Whether what lies at a key is what is known: then there is nothing to look at closer. What this side has put in place
 * itself is told by the kernel like any other change, and ends here. False also for what has several names.
 */
export function isAsKnown(site: Site, key: string): boolean {
  const [at, known] = [split(site, key), site.store.get(key)];
  if (at === undefined || known?.print === undefined || known.print.racy === true) return false;
  const path = pathOf(key, known.state.kind === 'file' ? known.state.place : undefined);
  const looked = at.branch.tree.look(path.slice(at.branch.tree.name.length + 1), site.now());
  if (looked === undefined || !samePrint(looked.print, known.print)) return false;
  return known.print.racy === undefined && (looked.kind !== 'file' || looked.links === 1);
}

function pathIs(branch: Branch, key: string, known: Known, relative: string): boolean {
  return `${branch.tree.name}/${relative}` === pathOf(key, known.state.kind === 'file' ? known.state.place : undefined);
}

/**
 * A directory is noted before what is in it, in whichever order their events come: else what is in it is told first, the
 * other side makes a directory of its own for it, and that one outlives a removal as a change made at the same time.
 */
function directoryFirst(site: Site, key: string, state: State): void {
  const path = pathOf(key, state.kind === 'file' ? state.place : undefined);
  const above = path.slice(0, path.lastIndexOf('/'));
  if (!above.includes('/') || site.store.kind(above) === 'directory') return;
  observe(site, above);
}

function unchanged(site: Site, key: string, known: Known, print: Fingerprint | undefined): Known {
  if (known.state.kind === 'absent' || print === undefined) return known;
  const next = { ...known, print: isTrusted(known.print, print) ? settled(print, site.now()) : print };
  site.store.set(key, next);
  return next;
}

function noted(site: Site, key: string, known: Known, { state, print }: Sight): Known {
  if (sameState(known.state, state)) return unchanged(site, key, known, print);
  const prints = print === undefined ? {} : { print };
  const ours = followsActive(key) ? site.isActive(unitOf(key)) !== false : true;
  // A mailbox's description on the passive side is nobody's truth: it is not noted, so not sent. Whoever replaces it must
  // know all the same what lies there.
  if (!ours) return { version: known.version, state, ...prints };
  if (known.state.kind === 'absent') directoryFirst(site, key, state);
  const agreed = known.pending ? known.agreed : known.version[0] + known.version[1] === 0 ? undefined : known.state;
  const next: Known = {
    version: bumped(known.version, site.side, site.count()),
    state,
    ...prints,
    ...(agreed === undefined ? {} : { agreed }),
    pending: true,
  };
  remember(site, key, next, known.state.kind);
  site.links.changed(key);
  return next;
}
