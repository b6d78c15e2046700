import { lstatSync } from 'node:fs';
import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { nextSerial } from '../zone/serial.ts';
import { type ChunkItem, type ItemDone, signatureOf } from './chunk.ts';

/**
 * What a switch would write, written ahead while nothing happens: then a switch only looks whether each file is still the
 * one that was read, notes the ledger, and renames. A zone for which that does not hold is planned as if nothing had been
 * prepared, so the worst that can be lost is time. Known in memory only: after a restart everything is written anew.
 */
export interface Ready {
  /** The folder of the texts, in the zone directory, so that a rename reaches it. */
  readonly folder: string;
  /** What a run for this item would end in; undefined where it must be planned. */
  find(item: ChunkItem, instant: number): ItemDone | undefined;
  /** Whether an item with this source and wish is there already. Looks at no file. */
  isReady(item: ChunkItem, source: string, instant: number): boolean;
  /** Before texts of these zones are written into `folder` for `put`. */
  expect(zones: readonly string[]): void;
  /**
   * Takes what was planned into `folder` and is on the disk now, but for zones that were forgotten since `expect`: a run
   * wrote or took their texts meanwhile. `sources`: the files as they were seen.
   */
  put(items: readonly ChunkItem[], done: readonly ItemDone[], sources: ReadonlyMap<string, string>): void;
  /** What a switch would leave alone, and why. */
  left(): readonly { readonly zone: string; readonly reason: string }[];
  /** Before their texts are renamed away, and when the zones are gone. */
  forget(zones: Iterable<string>): void;
  /** Gives the room of their texts back. */
  remove(zones: readonly string[]): Promise<void>;
  /** Forgets all but these. */
  keepOnly(zones: Pick<ReadonlySet<string>, 'has'>): void;
  /** The first time: makes the folder, and removes texts of zones that are gone. */
  open(zones: ReadonlySet<string>): Promise<void>;
}

interface Entry {
  readonly item: ChunkItem;
  readonly done: ItemDone;
  /** What was read, when it was planned. */
  readonly source: string;
}

const name = '.tandem-ready';

/** The serial depends on the order's day. */
function fits({ item, done }: Entry, wish: ChunkItem, instant: number): boolean {
  if (item.active !== wish.active || item.known !== wish.known) return false;
  if (wish.serials !== undefined || wish.isTouched === true || wish.obstacle !== undefined) return false;
  return done.kind !== 'write' || nextSerial([done.before], instant) === done.serial;
}

/** The file that was read; '' where it could not be. */
function readOf(done: ItemDone): string {
  return done.kind === 'write' ? done.source : done.signature;
}

export function openReady(dir: string): Ready {
  const entries = new Map<string, Entry>();
  const expected = new Set<string>();
  const folder = join(dir, name);
  let isOpen = false;
  return {
    folder,
    find(item, instant) {
      const entry = entries.get(item.zone);
      // What is left alone is looked at again: its reason may be gone without a change of the file.
      if (entry === undefined || entry.done.kind === 'left' || !fits(entry, item, instant)) return undefined;
      const stats = lstatSync(join(dir, `${item.zone}.db`), { throwIfNoEntry: false });
      return stats !== undefined && signatureOf(stats) === entry.source ? entry.done : undefined;
    },
    isReady(item, source, instant) {
      const entry = entries.get(item.zone);
      return entry !== undefined && entry.source === source && fits(entry, item, instant);
    },
    expect(zones) {
      for (const zone of zones) {
        entries.delete(zone);
        expected.add(zone);
      }
    },
    put(items, done, sources) {
      const wishes = new Map(items.map((item) => [item.zone, item]));
      for (const one of done) {
        const item = wishes.get(one.zone);
        if (item === undefined || !expected.delete(one.zone)) continue;
        entries.set(one.zone, { item, done: one, source: readOf(one) || (sources.get(one.zone) ?? '') });
      }
    },
    left: () => [...entries.values()].flatMap(({ done }) => (done.kind === 'left' ? [done] : [])),
    forget(zones) {
      for (const zone of zones) {
        entries.delete(zone);
        expected.delete(zone);
      }
    },
    async remove(zones) {
      for (const zone of zones) await rm(join(folder, `${zone}.db`), { force: true });
    },
    keepOnly(zones) {
      for (const zone of entries.keys()) if (!zones.has(zone)) entries.delete(zone);
    },
    async open(zones) {
      if (isOpen) return;
      await mkdir(folder, { recursive: true, mode: 0o700 });
      for (const file of await readdir(folder)) {
        if (!zones.has(file.slice(0, -3))) await rm(join(folder, file), { force: true });
      }
      isOpen = true;
    },
  };
}
