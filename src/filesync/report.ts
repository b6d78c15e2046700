import { z } from 'zod';

/** What an agent reports to the control node. A master's word is data: bounded, and checked before it is used. */

const bytes = z.string().max(8192);
const number = z.number().finite();
const byAccount = z.record(z.string().max(300), z.string().max(1000)).readonly();

export const report = z.object({
  side: z.union([z.literal(1), z.literal(2)]),
  at: number,
  connected: z.boolean(),
  isolated: z.boolean(),
  backlog: number.nonnegative(),
  oldestMs: number.nonnegative(),
  scanning: number.nonnegative(),
  // Agents from before say neither this, nor `rsyncRuns`, nor `off`.
  unwatched: number.nonnegative().default(0),
  large: number.nonnegative(),
  rsyncRuns: number.nonnegative().default(0),
  files: number,
  conflicts: number.nonnegative(),
  paused: byAccount,
  held: byAccount,
  working: z.record(z.string().max(300), z.array(z.string().max(100)).max(1000).readonly()).readonly(),
  off: z.array(z.string().max(300)).max(100_000).readonly().default([]),
  mailboxes: z
    .object({ count: number, waiting: number, failed: number, off: z.boolean() })
    .readonly()
    .default({ count: 0, waiting: 0, failed: 0, off: false }),
  roundTripMs: number.nullable(),
  skewMs: number.nullable(),
  sentBytes: number.nonnegative(),
  receivedBytes: number.nonnegative(),
  sources: z.record(z.string().max(64), z.string().max(64)).readonly(),
  rsync: z.string().max(64).nullable(),
  /** The newest losers of conflicts, as `conflicts/STAMP/TREE/PATH` in bytes. */
  kept: z.array(bytes).max(1000).readonly(),
});

export type Report = z.output<typeof report>;

const shown = z.object({
  size: number.nonnegative(),
  mtimeMs: number,
  owner: z.string().max(300),
  text: z.string().max(70_000).nullable(),
});

/** Both versions of something kept: what the agent answers to `view`. */
export const viewed = z.object({ key: bytes, kept: shown, current: shown.nullable() });
export type Viewed = z.output<typeof viewed>;

/** What the agent answers to `trash` and `conflicts`. */
export const listed = z.array(bytes).max(100_000);
