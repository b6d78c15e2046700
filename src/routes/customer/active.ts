/** What lives on the account's active master alone: its files, and what stands in them. */
import type { z } from 'zod';
import { type AppError, Refused, Unreachable } from '../../errors.ts';
import type { WhmCall } from '../../whm/call.ts';
import type { Download } from '../../whm/outcome.ts';
import type { Known } from '../portal/remembered.ts';
import type { Visit } from './visit.ts';

/** Id of the master that serves the account now. */
export async function activeOf(visit: Visit): Promise<string> {
  return (await visit.parts.copies(visit.account)).active;
}

/** From memory, like `visit.ask`, but of the active master and no other. */
export async function askActive<T>(visit: Visit, call: WhmCall, shape: z.ZodType<T>): Promise<Known<T>> {
  return visit.askOn(await activeOf(visit), call, shape);
}

/** How long a page waits for the active master where an old answer would be wrong: an editor, a list after an upload. */
const patienceMs = 4000;

export type Fresh<T> =
  | { readonly ok: true; readonly value: T; readonly from: string }
  | { readonly ok: false; readonly sentence: string };

/** The answer of this moment, or a sentence that says why there is none. */
export async function readActive<T>(visit: Visit, call: WhmCall, shape: z.ZodType<T>): Promise<Fresh<T>> {
  const from = await activeOf(visit);
  const site = visit.siteOf(from);
  const outcome = await within(visit.parts.on(from, call), patienceMs);
  if (outcome === undefined) return { ok: false, sentence: visit.say('files.late', { site }) };
  if (outcome.kind !== 'done') {
    const reason = visit.plain(outcome.reason);
    return {
      ok: false,
      sentence: visit.say(outcome.kind === 'refused' ? 'files.refused' : 'files.away', { site, reason }),
    };
  }
  const parsed = shape.safeParse(outcome.data);
  if (parsed.success) return { ok: true, value: parsed.data, from };
  return { ok: false, sentence: visit.say('files.odd', { site }) };
}

/** Why a file could not be had, as an error for people. */
export function noFile(visit: Visit, { kind, reason }: Exclude<Download, { kind: 'file' }>): AppError {
  if (kind === 'away') return new Unreachable('problem.unreachable');
  return new Refused('refused.by-server', { hint: visit.plain(reason) });
}

async function within<T>(work: Promise<T>, ms: number): Promise<T | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), ms);
  });
  return Promise.race([work, late]).finally(() => clearTimeout(timer));
}
