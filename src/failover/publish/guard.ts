import { type FSWatcher, lstatSync, watch } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '../../clock.ts';
import { messageOf } from '../../errors.ts';
import type { Logger } from '../../log.ts';
import { signatureOf } from '../apply/chunk.ts';
import type { Found } from './guard-work.ts';
import { GaveWay } from './row.ts';

/** Finds zone files that came, went or changed and were not written by us. */

export interface GuardOptions {
  readonly dir: string;
  readonly everyMs: number;
  /** A look at every file, for what no notice came of. */
  readonly allEveryMs: number;
  readonly clock: Clock;
  readonly log: Logger;
  /** Zone → its file as we know it. */
  readonly seen: Map<string, string>;
  /**
   * Waits for its turn, asks again what is still not as it was seen (a run may have written it), and brings that to what
   * is wished. Must set `seen`.
   */
  work(look: () => Found): Promise<void>;
}

function signatureAt(dir: string, zone: string): string | undefined {
  const stats = lstatSync(join(dir, `${zone}.db`), { throwIfNoEntry: false });
  return stats === undefined ? undefined : signatureOf(stats);
}

function zoneOf(name: string): string | undefined {
  return name.endsWith('.db') && !name.startsWith('.') ? name.slice(0, -3) : undefined;
}

/** The names that may have changed: those that the kernel told of, or all. */
class Notices {
  private names = new Set<string>();
  private isAll = true;
  private watcher: FSWatcher | undefined;
  private readonly options: GuardOptions;

  constructor(options: GuardOptions) {
    this.options = options;
  }

  open(): void {
    const { dir, log } = this.options;
    try {
      this.watcher = watch(dir, { persistent: false }, (_, name) => {
        const zone = name === null ? undefined : zoneOf(name);
        if (zone !== undefined) this.names.add(zone);
      });
      this.watcher.on('error', (error) => this.lost(error));
    } catch (error) {
      log.warn(
        { dir, reason: messageOf(error) },
        'the zone directory gives no notices; every file is looked at instead',
      );
    }
  }

  private lost(error: unknown): void {
    this.options.log.warn({ reason: messageOf(error) }, 'notices of the zone directory ended');
    this.watcher?.close();
    this.watcher = undefined;
  }

  all(): void {
    this.isAll = true;
  }

  /** Names since the last call; without notices always all. */
  async take(): Promise<readonly string[]> {
    const { dir, seen } = this.options;
    const isAll = this.isAll || this.watcher === undefined;
    const names = this.names;
    this.names = new Set();
    this.isAll = false;
    if (!isAll) return [...names];
    const there = (await readdir(dir)).flatMap((name) => zoneOf(name) ?? []);
    return [...new Set([...there, ...seen.keys()])];
  }

  /** What could not be worked on comes again. */
  again(names: Iterable<string>): void {
    for (const name of names) this.names.add(name);
  }

  close(): void {
    this.watcher?.close();
  }
}

/** Files that are not as they were seen. */
function compare(names: readonly string[], { dir, seen }: Pick<GuardOptions, 'dir' | 'seen'>): Found {
  const touched = new Set<string>();
  const gone = new Set<string>();
  for (const zone of names) {
    const signature = signatureAt(dir, zone);
    if (signature === undefined && seen.has(zone)) gone.add(zone);
    if (signature !== undefined && signature !== seen.get(zone)) touched.add(zone);
  }
  return { touched, gone };
}

const stocks = new WeakMap<GuardOptions['seen'], Promise<void>>();

/**
 * What stands there at the beginning is taken as it is: an order brings it in line, not the guard. Once: what appears
 * later is the guard's to publish.
 */
export function takeStock(options: Pick<GuardOptions, 'dir' | 'seen'>): Promise<void> {
  const taken = stocks.get(options.seen) ?? listStock(options);
  stocks.set(options.seen, taken);
  // A directory that cannot be listed is tried again.
  taken.catch(() => stocks.delete(options.seen));
  return taken;
}

async function listStock({ dir, seen }: Pick<GuardOptions, 'dir' | 'seen'>): Promise<void> {
  for (const name of await readdir(dir)) {
    const zone = zoneOf(name);
    const signature = zone === undefined || seen.has(zone) ? undefined : signatureAt(dir, zone);
    if (zone !== undefined && signature !== undefined) seen.set(zone, signature);
  }
}

/** Looks until the signal aborts. What fails is looked at again. */
export async function guardDirectory(options: GuardOptions, signal: AbortSignal): Promise<void> {
  const { clock, log, everyMs, allEveryMs } = options;
  const notices = new Notices(options);
  notices.open();
  await takeStock(options);
  let lastAll = clock.now();
  try {
    while (!signal.aborted) {
      if (clock.now() - lastAll >= allEveryMs) {
        notices.all();
        lastAll = clock.now();
      }
      const { touched, gone } = compare(await notices.take(), options);
      if (touched.size + gone.size > 0) {
        const names = [...touched, ...gone];
        await options
          .work(() => compare(names, options))
          .catch((error: unknown) => {
            notices.again(names);
            if (error instanceof GaveWay) return;
            log.warn({ reason: messageOf(error) }, 'zones that changed could not be brought in line; tried again');
          });
      }
      await clock.sleep(everyMs, signal);
    }
  } finally {
    notices.close();
  }
}
