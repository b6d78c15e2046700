import { messageOf } from '../../errors.ts';
import { listZones } from '../apply/files.ts';
import type { Opened } from './run.ts';

/** Keeps what is known of signed zones fresh, so that people are warned of them before a switch. */

const everyMs = 300_000;
/** Where one needs a hand it is looked at again sooner: a person may be at it. */
const soonMs = 60_000;

/** Looks until the signal aborts. */
export async function keepSigned({ deps, signing }: Opened, signal: AbortSignal): Promise<void> {
  const { clock, log, dir } = deps;
  while (!signal.aborted) {
    let isSound = true;
    try {
      const { zones } = await listZones(dir);
      await signing.look(zones, signal);
      isSound = signing.reports(zones).every(({ isSound: sound }) => sound);
    } catch (error) {
      log.warn({ reason: messageOf(error) }, 'signed zones could not be looked at');
    }
    await clock.sleep(isSound ? everyMs : soonMs, signal);
  }
}
