/** Small things that nearly every kind needs to read a master. */
import type { z } from 'zod';
import { Garbled } from '../../errors.ts';
import type { WhmCall } from '../../whm/call.ts';
import type { Answers, Place, RepairInput, Repairs, Seen, Value } from '../model.ts';
import { repairs } from '../model.ts';

/** The data of a good answer; a sentence when the master could not or would not tell. Throws Garbled. */
export function told<T>(
  answers: Answers,
  call: WhmCall,
  schema: z.ZodType<T>,
): { readonly value: T } | { readonly reason: string } {
  const answer = answers(call);
  if (answer.ok !== true) return { reason: answer.reason };
  const parsed = schema.safeParse(answer.data);
  if (parsed.success) return { value: parsed.data };
  throw new Garbled(`${call.fn} answered in an unknown shape: ${parsed.error.issues[0]?.message ?? ''}`);
}

/** What an earlier round told, or nothing where it did not: the reading says later why. */
export function sofar<T>(answers: Answers, call: WhmCall, schema: z.ZodType<T>, none: T): T {
  const answer = answers(call);
  const parsed = answer.ok === true ? schema.safeParse(answer.data) : undefined;
  return parsed?.success === true ? parsed.data : none;
}

export function unread(reason: string): Seen {
  return { ok: false, reason };
}

export function seen(things: Iterable<readonly [string, Value]>): Seen {
  return { ok: true, things: new Map(things) };
}

/** The first master's counterpart of an address or host name: equal things then have equal texts. */
export function neutral(value: string, { masters }: Place): string {
  const first = masters.list[0];
  if (first === undefined) return value;
  const bare = value.replace(/\.$/, '').toLowerCase();
  if (masters.list.some((m) => m.hostname.toLowerCase() === bare))
    return value.endsWith('.') ? `${first.hostname}.` : first.hostname;
  return masters.translate(value, first.id);
}

/** A repair of one step. */
export function oneStep(
  input: Pick<RepairInput, 'to'>,
  action: string,
  params: Readonly<Record<string, unknown>>,
  sentence: string,
  removes = false,
): Repairs {
  return repairs({ action, params, only: [input.to.master], removes, sentence });
}

export function text(value: unknown): string {
  return typeof value === 'string' ? value : typeof value === 'number' ? String(value) : '';
}

/** MB as the actions take it: a number, or 'unlimited'. */
export function quota(value: string | undefined): number | 'unlimited' {
  const number = Number((value ?? '').replace(/M$/, ''));
  return Number.isFinite(number) && number > 0 ? Math.round(number) : 'unlimited';
}
