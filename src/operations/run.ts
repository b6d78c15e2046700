/** One turn of a leg: what it works with, how it looks at its master, and how it words what went wrong. */
import type { Plan } from '../actions/define.ts';
import { secretsOf as secretValues } from '../actions/index.ts';
import { Garbled } from '../errors.ts';
import type { WhmCall } from '../whm/call.ts';
import { functions } from '../whm/functions/index.ts';
import type { Again } from '../whm/functions/model.ts';
import type { Answer, Outcome } from '../whm/outcome.ts';
import { redactText } from '../whm/redact.ts';
import type { Client, Deps, Timing } from './deps.ts';
import { type Claimed, type Lease, takeSeen } from './lease.ts';
import type { LegJournal } from './leg-journal.ts';
import type { OpenedOperations } from './opened.ts';
import type { Reach } from './reach.ts';
import { placeOf, type Work } from './record.ts';
import type { Trouble } from './settle.ts';

export interface Runner extends Deps {
  readonly reach: Reach;
  readonly opened: OpenedOperations;
  /** Writes what goes well. */
  readonly legs: LegJournal;
  /** Name of the worker that takes the leases. */
  readonly owner: string;
  /**
   * Whether no other worker lives, as far as this one knows. Others would look at the same legs at the same time: no
   * harm, as only one of them can note its call, but waste.
   */
  readonly isAlone: () => boolean;
  /** Waits for the right to have one more call in flight on the master; call what it gives when the call is over; no harm twice. */
  readonly enter: (master: string) => Promise<() => void>;
  /** Waits until a call may be noted, because its place is free or about to be. */
  readonly reserve: (master: string) => Promise<Reserved>;
}

/** A call that may be noted as sent now, and gets its place right after. */
export interface Reserved {
  /** Waits for the place, before all others. undefined: none came free in time, so the call must not leave. */
  enter(withinMs: number): Promise<(() => void) | undefined>;
  /** The call will not be made. No harm after `enter`. */
  giveUp(): void;
}

export interface Run {
  readonly deps: Runner;
  readonly work: Work;
  /** While `seen` is set, the one that is about to be taken. */
  readonly lease: Lease;
  /** The lease is not taken yet. `until`: how long what was seen of the master counts, by the database's clock. */
  seen: { readonly read: NonNullable<Claimed['read']>; until: number } | undefined;
  readonly client: Client;
  readonly account: string;
  /** Set once a call of this leg may have changed something here. */
  sent: boolean;
  /** How long the last call took from its note to its first byte, milliseconds. */
  lagMs: number;
  /** Calls that this run has seen done. */
  readonly done: { fn: string; reason: string; data: unknown }[];
}

export type Failure = Exclude<Outcome, { kind: 'done' }>;
export type Look =
  | { readonly kind: 'plan'; readonly plan: Plan }
  | { readonly kind: 'failed'; readonly fn: string; readonly outcome: Failure };

export function name(run: Run): string {
  return `${run.deps.masters.get(run.work.leg.master).name}: ${run.work.operation.action}`;
}

/** Runs one call inside this worker's share of the master. The place may be left sooner than the call's end, and twice. */
export async function inFlight<T>(run: Run, call: (leave: () => void) => Promise<T>): Promise<T> {
  const leave = await run.deps.enter(run.work.leg.master);
  try {
    return await call(leave);
  } finally {
    leave();
  }
}

/**
 * The same for a call that is noted before it leaves: the place is taken for the call alone, and not while the journal
 * writes. undefined: no place came free within `withinMs` of the note, so the call did not leave.
 */
export async function notedInFlight<T>(
  run: Run,
  withinMs: number,
  note: () => Promise<void>,
  call: (leave: () => void) => Promise<T>,
): Promise<T | undefined> {
  const place = await run.deps.reserve(run.work.leg.master);
  try {
    await note();
    const leave = await place.enter(withinMs);
    if (leave === undefined) return undefined;
    try {
      return await call(leave);
    } finally {
      leave();
    }
  } finally {
    place.giveUp();
  }
}

/** Takes the lease, if that was not done before the look. */
export async function hold(run: Run): Promise<void> {
  if (run.seen === undefined) return;
  await takeSeen(run.deps, run.lease, run.seen.until);
  run.seen = undefined;
}

/** What is seen from now on counts for as long as a lease that is taken now. */
function seeing({ seen, deps }: Run): void {
  if (seen !== undefined) seen.until = seen.read.at + (performance.now() - seen.read.here) + deps.timing.leaseMs;
}

/** Reads the master and asks the action what is left to do there. */
export async function look(run: Run): Promise<Look> {
  const { action, params, leg } = run.work;
  const place = { ...placeOf(run.deps, leg), sent: run.sent };
  const answers: Answer[] = [];
  for (const call of action.observe(params, place)) {
    const deadlineMs = lookMs(run.deps.timing);
    const outcome = await inFlight(run, (answered) => {
      if (answers.length === 0) seeing(run);
      return run.client.call(call, { deadlineMs, answered });
    });
    run.deps.reach.note(leg.master, run.account, outcome);
    if (outcome.kind === 'done') answers.push({ ok: true, data: outcome.data });
    else if (outcome.kind === 'refused') answers.push({ ok: false, reason: outcome.reason });
    else return { kind: 'failed', fn: call.fn, outcome };
  }
  try {
    const seen = action.read(params, answers, place);
    if (leg.mode === 'undo') return { kind: 'plan', plan: action.undo?.(params, seen, place) ?? { kind: 'settled' } };
    return { kind: 'plan', plan: action.plan(params, seen, place) };
  } catch (error) {
    if (!(error instanceof Garbled)) throw error;
    return { kind: 'failed', fn: 'look', outcome: { kind: 'in-doubt', reason: error.message } };
  }
}

export function waitMs(run: Run, outcome: Outcome): number {
  const { first, most } = run.deps.timing.backoffMs;
  if (outcome.kind === 'not-sent') return first;
  return Math.min(most, first * 2 ** Math.min(run.work.leg.delays, 20));
}

export function troubleOf(run: Run, fn: string, outcome: Failure): Trouble {
  const reason = redactText(outcome.reason, secretsOf(run));
  const message = `${run.deps.masters.get(run.work.leg.master).name}: ${fn}: ${reason}`;
  switch (outcome.kind) {
    case 'refused':
      return { code: 'whm.refused', message, hint: 'Correct what WHM names, then retry; or adopt or skip.' };
    case 'denied':
      return {
        code: 'whm.denied',
        message,
        hint: `Check the token on this master, then: tandem resume ${run.work.leg.master}.`,
      };
    case 'busy':
      return { code: 'whm.busy', message, hint: 'Tandem tries again by itself.' };
    case 'not-sent':
      return { code: 'whm.unreachable', message, hint: 'Tandem tries again as soon as the master answers.' };
    case 'in-doubt':
      return {
        code: 'call.in-doubt',
        message,
        hint: 'Tandem looks at the master when the call can no longer take effect.',
      };
  }
}

export function secretsOf(run: Run): readonly string[] {
  return secretValues(run.work.action, run.work.params);
}

/** What the master answered so far, also to a worker that did not live to finish the plan. */
export function answersOf(run: Run): string {
  if (run.done.length === 0) return run.work.leg.answers;
  const earlier = JSON.parse(run.work.leg.answers) as unknown[];
  return JSON.stringify([...earlier, ...run.done]);
}

export function isLead(run: Run): boolean {
  const { operation, leg } = run.work;
  return operation.lead === leg.master && operation.decided_at === null;
}

/** A look is cheap and can be made again, so nobody listens to it for minutes; milliseconds. */
function lookMs(timing: Timing): number {
  return Math.min(30, timing.longestSeconds ?? 30) * 1000;
}

export function longestOf(call: WhmCall): number {
  return functions.get(call.api === 'whm' ? 'whm' : 'uapi', call.fn)?.longestSeconds ?? 300;
}

/** Whether a call in doubt may be made again. */
export function againOf({ action, params }: Pick<Work, 'action' | 'params'>): Again {
  return action.againFor?.(params) ?? action.again;
}
