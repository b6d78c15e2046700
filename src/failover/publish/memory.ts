import { readFile, stat } from 'node:fs/promises';
import { z } from 'zod';
import { replaceFile } from '../apply/files.ts';
import type { LeftZone, Outcome, PublishOrder, ZonePointer } from './model.ts';

/** What is remembered beside the ledger: the order that counts, how the last run ended, how much a move touches. */

const order = z.object({
  epoch: z.int(),
  node: z.string(),
  parents: z.array(z.string()),
  instant: z.number(),
  active: z.object({ pair: z.string(), accounts: z.record(z.string(), z.string()) }),
});
const counts = z.object({ zones: z.int(), changed: z.int(), same: z.int(), left: z.int(), values: z.int() });
const leftZone = z.object({ zone: z.string(), line: z.int(), reason: z.string() });
const outcome = z.object({
  kind: z.enum(['done', 'stragglers', 'asks', 'failed', 'stopped']),
  order: z.string(),
  counts,
  left: z.array(leftZone),
  stragglers: z.array(
    z.object({ server: z.string(), zones: z.int(), examples: z.array(z.string()), sentence: z.string() }),
  ),
  steps: z.array(z.object({ name: z.string(), seconds: z.number() })),
  vetoes: z.array(
    z.object({
      kind: z.enum([
        'conflict',
        'hold',
        'maintenance',
        'hold-down',
        'daily-limit',
        'far-more',
        'far-fewer',
        'second-word',
      ]),
      sentence: z.string(),
      overridable: z.boolean(),
    }),
  ),
  sentence: z.string(),
});
const pointer = z.object({
  zone: z.string(),
  account: z.string().optional(),
  home: z.string(),
  pointsAt: z.string(),
  changes: z.int(),
});
const memory = z.object({
  order: order.optional(),
  last: outcome.optional(),
  lastAt: z.number().optional(),
  moved: z.array(pointer).default([]),
  left: z.array(leftZone).default([]),
  zones: z.int().default(0),
  expected: z.record(z.string(), z.object({ zones: z.int(), values: z.int() })).default({}),
});

export interface Memory {
  readonly order?: PublishOrder | undefined;
  readonly last?: Outcome | undefined;
  readonly lastAt?: number | undefined;
  readonly moved: readonly RememberedPointer[];
  readonly left: readonly LeftZone[];
  readonly zones: number;
  /** Master → zones and values that pointed at it away from home, at the last look at a move of many. */
  readonly expected: Readonly<Record<string, { readonly zones: number; readonly values: number }>>;
}

type RememberedPointer = Omit<ZonePointer, 'account'> & { readonly account?: string | undefined };

/** What the file says; empty when there is none. Throws for one that was damaged by hand. */
export async function readMemory(file: string): Promise<Memory> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return memory.parse({});
    throw error;
  }
  return memory.parse(JSON.parse(text));
}

/**
 * The order that counts, for those who ask every few seconds: while many zones are away from home the file is long, and
 * is read anew only when it was replaced.
 */
export function orderReader(file: string): () => Promise<PublishOrder | undefined> {
  let known: { readonly signature: string; readonly order: PublishOrder | undefined } | undefined;
  return async () => {
    const stats = await stat(file).catch((error: unknown) => {
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
      throw error;
    });
    const signature = stats === undefined ? '' : `${stats.ino}:${stats.size}:${stats.mtimeMs}`;
    if (known?.signature !== signature) known = { signature, order: (await readMemory(file)).order };
    return known.order;
  };
}

export async function writeMemory(file: string, value: Memory): Promise<void> {
  await replaceFile(file, `${JSON.stringify(value)}\n`);
}
