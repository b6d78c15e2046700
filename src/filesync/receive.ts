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
import { type Decision, decide } from './plan.ts';
import { brakeVerdict, counted, emptyTally } from './safety.ts';
import { remember, type Site, split, unitOf } from './site.ts';
import { sameContent } from './states.ts';
import { codeOf } from './tree.ts';
import { bumped, joined } from './version.ts';

/**
 * The answer to an offer. `ok`: this side has it, or something that knows of it. `want`: send the content. `crossed`:
 * both changed it and side 1 will settle. The others leave it pending at the sender: `later` (try again soon), `stopped`
 * (paused, held, or no such account here), `refused` (this side will not have it).
 */
export type Verdict = 'ok' | 'want' | 'crossed' | 'later' | 'stopped' | 'refused';

/** Takes in one offer. The disk is looked at first; what is there now decides, not what was known. */
export function receive(site: Site, offer: Offer, content: Content | undefined): Verdict {
  const at = split(site, offer.key);
  if (at === undefined || !isSound(offer.key) || at.branch.isExcluded(at.relative)) return 'refused';
  const unit = unitOf(offer.key);
  if (site.stopped(unit) !== undefined) return stopped(site, unit, offer);
  if (!hasAccount(site, offer)) return 'stopped';
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
    case 'same':
      settled(site, offer.key, { ...seen, version: offer.version });
      return 'ok';
    case 'old':
      return 'ok';
    case 'join':
      settled(site, offer.key, { ...seen, version: decision.version });
      return 'ok';
    case 'crossed':
      remember(site, offer.key, { ...seen, pending: true });
      return 'crossed';
    case 'take':
      return become(site, offer, seen, { ...decision, keepMine: decision.conflict, keepTheirs: false }, content);
    case 'merge':
      return become(site, offer, seen, decision, content);
  }
}

/** Both sides have it now. */
function settled(site: Site, key: string, known: Known): void {
  const { version, state, print } = known;
  remember(site, key, { version, state, ...(print === undefined ? {} : { print }) });
}

interface Goal {
  readonly kind: 'take' | 'merge';
  readonly version: Known['version'];
  readonly state: State;
  readonly keepMine: boolean;
  readonly keepTheirs: boolean;
}

function become(site: Site, offer: Offer, seen: Known, goal: Goal, content: Content | undefined): Verdict {
  if (braked(site, offer.key, seen.state, goal.state)) return stopped(site, unitOf(offer.key), offer);
  const fits = goal.state.kind === 'file' && offer.state.kind === 'file' && goal.state.digest === offer.state.digest;
  if (goal.state.kind === 'file' && !sameContent(seen.state, goal.state) && (content === undefined || !fits))
    return 'want';
  let print: Fingerprint | undefined;
  try {
    print = realise(site, offer.key, seen, goal, content);
  } catch (error) {
    if (!(error instanceof NotEmpty)) throw error;
    return revive(site, offer, seen);
  }
  const merge = goal.kind === 'merge';
  remember(site, offer.key, {
    version: goal.version,
    state: goal.state,
    ...(print === undefined ? {} : { print }),
    ...(merge ? { agreed: offer.state, pending: true as const } : {}),
    ...(merge && goal.keepTheirs ? { conflict: true as const } : {}),
  });
  return 'ok';
}

/** Something new lies below a directory that the other side removed or replaced: it stays, and the other side is told. */
function revive(site: Site, offer: Offer, seen: Known): Verdict {
  const version = bumped(joined(seen.version, offer.version), site.side, site.count());
  remember(site, offer.key, { ...seen, version, agreed: offer.state, pending: true });
  return 'ok';
}

function braked(site: Site, key: string, mine: State, goal: State): boolean {
  if (mine.kind !== 'file' || sameContent(mine, goal)) return false;
  const unit = unitOf(key);
  const tally = counted(site.tallies.get(unit) ?? emptyTally, site.now());
  const why = brakeVerdict(tally, site.files.get(unit) ?? 0, site.now(), site.brake);
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
  if (seen.state.kind === 'absent') makeParents(site, key, to);
  if (isAmended(seen.state, goal.state) && seen.print !== undefined) {
    return amend(site, branch, { from, to }, goal.state, seen.print);
  }
  const print = install(
    site,
    branch,
    from === to || seen.state.kind === 'absent' ? to : from,
    key,
    goal.state,
    content,
    old,
  );
  if (seen.state.kind === 'directory' || goal.state.kind === 'directory') branch.tree.forget();
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
