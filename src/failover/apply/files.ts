import { randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import { open, readdir, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

/** Files are replaced whole: written beside, on the disk, then renamed. */

/** Behind the name of a file that is not finished yet. Begins with a dot, so that no server takes it for a zone. */
const unfinished = '.tandem-new';

/** Where the new text of a zone file is written before it takes its name. */
export function besideOf(dir: string, name: string): string {
  return join(dir, `.${name}${unfinished}`);
}

/** Puts what was renamed in a folder on the disk. */
export async function syncFolder(dir: string): Promise<void> {
  const handle = await open(dir, constants.O_RDONLY);
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Replaces a file of our own; it is on the disk when this resolves. */
export async function replaceFile(file: string, text: string, mode = 0o600): Promise<void> {
  const beside = join(dirname(file), `.${basename(file)}.${randomBytes(4).toString('hex')}${unfinished}`);
  const handle = await open(beside, 'w', mode);
  try {
    await handle.writeFile(text);
    await handle.datasync();
  } catch (error) {
    await rm(beside, { force: true });
    throw error;
  } finally {
    await handle.close();
  }
  await rename(beside, file);
  await syncFolder(dirname(file));
}

export interface ZoneFiles {
  /** Zone names, sorted; the file is NAME.db. */
  readonly zones: readonly string[];
  /** Unfinished files that a killed run left. */
  readonly leftovers: readonly string[];
}

/** What a zone directory holds. */
export async function listZones(dir: string): Promise<ZoneFiles> {
  const names = await readdir(dir);
  const zones = names.filter((name) => name.endsWith('.db') && !name.startsWith('.')).map((name) => name.slice(0, -3));
  return { zones: zones.sort(), leftovers: names.filter((name) => name.endsWith(unfinished)) };
}

/** Removes what a killed run left unfinished. */
export async function removeLeftovers(dir: string, names: readonly string[]): Promise<void> {
  for (const name of names) await rm(join(dir, name), { force: true });
}

/** At most `width` at a time, in order. The first failure ends the rest. */
export async function inFlight<T>(items: readonly T[], width: number, work: (item: T) => Promise<void>): Promise<void> {
  let next = 0;
  const lane = async (): Promise<void> => {
    for (let item = items[next++]; item !== undefined; item = items[next++]) await work(item);
  };
  const lanes = await Promise.allSettled(Array.from({ length: Math.min(width, items.length) }, lane));
  for (const one of lanes) if (one.status === 'rejected') throw one.reason;
}
