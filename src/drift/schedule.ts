/** When a scan begins by itself: at night, and after an outage once the backlog has drained. */
import type { Clock } from '../clock.ts';
import type { Deps } from '../operations/deps.ts';
import { OPEN_LEG } from '../operations/states.ts';
import { firstStart, getMeta, setMeta } from './meta.ts';
import { askForRun, lastRuns } from './runs.ts';

export interface ScheduleDeps extends Pick<Deps, 'journal' | 'masters'> {
  readonly clock: Clock;
  readonly usable: (master: string) => boolean;
  readonly nightlyAt: string;
}

const DAY_MS = 86_400_000;

/** Asks for a scan where one is due. */
export async function beginWhatIsDue(deps: ScheduleDeps): Promise<void> {
  await noteOutages(deps);
  if (await outageOver(deps)) await askForRun(deps, 'outage', null);
  if (await nightIsDue(deps)) await askForRun(deps, 'nightly', null);
}

/** The last moment at or before `now` that a daily time stood for; undefined: it is off. */
export function lastMoment(at: string, now: number): number | undefined {
  const parts = /^(\d{2}):(\d{2})$/.exec(at);
  if (parts === null) return undefined;
  const midnight = now - (now % DAY_MS);
  const today = midnight + Number(parts[1]) * 3_600_000 + Number(parts[2]) * 60_000;
  return today <= now ? today : today - DAY_MS;
}

async function nightIsDue(deps: ScheduleDeps): Promise<boolean> {
  const now = deps.clock.now();
  const moment = lastMoment(deps.nightlyAt, now);
  if (moment === undefined) return false;
  // The first night is the one after the first start: a new installation does not begin with a scan.
  const since = await firstStart(deps, now);
  const [last] = await lastRuns(deps, 1);
  return moment > Math.max(since, last?.startedAt ?? 0);
}

async function noteOutages(deps: ScheduleDeps): Promise<void> {
  for (const master of deps.masters.list) {
    if (deps.usable(master.id) || (await getMeta(deps, away(master.id))) !== '') continue;
    await setMeta(deps, away(master.id), String(deps.clock.now()));
  }
}

/** A master that was away is back, and has no unfinished work any more. */
async function outageOver(deps: ScheduleDeps): Promise<boolean> {
  let over = false;
  for (const { id } of deps.masters.list) {
    if (!deps.usable(id) || (await getMeta(deps, away(id))) === '' || (await backlog(deps, id))) continue;
    await setMeta(deps, away(id), '');
    over = true;
  }
  return over;
}

function away(master: string): string {
  return `drift.away.${master}`;
}

async function backlog({ journal }: ScheduleDeps, master: string): Promise<boolean> {
  const row = await journal.read((db) =>
    db
      .selectFrom('legs')
      .select('id')
      .where('master', '=', master)
      .where(
        'state',
        'in',
        OPEN_LEG.filter((s) => s !== 'held'),
      )
      .executeTakeFirst(),
  );
  return row !== undefined;
}
