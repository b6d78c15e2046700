import { messageOf } from '../../errors.ts';
import type { Logger } from '../../log.ts';
import type { Notifier, Told } from '../../notify/notifier.ts';
import type { PeerView } from '../../notify/plan.ts';
import { type Seen, warningsOf } from '../warnings.ts';

/** Turns what a watcher sees at every turn into warnings that begin once and end once. */
export interface Warner {
  /** One look. Never rejects: a warning that cannot be kept is logged, and the watching goes on. */
  look(seen: Seen): Promise<void>;
  /** For the other watcher. */
  told(): Told;
  learn(theirs: Told): Promise<void>;
}

/** What is gone for less than this is not over yet: it may be back at the next look. */
const overMs = 30_000;
/** The second watcher leaves the first the word for so long, the third twice as long. */
const graceMs = 15_000;
/** One answer that did not come is no silence. */
const silentMs = 5000;

/** Who speaks when: `rank` is this watcher's place among the watchers, from 0. */
export function speaker(rank: number): { readonly peer: () => PeerView; readonly met: (seen: Seen) => void } {
  let silentSince: number | undefined;
  let now = 0;
  const isSilent = (): boolean => silentSince !== undefined && now - silentSince >= silentMs;
  return {
    peer: () => ({ graceMs: rank * graceMs, silentSince: isSilent() ? silentSince : undefined }),
    met(seen) {
      now = seen.now;
      if (seen.silent.length === 0) silentSince = undefined;
      else silentSince ??= seen.now;
    },
  };
}

/** Since when each warning holds, and since when it no longer does. */
interface Times {
  readonly since: Map<string, number>;
  readonly gone: Map<string, number>;
}

/** Tells what has lasted; answers the keys of all that holds. */
async function raise(notifier: Notifier, { since, gone }: Times, seen: Seen): Promise<ReadonlySet<string>> {
  const warnings = warningsOf(seen);
  for (const { afterMs, ...warning } of warnings) {
    gone.delete(warning.key);
    const at = since.get(warning.key) ?? seen.now;
    since.set(warning.key, at);
    if (seen.now - at >= afterMs) await notifier.raise({ ...warning, at });
  }
  return new Set(warnings.map(({ key }) => key));
}

/** Ends what has been gone for a while. */
async function clear(
  notifier: Notifier,
  { since, gone }: Times,
  seen: Seen,
  still: ReadonlySet<string>,
): Promise<void> {
  for (const key of since.keys()) if (!still.has(key)) since.delete(key);
  const ended = notifier.events().filter((event) => event.over === undefined && !still.has(event.key));
  for (const { key, sentence } of ended) {
    const at = gone.get(key) ?? seen.now;
    gone.set(key, at);
    if (seen.now - at < overMs) continue;
    gone.delete(key);
    await notifier.clear(key, at, `no longer: ${sentence}`);
  }
}

/** `met` is told each look, for who speaks when. */
export function openWarner(notifier: Notifier, met: (seen: Seen) => void, log: Logger): Warner {
  const times: Times = { since: new Map(), gone: new Map() };
  const guarded = async (what: string, work: () => Promise<void>): Promise<void> => {
    try {
      await work();
    } catch (error) {
      log.error({ reason: messageOf(error) }, what);
    }
  };
  return {
    look: (seen) =>
      guarded('a warning could not be kept', async () => {
        met(seen);
        await clear(notifier, times, seen, await raise(notifier, times, seen));
      }),
    told: () => notifier.told(),
    learn: (theirs) => guarded('what the other watcher told could not be kept', () => notifier.learn(theirs)),
  };
}
