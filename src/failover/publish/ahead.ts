import { setImmediate as nextTurn } from 'node:timers/promises';
import { messageOf } from '../../errors.ts';
import type { OneByOne } from '../../one-by-one.ts';
import { chunks } from '../apply/apply.ts';
import type { ChunkItem, ItemDone } from '../apply/chunk.ts';
import { readAccounts } from './account-map.ts';
import { takeStock } from './guard.ts';
import { standingOrder } from './guard-work.ts';
import { runProgram } from './program.ts';
import { activeOf, type Opened } from './run.ts';

/** Keeps what a switch would write on the disk, a little at a time, while nothing else is to be done. */

const everyMs = 5000;
const chunkSize = 200;
/** So many zones are synced at once; they count from then on. */
const syncSize = 2000;
/** After a piece of work it sleeps so many times as long as the work took. */
const rest = 2;

/** What a switch away from where each zone points would ask of it. */
async function wishes({ deps, ledger, seen, standing }: Opened): Promise<readonly ChunkItem[]> {
  const masters = deps.ahead ?? [];
  const [accounts, order] = await Promise.all([readAccounts(deps.accountsFile), standing()]);
  const current = activeOf(standingOrder({ order }, deps.clock.now()), accounts);
  return [...seen.keys()].flatMap((zone) => {
    const at = current(zone) || deps.home;
    const active = masters.find((id) => id !== at);
    return active === undefined ? [] : [{ zone, active, known: ledger.known(zone) }];
  });
}

/** The zones for which nothing fits. */
async function missing(opened: Opened): Promise<readonly ChunkItem[]> {
  const { ready, seen, deps } = opened;
  const now = deps.clock.now();
  const all = await wishes(opened);
  return all.filter((item) => ready?.isReady(item, seen.get(item.zone) ?? '', now) === false);
}

/** Writes some zones ahead; throws when the disk is full. */
async function writeSome(
  opened: Opened,
  run: OneByOne,
  items: readonly ChunkItem[],
  signal: AbortSignal,
): Promise<void> {
  const { deps, ready, seen } = opened;
  if (ready === undefined) return;
  const sources = new Map(items.map(({ zone }) => [zone, seen.get(zone) ?? '']));
  const done: ItemDone[] = [];
  for (const some of chunks(items, chunkSize)) {
    const begun = deps.ticks();
    // In the row with everything else, so that an order waits for one piece of work at most.
    await run(async () => {
      if (signal.aborted) return;
      ready.expect(some.map(({ zone }) => zone));
      // What is written ahead is what a prediction then tells of.
      const how = { isReal: true, looks: true, syncsEach: false, into: ready.folder };
      const planned = await deps.planner.plan({ dir: deps.dir, items: some, instant: deps.clock.now(), ...how });
      if (planned.failure !== undefined) throw new Error(planned.failure);
      done.push(...planned.items);
    });
    await deps.clock.sleep(rest * (deps.ticks() - begun), signal);
    await nextTurn();
  }
  if (signal.aborted) return;
  await runProgram('sync', ['-f', ready.folder], { signal });
  ready.put(items, done, sources);
}

/** One look: writes ahead what is missing. Answers for how many zones it did. Throws where the disk is full. */
export async function writeAhead(opened: Opened, run: OneByOne, signal: AbortSignal): Promise<number> {
  const { ready, seen, deps } = opened;
  await takeStock({ dir: deps.dir, seen });
  await ready?.open(new Set(seen.keys()));
  ready?.keepOnly(seen);
  const items = await missing(opened);
  for (const some of chunks(items, syncSize)) if (!signal.aborted) await writeSome(opened, run, some, signal);
  return items.length;
}

/** Looks until the signal aborts. What fails is told once and tried again later. */
export async function keepAhead(opened: Opened, run: OneByOne, signal: AbortSignal): Promise<void> {
  const { deps, ready } = opened;
  if (ready === undefined) return;
  let told: string | undefined;
  while (!signal.aborted) {
    try {
      await writeAhead(opened, run, signal);
      told = undefined;
    } catch (error) {
      const reason = messageOf(error);
      if (!signal.aborted && reason !== told) {
        deps.log.warn({ reason }, 'a switch is not written ahead, and would take longer');
        told = reason;
      }
    }
    await deps.clock.sleep(everyMs, signal);
  }
}
