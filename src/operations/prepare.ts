/** Completes a request's parameters from a master that can be read, before it is accepted. */
import { encrypt } from 'unixcrypt';
import type { Action } from '../actions/define.ts';
import { activeMaster } from './active.ts';
import type { Deps } from './deps.ts';
import { knownNow } from './known-reach.ts';
import { readAll } from './read-all.ts';

/** A person waits, and without an answer it goes on: a master that hangs costs no more than this, milliseconds. */
const patienceMs = 3000;

/** The parameters as they are when nothing is to be prepared, or when no master answers. Throws Garbled, or Invalid. */
export async function prepareParams(
  deps: Deps,
  action: Action,
  params: Record<string, unknown>,
  only?: readonly string[],
): Promise<Record<string, unknown>> {
  const wanted = action.prepare?.(params, deps.masters);
  if (wanted === undefined) return params;
  const subject = action.subject(params);
  const account = subject.kind === 'account' ? subject.account : null;
  const active = (await deps.journal.read((db) => activeMaster(deps, db, account))).master;
  const reachable = (await knownNow(deps)).filter((m) => m.state === 'reachable').map((m) => m.id);
  // Where only some are to change, what counts is what those show.
  const order =
    only === undefined
      ? reachable.sort((a, b) => Number(b === active) - Number(a === active))
      : reachable.filter((id) => only.includes(id));
  for (const master of order) {
    const answers = await readAll(deps, master, wanted.calls, patienceMs);
    if (answers !== undefined) return wanted.fill(answers, encrypt);
  }
  return params;
}
