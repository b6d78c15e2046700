import type { Known } from './model.ts';
import { observe } from './observe.ts';
import { type Site, unitOf } from './site.ts';

/**
 * Whether a pending key may not be told of now: its account is stopped, or ('later') a directory is on its way out. One
 * that left is told of when all that was in it has been seen to have left.
 */
export function mustWait(site: Site, key: string, known: Known): 'stopped' | 'later' | undefined {
  if (site.stopped(unitOf(key)) !== undefined) return 'stopped';
  const isFull = known.state.kind !== 'directory' && site.children.has(key);
  return isFull || isLeftBehind(site, key, known) ? 'later' : undefined;
}

/**
 * What is believed to be in a directory that has just left is looked at again, not told: the other side would make the
 * directory for it, and that one would outlive the removal as a change of its own.
 */
function isLeftBehind(site: Site, key: string, known: Known): boolean {
  const above = key.slice(0, key.lastIndexOf('/'));
  if (known.state.kind === 'absent' || !site.store.pending.has(above)) return false;
  if (site.store.kind(above) !== 'absent') return false;
  observe(site, key);
  return true;
}
