/** Each master's version, as its worker last read it: what it can do, and whether the masters are alike. */
import { whm } from '../whm/call.ts';
import type { Outcome } from '../whm/outcome.ts';
import { field } from '../whm/shapes.ts';
import type { Deps } from './deps.ts';

const DEADLINE_MS = 10_000;
const VERSION = /^\d{1,4}(?:\.\d{1,6}){1,5}$/;

/** The version in the answer to WHM's `version`; undefined when there is none. */
export function versionIn(outcome: Outcome): string | undefined {
  const version = outcome.kind === 'done' ? field(outcome.data, 'version') : undefined;
  return typeof version === 'string' && VERSION.test(version) ? version : undefined;
}

/** Reads a master's version and keeps it in the journal. The outcome of the read is for the breaker. */
export async function noteVersion(
  deps: Pick<Deps, 'clients' | 'journal'>,
  master: string,
): Promise<Outcome | undefined> {
  const outcome = await deps.clients.get(master)?.call(whm('version'), { deadlineMs: DEADLINE_MS });
  if (outcome === undefined) return undefined;
  const version = versionIn(outcome);
  if (version !== undefined) {
    await deps.journal.write((db) => db.updateTable('masters').set({ version }).where('id', '=', master).execute());
  }
  return outcome;
}
