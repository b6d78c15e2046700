import { keyOf } from './maildir.ts';
import type { Known, Offer } from './model.ts';
import { observe } from './observe.ts';
import { remember, type Site, split } from './site.ts';
import { bumped, joined } from './version.ts';

const unreadyMs = 60_000;

/**
 * Whether a directory that the other side removed or replaced is to be tried again: what is in it is known, so either its
 * end is on the way from there, or it is new and makes the directory anew there. What never travels keeps it at once, and
 * so does what is new where something else stands there now: neither side could give way. After a minute anything does.
 */
function isUnready(site: Site, { key, state }: Offer): boolean {
  const at = split(site, key);
  if (at === undefined) return false;
  const { branch, relative } = at;
  const since = site.unready.get(key) ?? site.now();
  if (site.unready.size > 10_000) site.unready.clear();
  site.unready.set(key, since);
  const isKnown = (name: string): boolean => {
    const path = `${branch.tree.name}/${relative}/${name}`;
    const seen = observe(site, keyOf(path, site.mailFolders).key, [path]);
    return seen === 'busy' || (seen.state.kind !== 'absent' && !(seen.pending && state.kind !== 'absent'));
  };
  const names = branch.tree.names(relative).filter((name) => !branch.isExcluded(`${relative}/${name}`));
  return site.now() - since < unreadyMs && names.every(isKnown);
}

/** Something lies below a directory that the other side removed or replaced: it stays, and the other side is told. */
function revive(site: Site, offer: Offer, seen: Known): void {
  const version = bumped(joined(seen.version, offer.version), site.side, site.count());
  site.unready.delete(offer.key);
  remember(site, offer.key, { ...seen, version, agreed: offer.state, pending: true });
}

/** What to answer about a directory that was to go, or to be replaced, and is not empty. */
export function notEmpty(site: Site, offer: Offer, seen: Known): 'ok' | 'later' {
  if (isUnready(site, offer)) return 'later';
  revive(site, offer, seen);
  return 'ok';
}
