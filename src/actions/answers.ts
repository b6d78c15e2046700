import { z } from 'zod';
import { Garbled } from '../errors.ts';
import type { Answer } from '../whm/outcome.ts';
import { type Plan, refused } from './define.ts';

/** A list or a thing on a master, or WHM's reason why it cannot be read. */
export type Readable<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly reason: string };

/** Declared integers arrive as numbers or as text. */
export const numeric = z.union([
  z.number(),
  z
    .string()
    .regex(/^-?\d+$/)
    .transform(Number),
]);

/** Limits arrive as a number, its text, 'unlimited' or null; always text here. */
export const limitText = z.union([z.string(), z.number().transform(String), z.null().transform(() => 'unlimited')]);

/** The answer at one place of the list, which has as many as there were calls. */
function at(answers: readonly Answer[], index: number): Answer {
  const answer = answers[index];
  if (answer === undefined) throw new Garbled('a look was answered with fewer answers than it asked for');
  return answer;
}

/** Data of a good answer in a known shape. Throws Garbled for an unknown shape; a refusal is handed on. */
export function readable<T>(answers: readonly Answer[], index: number, schema: z.ZodType<T>): Readable<T> {
  const answer = at(answers, index);
  if (!answer.ok) return { ok: false, reason: answer.reason };
  const parsed = schema.safeParse(answer.data);
  if (parsed.success) return { ok: true, value: parsed.data };
  throw new Garbled(`an answer has no known shape: ${z.prettifyError(parsed.error)}`, { cause: parsed.error });
}

/**
 * One thing that is asked for by name. WHM refuses when there is none; its text is the only sign (`absent`), so any
 * other refusal throws Garbled: it proves nothing.
 */
export function present<T>(
  answers: readonly Answer[],
  index: number,
  schema: z.ZodType<T>,
  absent: RegExp,
): T | undefined {
  const answer = readable(answers, index, schema);
  if (answer.ok) return answer.value;
  if (absent.test(answer.reason)) return undefined;
  throw new Garbled(`a look was refused: ${answer.reason}`);
}

/** Plans on what was read; what cannot be read here (no such account, a feature that is off) cannot be changed here. */
export function when<T>(seen: Readable<T>, plan: (value: T) => Plan): Plan {
  return seen.ok ? plan(seen.value) : refused(seen.reason);
}
