/** Rows that both masters changed while neither heard of the other. */
import { z } from 'zod';

/** What a side did to a row, from what it was to what it is. */
export type Net = 'insert' | 'update' | 'delete' | 'passing' | 'untouched';

/**
 * What becomes of one row. It is written down on both masters before anything is applied, so that whoever goes on after
 * a kill decides the same.
 */
export const decisionSchema = z.object({
  database: z.string(),
  table: z.string(),
  /** Values of the key as SQL takes them. */
  key: z.array(z.string()),
  /** The key for people, such as 'id=7'. */
  label: z.string(),
  /** Every way in which the logs write the key: one collation's 'Bob' and 'bob' are one row. */
  names: z.array(z.string()),
  /** Rows that can only be decided together, because one unique value wandered between them. */
  group: z.number(),
  /** What each master did, such as 'update/delete', in the masters' order. */
  kind: z.string(),
  winner: z.string(),
  by: z.enum(['writer', 'later', 'change', 'first', 'same', 'arrived']),
  /** The row that stays, byte for byte (base64); null: none. */
  want: z.string().nullable(),
  /** What the other master had instead. */
  lost: z.string().nullable(),
  /** The table map that `want` is read by (base64). */
  map: z.string(),
  /** The winner's transaction in which the other master gets the row, by its sequence number. */
  setAt: z.string(),
  /** A sum of the loser's row when this was decided; another one then means that it was written again. */
  sum: z.string(),
  /**
   * Set where the loser's change had arrived on the winner over the winner's own: the loser's transaction in which the
   * winner gets its row back, and the sum of what stands there.
   */
  back: z.object({ at: z.string(), sum: z.string() }).nullable().default(null),
  /** Both images for people, by master. */
  images: z.record(z.string(), z.record(z.string(), z.string().nullable()).nullable()),
  /** When each wrote it last, seconds since 1970; null where it did not. */
  at: z.record(z.string(), z.number().nullable()),
});

export type Decision = z.output<typeof decisionSchema>;

/** Tables whose changes on both sides cannot be compared row by row. */
export interface Unjudged {
  readonly database: string;
  readonly table: string;
  readonly reason: string;
}

/** Who wins in a database, if that is settled: a one-writer account's master. */
export type WriterOf = (database: string) => string | undefined;
