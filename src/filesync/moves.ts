import { createHash } from 'node:crypto';
import { isMail } from './maildir.ts';
import { absent, type Known, type Side, type Version } from './model.ts';
import { observe } from './observe.ts';
import { isSound } from './receive.ts';
import { remember, type Site, split, unitOf } from './site.ts';
import { canonical } from './states.ts';
import { codeOf } from './tree.ts';
import { bumped } from './version.ts';

/**
 * A directory that was renamed is renamed on the other side, in one step, if both know exactly the same of all that is
 * in it. Every path in it then gets the same new version on both sides. Otherwise its paths go one by one.
 */
export interface Move {
  readonly from: string;
  readonly to: string;
  /** The number that the mover's counter gave it. */
  readonly count: number;
  readonly records: number;
  readonly digest: string;
}

/** What is known of a directory and all below, as long as all of it is settled. */
function settledBelow(site: Site, key: string): [string, Known][] | undefined {
  const top = site.store.get(key);
  if (top?.state.kind !== 'directory') return undefined;
  const all: [string, Known][] = [[key, top]];
  for (const [below, known] of site.store.under(key))
    if (known.state.kind !== 'absent' || known.pending) all.push([below, known]);
  return all.some(([, known]) => known.pending === true) ? undefined : all;
}

function digestBelow(key: string, all: readonly [string, Known][]): string {
  const hash = createHash('sha256');
  for (const [below, { version, state }] of all)
    hash.update(`${below.slice(key.length)}\0${version.join(',')}\0${canonical(state)}\n`, 'latin1');
  return hash.digest('hex').slice(0, 32);
}

function mayMove(site: Site, from: string, to: string): boolean {
  const at = split(site, to);
  if (at === undefined || !isSound(from) || !isSound(to) || `${to}/`.startsWith(`${from}/`)) return false;
  if (unitOf(from) !== unitOf(to) || site.stopped(unitOf(from)) !== undefined) return false;
  if (from === unitOf(from) || to === unitOf(to)) return site.makeAccounts;
  return isMail(`${from}/x`, site.mailFolders) === isMail(`${to}/x`, site.mailFolders);
}

/** Gives everything its new name and version; `own`: the other side has yet to be told. */
function rewritten(
  site: Site,
  all: readonly [string, Known][],
  move: Pick<Move, 'from' | 'to' | 'count'>,
  by: Side,
  own: boolean,
): void {
  const pending = own ? { pending: true as const } : {};
  const next = (version: Version): Version => bumped(version, by, move.count);
  // What leaves from the bottom up, what comes from the top down: in this order they go if they must go one by one.
  for (const [key, { version, state }] of all.toReversed())
    remember(site, key, { version: next(version), state: absent, ...(own ? { agreed: state } : {}), ...pending });
  for (const [key, { version, state, print }] of all) {
    const to = `${move.to}${key.slice(move.from.length)}`;
    remember(site, to, { version: next(version), state, ...(print === undefined ? {} : { print }), ...pending });
  }
}

/**
 * At the side where it happened: notes the move. Answers it and the keys it covers, or undefined when the directory's
 * paths must go one by one.
 */
export function noteMove(
  site: Site,
  from: string,
  to: string,
): { readonly move: Move; readonly keys: readonly string[] } | undefined {
  const at = split(site, to);
  if (at === undefined || !mayMove(site, from, to)) return undefined;
  const { branch, relative } = at;
  const looked = branch.tree.look(relative, site.now());
  const all = settledBelow(site, from);
  if (all === undefined || looked?.kind !== 'directory' || looked.print.ino !== all[0]?.[1].print?.ino)
    return undefined;
  if (branch.tree.look(from.slice(branch.tree.name.length + 1), site.now()) !== undefined) return undefined;
  if (isTaken(site, to) || !all.every(([key]) => fits(site, `${to}${key.slice(from.length)}`))) return undefined;
  const move: Move = { from, to, count: site.count(), records: all.length, digest: digestBelow(from, all) };
  rewritten(site, all, move, site.side, true);
  return { move, keys: all.flatMap(([key]) => [key, `${to}${key.slice(from.length)}`]) };
}

function isTaken(site: Site, key: string): boolean {
  const known = site.store.get(key);
  return known !== undefined || !site.store.under(key).next().done;
}

function fits(site: Site, key: string): boolean {
  const at = split(site, key);
  return at !== undefined && isSound(key) && !at.branch.isExcluded(at.relative);
}

/** At the other side: does the same, if all is as the mover knew it. Answers whether it did. */
export function takeMove(site: Site, move: Move): boolean {
  const { from, to } = move;
  const at = split(site, to);
  if (at === undefined || !mayMove(site, from, to) || isTaken(site, to)) return false;
  const { tree } = at.branch;
  const before = observe(site, from);
  const all = settledBelow(site, from);
  if (before === 'busy' || all === undefined || all.length !== move.records || digestBelow(from, all) !== move.digest)
    return false;
  if (!all.every(([key]) => fits(site, `${to}${key.slice(from.length)}`))) return false;
  try {
    site.native.renameNew(tree.at(from.slice(tree.name.length + 1)), tree.at(at.relative));
  } catch (error) {
    if (['EEXIST', 'ENOENT', 'ENOTDIR', 'ELOOP', 'EXDEV'].includes(codeOf(error))) return false;
    throw error;
  } finally {
    tree.forget();
  }
  rewritten(site, all, move, site.side === 1 ? 2 : 1, false);
  return true;
}
