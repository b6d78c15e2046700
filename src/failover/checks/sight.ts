import type { Sight } from '../verdict/verdict.ts';
import type { CheckState } from './model.ts';

/** A check of a master, and whether a master without it cannot serve. */
export interface MasterCheck {
  readonly state: CheckState;
  /** A vital check's hard failure means that the master is gone; any other only warns. */
  readonly vital: boolean;
}

/**
 * How a watcher sees a master: gone when every vital check is hard critical, since one broken service is no reason to
 * move everybody; serving when none is critical; between the two it is suspect. Unknown results say nothing, and a
 * master of which nothing is known is suspect, never gone.
 */
export function sightOf(checks: readonly MasterCheck[]): Sight {
  const vital = checks.filter((check) => check.vital).map((check) => check.state);
  const told = vital.filter((state) => state.result !== 'unknown' && state.hard !== 'unknown');
  if (told.length === 0) return 'suspect';
  if (told.every((state) => state.hard === 'critical' && state.result === 'critical')) return 'gone';
  return told.some((state) => state.result === 'critical' || state.hard === 'critical') ? 'suspect' : 'serving';
}

/** Which of the checks that a check depends on, directly or not, are hard bad. A circle in the list is harmless. */
export function badParents(
  id: string,
  parents: Readonly<Record<string, readonly string[]>>,
  isBad: (id: string) => boolean,
): readonly string[] {
  const seen = new Set<string>([id]);
  const open = [...(parents[id] ?? [])];
  const bad: string[] = [];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (seen.has(next)) continue;
    seen.add(next);
    if (isBad(next)) bad.push(next);
    open.push(...(parents[next] ?? []));
  }
  return bad;
}
