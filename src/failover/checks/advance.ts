import { isFlapping } from './flapping.ts';
import type { Advanced, CheckEvent, CheckRule, CheckState, Result, Surroundings } from './model.ts';

/**
 * The life of a check, as a table:
 *
 * | was            | result comes in          | becomes                    | next run |
 * |----------------|--------------------------|----------------------------|----------|
 * | ok, hard       | ok                       | ok, hard                   | every    |
 * | ok, hard       | bad, attempts = 1        | bad, hard: problem         | every    |
 * | ok, hard       | bad                      | bad, soft 1                | retry    |
 * | bad, soft n    | bad, n + 1 < attempts    | bad, soft n + 1            | retry    |
 * | bad, soft n    | bad, n + 1 = attempts    | bad, hard: problem         | every    |
 * | bad, soft n    | ok                       | ok, hard (nothing is told) | every    |
 * | bad, hard      | other bad                | other bad, hard: problem   | every    |
 * | bad, hard      | ok                       | ok, hard: recovery         | every    |
 * | any            | bad, its parent is bad   | unchanged                  | retry    |
 *
 * A bad result while its parent is bad says nothing: a dead gateway is not a dead master.
 */

/** A run of `ms` from now, a little earlier by chance. */
function dueIn(ms: number, rule: CheckRule, { now, chance }: Surroundings): number {
  return now + Math.round(ms * (1 - rule.jitter * chance));
}

interface Step {
  readonly type: CheckState['type'];
  readonly attempt: number;
  readonly hard: Result;
}

/** The table's middle columns. */
function step(was: CheckState, result: Result, attempts: number): Step {
  if (result === 'ok') return { type: 'hard', attempt: 1, hard: 'ok' };
  if (was.type === 'hard' && was.result !== 'ok') return { type: 'hard', attempt: was.attempt, hard: result };
  const attempt = was.result === 'ok' ? 1 : was.attempt + 1;
  return attempt < attempts ? { type: 'soft', attempt, hard: was.hard } : { type: 'hard', attempt, hard: result };
}

function eventsOf(was: CheckState, hard: Result, flapping: boolean): readonly CheckEvent[] {
  const turned: readonly CheckEvent[] =
    hard === was.hard ? [] : [{ kind: hard === 'ok' ? 'recovery' : 'problem', from: was.hard, to: hard }];
  if (flapping === was.flapping) return turned;
  return [...turned, { kind: flapping ? 'flapping-began' : 'flapping-ended' }];
}

/** Takes one result in. Pure: the caller gives time and chance. */
export function advance(was: CheckState, result: Result, rule: CheckRule, around: Surroundings): Advanced {
  if (around.parentIsBad && result !== 'ok') {
    return { state: { ...was, nextAt: dueIn(rule.retryMs, rule, around) }, events: [], tell: false };
  }
  const next = step(was, result, rule.attempts);
  const changes = [...was.changes, result !== was.result].slice(-21);
  const flapping = isFlapping(changes, was.flapping);
  const events = eventsOf(was, next.hard, flapping);
  const acknowledged = was.acknowledged && next.hard !== 'ok';
  const state: CheckState = {
    ...next,
    result,
    changes,
    flapping,
    acknowledged,
    since: next.hard === was.hard ? was.since : around.now,
    nextAt: dueIn(next.type === 'soft' ? rule.retryMs : rule.everyMs, rule, around),
  };
  const isQuiet = around.planned || was.acknowledged || (flapping && was.flapping);
  return { state, events, tell: events.length > 0 && !isQuiet };
}

/** Somebody has seen the problem. Means nothing for a check that is well. */
export function acknowledge(state: CheckState): CheckState {
  return state.hard === 'ok' ? state : { ...state, acknowledged: true };
}
