import type { Settings } from './settings.ts';
import type { Site } from './site.ts';

const hourMs = 3_600_000;

/** Removes old trash and conflicts now, and once an hour from now on. */
export function expireHourly(
  site: Site,
  { trashDays, conflictDays }: Pick<Settings, 'trashDays' | 'conflictDays'>,
  later: (ms: number, work: () => void) => void,
): void {
  for (const { spool } of site.trees.values()) {
    const removed = spool.expire(site.now(), { trash: trashDays, conflicts: conflictDays });
    if (removed > 0) site.log.info({ removed }, 'old trash is gone');
  }
  later(hourMs, () => expireHourly(site, { trashDays, conflictDays }, later));
}
