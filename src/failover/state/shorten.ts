import { readdir, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { readAppendLog, textOf } from './append-log.ts';
import { writeDurably } from './durable.ts';
import type { Stored } from './store.ts';

/**
 * Orders are kept for ever: their ids say what an order that comes late builds on, and a watcher that was away for long
 * must find its own among them. What makes them long is the evidence, which stands in the history; that of old ones goes.
 */

const smallest = 64 * 1024;
const oldMs = 30 * 86_400_000;

/** The same orders, the old ones without their evidence; undefined where there is nothing to gain. Pure. */
export function shortened(all: readonly Stored[], now: number): readonly Stored[] | undefined {
  const isLong = ({ order, heardAt }: Stored): boolean => order.evidence.length > 0 && now - heardAt > oldMs;
  if (!all.some(isLong)) return undefined;
  return all.map((one) => (isLong(one) ? { ...one, order: { ...one.order, evidence: [] } } : one));
}

async function sizeOf(path: string): Promise<number> {
  try {
    return (await stat(path)).size;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return 0;
    throw error;
  }
}

/**
 * Replaces a long log by a short one before it is opened: killed at any moment, the old one or the new one is there. A
 * log with a damaged line is left as it is, for whoever looks into the disk. `read` takes the lines' values, or says
 * that one is none. Throws where the disk is full; the old log is there then.
 */
export async function shortenLog(
  path: string,
  now: number,
  read: (values: readonly unknown[]) => readonly Stored[] | undefined,
): Promise<boolean> {
  if ((await sizeOf(path)) < smallest) return false;
  const drafts = (await readdir(dirname(path))).filter((name) => {
    return name.startsWith(`${basename(path)}.`) && name.endsWith('.new');
  });
  for (const name of drafts) await rm(join(dirname(path), name), { force: true });
  const { values, damaged } = await readAppendLog(path);
  const all = damaged === 0 ? read(values) : undefined;
  const short = all === undefined ? undefined : shortened(all, now);
  if (short === undefined) return false;
  await writeDurably(path, textOf(short));
  return true;
}
