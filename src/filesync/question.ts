import { z } from 'zod';

/** What is asked of an agent over its control socket: one line of JSON each way. */
export const request = z.strictObject({
  verb: z.string().max(40),
  rest: z.array(z.string().max(8192)).max(10),
  putBack: z.boolean().default(false),
  /** The words are bytes already, a character each, not what somebody typed. */
  bytes: z.boolean().default(false),
});
export type Request = z.input<typeof request>;

export const reply = z.strictObject({
  text: z.string(),
  json: z.unknown().optional(),
  exit: z.int().min(0).max(255),
  error: z.string().optional(),
});
export type Reply = z.output<typeof reply>;
