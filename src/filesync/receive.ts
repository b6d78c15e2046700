import { messageOf } from '../errors.ts';
import { amend, Changed, type Content, install, NotEmpty, type Replaced, takeAway } from './install.ts';
import { followsActive, pathOf } from './maildir.ts';
import {
  absent,
  type DirectoryState,
  type FileState,
  type Fingerprint,
  type Known,
  type Offer,
  type State,
  type Version,
} from './model.ts';
import { observe } from './observe.ts';
import { type Decision, decide, remembered } from './plan.ts';
import { contentOf } from './read.ts';
import { renameOnly } from './rename-only.ts';
import { brakeVerdict, counted, emptyTally } from './safety.ts';
import { type Branch, remember, type Site, split, unitOf } from './site.ts';
import { sameButPlace, sameContent, sameState } from './states.ts';
import { codeOf } from './tree.ts';
import { cachesBeside, disagree } from './uidlist.ts';
import { notEmpty } from './unready.ts';
import { joined } from './version.ts';

/**
 * The answer to an offer. `ok`: this side has it, or something that knows of it. `want`: send the content. `crossed`:
 * both changed it and side 1 will settle. The others leave it pending at the sender: `later` (try again soon), `stopped`
 * (paused, held, or no such account here), `refused` (this side will not have it).
 */
export type Verdict = 'ok' | 'want' | 'crossed' | 'later' | 'stopped' | 'refused';

/** Why an offer is not taken in, whatever lies on the disk; undefined when it may be. */
export function barred(site: Site, offer: Offer): Verdict | undefined {
  const at = split(site, offer.key);
  if (at === undefined || !isSound(offer.key) || at.branch.isExcluded(at.relative)) return 'refused';
  const unit = unitOf(offer.key);
  if (site.stopped(unit) !== undefined) return stopped(site, unit, offer);
  return hasAccount(site, offer) ? undefined : 'stopped';
}

/** Takes in one offer. The disk is looked at first; what is there now decides, not what was known. */
export function receive(site: Site, offer: Offer, content: Content | undefined): Verdict {
  const why = barred(site, offer);
  const at = split(site, offer.key);
  if (why !== undefined || at === undefined) return why ?? 'refused';
  for (let tries = 0; tries < 4; tries++) {
    try {
      return once(site, offer, content);
    } catch (error) {
      if (!isRace(error)) {
        site.log.warn({ key: offer.key, reason: messageOf(error), code: codeOf(error) }, 'a change could not be made');
        return 'later';
      }
      at.branch.tree.forget();
    }
  }
  return 'later';
}

function stopped(site: Site, unit: string, offer: Offer): Verdict {
  if (site.stopped(unit) === 'held') {
    const all = site.heldOffers.get(unit) ?? new Map<string, Version>();
    if (all.size < 500_000) all.set(offer.key, offer.version);
    site.heldOffers.set(unit, all);
  }
  return 'stopped';
}

function isRace(error: unknown): boolean {
  return error instanceof Changed || ['EEXIST', 'ENOENT'].includes(codeOf(error));
}

/** No empty, '.' or '..' component, no zero byte, no path that the database could not hold. */
export function isSound(key: string): boolean {
  return (
    key.length < 1900 &&
    !key.includes('\0') &&
    key.split('/').every((part) => part !== '' && part !== '.' && part !== '..' && part.length < 256)
  );
}

/** A home is not made, and not removed, by file sync: accounts are made and ended on both masters by Tandem. */
function hasAccount(site: Site, offer: Offer): boolean {
  const unit = unitOf(offer.key);
  if (offer.key === unit && offer.state.kind === 'absent') return site.makeAccounts;
  if (site.makeAccounts) return true;
  const at = split(site, unit);
  return at?.branch.tree.look(at.relative, site.now())?.kind === 'directory';
}

function once(site: Site, offer: Offer, content: Content | undefined): Verdict {
  const seen = observe(site, offer.key);
  if (seen === 'busy') return 'later';
  const passive = followsActive(offer.key) && site.isActive(unitOf(offer.key)) === false;
  const decision: Decision = passive
    ? { kind: 'take', version: joined(seen.version, offer.version), state: offer.state, conflict: false }
    : decide(seen, offer, site.side, site.count());
  switch (decision.kind) {
    case 'old':
      return 'ok';
    case 'crossed':
      // What is pending already is on its way, or waits for its turn.
      if (seen.pending !== true) keep(site, offer.key, remembered(seen, offer, decision), seen.print);
      return 'crossed';
    case 'same':
    case 'join':
      keep(site, offer.key, remembered(seen, offer, decision), seen.print);
      return 'ok';
    case 'take':
      return become(site, offer, seen, { ...decision, keepMine: decision.conflict, keepTheirs: false }, content);
    case 'merge':
      return become(site, offer, seen, decision, content);
  }
}

function keep(site: Site, key: string, known: Known, print: Fingerprint | undefined): void {
  remember(site, key, { ...known, ...(print === undefined ? {} : { print }) });
}

type Goal = Decision & { readonly kind: 'take' | 'merge' } & {
  readonly keepMine: boolean;
  readonly keepTheirs: boolean;
};

/** Whether this side needs bytes that neither its own file nor the offer holds. */
function lacksContent(offer: Offer, seen: Known, goal: Goal, content: Content | undefined): boolean {
  if (goal.state.kind !== 'file' || sameContent(seen.state, goal.state)) return false;
  return content === undefined || offer.state.kind !== 'file' || goal.state.digest !== offer.state.digest;
}

/** What was renamed left under its old name a moment ago. */
function fromTrash(site: Site, { key }: Offer, state: State): Content | undefined {
  const at = split(site, key);
  if (at === undefined || state.kind !== 'file') return undefined;
  return site.departed.take(key, state, at.branch.spool.path, site.now());
}

function become(site: Site, offer: Offer, seen: Known, goal: Goal, content: Content | undefined): Verdict {
  if (braked(site, offer.key, seen.state, goal.state)) return stopped(site, unitOf(offer.key), offer);
  const lacking = lacksContent(offer, seen, goal, content);
  const found = lacking ? fromTrash(site, offer, goal.state) : content;
  if (lacking && found === undefined) return 'want';
  let print: Fingerprint | undefined;
  try {
    const stale = staleCaches(site, offer.key, seen, content);
    print = realise(site, offer.key, seen, goal, found);
    putAwayCaches(site, offer.key, stale);
  } catch (error) {
    if (!(error instanceof NotEmpty)) throw error;
    return notEmpty(site, offer, seen);
  }
  site.unready.delete(offer.key);
  keep(site, offer.key, remembered(seen, offer, goal), print);
  return 'ok';
}

/** Dovecot's caches that would mean other messages once this list of UIDs is in place. */
function staleCaches(site: Site, key: string, seen: Known, content: Content | undefined): readonly string[] {
  if (!key.endsWith('/dovecot-uidlist') || seen.state.kind !== 'file' || !Buffer.isBuffer(content)) return [];
  const at = split(site, key);
  const before = at === undefined ? undefined : contentOf(at.branch, at.relative);
  if (at === undefined || before === undefined || !disagree(before, content)) return [];
  return cachesBeside(at.branch, at.relative);
}

function putAwayCaches(site: Site, key: string, caches: readonly string[]): void {
  const at = split(site, key);
  if (at === undefined) return;
  for (const cache of caches) {
    const kept = at.branch.spool.keep('trash', `${at.branch.tree.name}/${cache}`, site.now());
    site.native.renameNew(at.branch.tree.at(cache), kept);
  }
}

function braked(site: Site, key: string, mine: State, goal: State): boolean {
  if (mine.kind !== 'file' || sameContent(mine, goal)) return false;
  const unit = unitOf(key);
  const tally = counted(site.tallies.get(unit) ?? emptyTally, site.now());
  const why = brakeVerdict(tally, site.peaks.get(unit) ?? 0, site.now(), site.brake);
  if (why !== undefined) {
    site.hold(unit, why);
    return true;
  }
  site.tallies.set(unit, tally);
  return false;
}

function realise(
  site: Site,
  key: string,
  seen: Known,
  goal: Goal,
  content: Content | undefined,
): Fingerprint | undefined {
  const at = split(site, key);
  if (at === undefined) throw new Error(`no tree for ${key}`);
  const { branch } = at;
  const below = (state: State): string =>
    pathOf(key, state.kind === 'file' ? state.place : undefined).slice(branch.tree.name.length + 1);
  const [from, to] = [below(seen.state), below(goal.state)];
  const old: Replaced = { state: seen.state, print: seen.print, keepIn: goal.keepMine ? 'conflicts' : 'trash' };
  if (goal.state.kind === 'absent') {
    if (seen.state.kind !== 'absent') takeAway(site, branch, from, key, old);
    return undefined;
  }
  const { state } = goal;
  if (seen.print === undefined || seen.state.kind === 'absent') {
    makeParents(site, key, to);
    return put(site, branch, key, state, { content, at: to }, old);
  }
  if (sameState(seen.state, state)) return seen.print;
  if (!isAmended(seen.state, state)) return put(site, branch, key, state, { content, at: from }, old);
  const amended =
    (sameButPlace(seen.state, state) ? renameOnly(site, branch, { from, to }, seen.print) : undefined) ??
    amend(site, branch, { from, to }, state, seen.print);
  if ('file' in amended) return put(site, branch, key, state, { content: amended, at: to }, old);
  site.links.changed(key);
  return amended;
}

function put(
  site: Site,
  branch: Branch,
  key: string,
  state: Exclude<State, { kind: 'absent' }>,
  from: { readonly content: Content | undefined; readonly at: string },
  old: Replaced,
): Fingerprint {
  const print = install(site, branch, from.at, key, state, from.content, old);
  if (old.state.kind === 'directory' || state.kind === 'directory') branch.tree.forget();
  return print;
}

function isAmended(mine: State, goal: State): goal is FileState | DirectoryState {
  return goal.kind === 'directory' ? mine.kind === 'directory' : sameContent(mine, goal);
}

/** The directories above a path that are missing: they were removed here while something was made below them there. */
function makeParents(site: Site, key: string, relative: string): void {
  const at = split(site, key);
  if (at === undefined) return;
  const { branch } = at;
  if (branch.tree.hasAbove(relative)) return;
  const parts = relative.split('/').slice(0, -1);
  for (let n = 1; n <= parts.length; n++) {
    const above = parts.slice(0, n).join('/');
    const looked = branch.tree.look(above, site.now());
    if (looked?.kind === 'directory') continue;
    if (looked !== undefined) throw new Error(`${above} is in the way`);
    const aboveKey = `${branch.tree.name}/${above}`;
    const was = site.store.get(aboveKey)?.agreed;
    const state: State =
      was?.kind === 'directory' ? was : { kind: 'directory', mode: 0o755, user: '', group: '', attributes: '' };
    install(site, branch, above, aboveKey, state, undefined, { state: absent, print: undefined, keepIn: 'trash' });
    observe(site, aboveKey);
  }
}
