import type { WhmCall } from '../whm/call.ts';
import type { Answer } from '../whm/outcome.ts';
import type { Deps } from './deps.ts';

/** A person or a sweep waits for these reads: a master that takes longer counts as away. */
const DEADLINE_MS = 10_000;

/** The answers to some reads, in order; undefined when the master could not be asked. `mostMs`: for each of them. */
export async function readAll(
  deps: Pick<Deps, 'clients' | 'timing'>,
  master: string,
  calls: readonly WhmCall[],
  mostMs = DEADLINE_MS,
): Promise<readonly Answer[] | undefined> {
  const answers: Answer[] = [];
  const deadlineMs = Math.min(mostMs, (deps.timing.longestSeconds ?? DEADLINE_MS) * 1000);
  for (const call of calls) {
    const outcome = await deps.clients.get(master)?.call(call, { deadlineMs });
    if (outcome?.kind === 'done') answers.push({ ok: true, data: outcome.data });
    else if (outcome?.kind === 'refused') answers.push({ ok: false, reason: outcome.reason });
    else return undefined;
  }
  return answers;
}
