import { z } from 'zod';

/** The part of a watcher's state that the portal shows, checked: the watcher may be of another version. */

const when = z.iso.datetime();
const texts = z.array(z.string()).default([]);

const outcome = z.object({
  kind: z.enum(['done', 'stragglers', 'asks', 'failed', 'stopped']),
  sentence: z.string(),
  counts: z.object({ zones: z.number(), changed: z.number(), left: z.number() }),
  steps: z.array(z.object({ name: z.string(), seconds: z.number() })).default([]),
  stragglers: z.array(z.object({ server: z.string(), sentence: z.string() })).default([]),
});

export const seenSchema = z.object({
  node: z.string(),
  at: when,
  light: z.enum(['redundant', 'degraded', 'failed-over', 'unknown']),
  sentence: z.string(),
  masters: z.array(
    z.object({
      id: z.string(),
      site: z.string(),
      sight: z.string(),
      state: z.string(),
      sentence: z.string(),
      evidence: texts,
      fence: z.object({ said: z.string(), why: z.string().optional() }).optional(),
    }),
  ),
  active: z.object({ pair: z.string(), accounts: z.record(z.string(), z.string()) }).optional(),
  conflict: texts,
  orders: z.array(
    z.object({
      id: z.string(),
      kind: z.enum(['switch', 'return']),
      from: z.string(),
      to: z.string(),
      account: z.string().optional(),
      accounts: texts,
      at: when,
      by: z.string(),
      evidence: texts,
    }),
  ),
  placement: z
    .object({ homes: z.number(), unprotected: z.number(), waiting: texts, why: z.string().optional() })
    .optional(),
  hold: z.object({ by: z.string(), reason: z.string() }).optional(),
  downtime: z
    .array(
      z.object({
        id: z.string(),
        by: z.string(),
        master: z.string(),
        from: z.number(),
        until: z.number(),
        reason: z.string(),
      }),
    )
    .default([]),
  others: z.array(z.object({ id: z.string(), answers: z.boolean(), why: z.string().optional() })).default([]),
  checks: z.array(
    z.object({
      id: z.string(),
      master: z.string().optional(),
      vital: z.boolean(),
      result: z.string(),
      hard: z.string(),
      text: z.string(),
      since: when,
      recent: texts,
      recentMs: z.array(z.number()).default([]),
      acknowledged: z.boolean(),
    }),
  ),
  publish: z.object({ last: z.object({ order: z.string(), at: when, outcome }).optional() }).optional(),
  warnings: texts,
  history: z.array(
    z.object({
      at: z.number(),
      kind: z.string(),
      subject: z.string(),
      sentence: z.string(),
      state: z.string().optional(),
      evidence: texts,
    }),
  ),
});

/** What one watcher said of itself and of what it sees. */
export type Seen = z.output<typeof seenSchema>;
