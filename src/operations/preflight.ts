/** Before a creation is accepted, every reachable master is asked what would make it refuse. */
import type { Action, Key } from '../actions/define.ts';
import { Refused, Unreachable } from '../errors.ts';
import { mastersChanging, mastersHolding } from './accept-statements.ts';
import type { Deps } from './deps.ts';
import type { KnownMaster } from './known-reach.ts';
import { readAll } from './read-all.ts';
import type { Db } from './record.ts';

/**
 * Throws Refused with WHM's own sentence when a reachable master would refuse, and Unreachable when none can be
 * reached (unless `queue`).
 */
export async function preflight(
  deps: Deps,
  action: Action,
  params: Record<string, unknown>,
  queue: boolean,
  known: readonly KnownMaster[],
  only?: readonly string[],
): Promise<void> {
  const usable = known.filter((m) => m.state === 'reachable' && (only?.includes(m.id) ?? true)).map((m) => m.id);
  if (action.preflight === undefined && usable.length > 0) return;
  const behind = await deps.journal.read((db) => behindOn(deps, db, action.keys(params)));
  const verdicts = await Promise.all(usable.map((id) => (behind.has(id) ? UNSURE : ask(deps, action, params, id))));
  for (const verdict of verdicts) {
    if (verdict.kind === 'no') throw new Refused(verdict.reason, { hint: 'Nothing was changed on any master.' });
  }
  if (verdicts.some((v) => v.kind === 'yes')) return;
  if (!queue) {
    throw new Unreachable('no master can be reached, so nothing was accepted', {
      hint: 'Try again when a master is back, or queue it: it is then done as soon as one answers.',
    });
  }
}

/** What a master shows that has unfinished work on these very things is not what it will show then. */
async function behindOn({ journal }: Deps, db: Db, keys: readonly Key[]): Promise<ReadonlySet<string>> {
  const names = (exclusive: boolean) => keys.filter((k) => k.exclusive === exclusive).map((k) => k.name);
  const [own, shared] = [names(true), names(false)];
  const holding = own.length === 0 ? [] : (await journal.prepare(mastersHolding)(db, { names: own })).rows;
  const changing = shared.length === 0 ? [] : (await journal.prepare(mastersChanging)(db, { names: shared })).rows;
  return new Set([...holding, ...changing].map((r) => r.master));
}

type Verdict = { readonly kind: 'yes' } | { readonly kind: 'no'; readonly reason: string } | { readonly kind: 'away' };

/** It can be asked, and would not know. */
const UNSURE: Verdict = { kind: 'yes' };

async function ask(deps: Deps, action: Action, params: Record<string, unknown>, id: string): Promise<Verdict> {
  const master = deps.masters.get(id);
  const questions = action.preflight?.(params, { master, masters: deps.masters, sent: false });
  if (questions === undefined) return { kind: 'yes' };
  const answers = await readAll(deps, id, questions.calls);
  if (answers === undefined) return { kind: 'away' };
  const reason = questions.judge(answers);
  return reason === undefined ? { kind: 'yes' } : { kind: 'no', reason: `${master.name}: ${reason}` };
}
