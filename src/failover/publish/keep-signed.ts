import { messageOf } from '../../errors.ts';
import { listZones } from '../apply/files.ts';
import { guardWork } from './guard-work.ts';
import { GaveWay, type Row } from './row.ts';
import type { Opened } from './run.ts';

/** Keeps what is known of signed zones fresh, so that people are warned of them before a switch. */

const everyMs = 300_000;
/** Where one needs a hand it is looked at again sooner: a person may be at it. */
const soonMs = 60_000;

/** One look. Zones that may be moved from now on are brought to the order that stands. Answers whether all is sound. */
export async function lookAtSigned(opened: Opened, row: Row, signal: AbortSignal): Promise<boolean> {
  const { deps, signing } = opened;
  const { zones } = await listZones(deps.dir);
  const here = new Set(zones);
  signing.keepOnly(here);
  await signing.look(zones, signal);
  // Whoever looked first, and whatever failed before: they stay to be brought until they are.
  const freed = signing.freed();
  const touched = new Set(freed.filter((zone) => here.has(zone)));
  if (touched.size > 0) await row.behind(signal, (until) => guardWork(opened, { touched, gone: new Set() }, until));
  signing.brought(freed);
  return signing.reports(zones).every(({ isSound }) => isSound);
}

/** Looks until the signal aborts. */
export async function keepSigned(opened: Opened, row: Row, signal: AbortSignal): Promise<void> {
  const { clock, log } = opened.deps;
  while (!signal.aborted) {
    let isSound = false;
    try {
      isSound = await lookAtSigned(opened, row, signal);
    } catch (error) {
      if (!(error instanceof GaveWay)) log.warn({ reason: messageOf(error) }, 'signed zones could not be looked at');
    }
    await clock.sleep(isSound ? everyMs : soonMs, signal);
  }
}
