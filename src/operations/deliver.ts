/**
 * The one runner, for lead and followers: observe → plan → note sent → call → confirm. It decides nothing about
 * actions (that is `plan`) and nothing about answers (that is the client): it only turns outcomes into what the journal
 * is told.
 */
import { LeaseLost } from '../errors.ts';
import type { WhmCall } from '../whm/call.ts';
import type { Outcome } from '../whm/outcome.ts';
import { redactAnswer } from '../whm/redact.ts';
import { between } from './crash-points.ts';
import { type Claimed, claim, glance, noteSent } from './lease.ts';
import { comeBack, longJob } from './long-job.ts';
import {
  againOf,
  answersOf,
  type Failure,
  hold,
  isLead,
  longestOf,
  look,
  name,
  notedInFlight,
  type Run,
  type Runner,
  troubleOf,
  waitMs,
} from './run.ts';
import { type Attempt, type Before, settleAgain, settleDone, settleDoubt, type Trouble } from './settle.ts';
import { settleHeld, settleRefused, settleTakeBack, settleUndone } from './settle-no.ts';

/**
 * Runs one leg as far as it goes. Resolves true when it was taken, false when it could not be. Expected trouble ends in
 * the journal; a lost lease ends quietly, because whoever has it now goes on.
 */
export async function deliver(deps: Runner, legId: string): Promise<boolean> {
  const glanced = deps.isAlone() ? await glance(deps, legId, deps.owner) : 'taken first';
  if (glanced === undefined) return false;
  if (glanced !== 'taken first' && (await begin(deps, glanced))) return true;
  // Also what changed while it was looked at, or took too long: under a lease it gets on, however slow its master is.
  const claimed = await claim(deps, legId, deps.owner);
  return claimed !== undefined && begin(deps, claimed);
}

/** Resolves false when the lease could not be taken after the look. */
async function begin(deps: Runner, { work, lease, read }: Claimed): Promise<boolean> {
  const client = deps.clients.get(work.leg.master);
  if (client === undefined) throw new RangeError(`no client for master ${work.leg.master}`);
  const account = work.operation.account ?? work.operation.id;
  const seen = read && { read, until: read.at + deps.timing.leaseMs };
  const sent = work.leg.first_sent_at !== null;
  const run: Run = { deps, work, lease, seen, client, account, sent, lagMs: 0, done: [] };
  try {
    await turn(run);
  } catch (error) {
    if (!(error instanceof LeaseLost)) throw error;
    if (run.seen !== undefined) return false;
    deps.log.warn(
      { operation: lease.operation, leg: lease.leg, reason: error.message },
      'a lease was lost; the leg goes on elsewhere',
    );
  }
  return true;
}

async function turn(run: Run): Promise<void> {
  const { work } = run;
  if (work.leg.state === 'sent') {
    // The worker that sent it died, or lost its lease: nobody knows what became of the call.
    return doubtOrHold(run, {
      code: 'call.in-doubt',
      message: `${name(run)}: the worker that made the call did not live to hear the answer`,
      hint: 'Tandem looks at the master when the call can no longer take effect.',
    });
  }
  await filesAside(run);
  const step = await longJob(run);
  if (step.kind === 'goes-on') return comeBack(run, step);
  if (step.kind === 'failed') return refusedByPlan(run, step.reason, undefined, step.hint);
  const seen = await look(run);
  if (seen.kind === 'plan' && seen.plan.kind === 'apply') return applyCalls(run, seen.plan.calls);
  // Nothing leaves, so there is no note to take the lease with.
  await hold(run);
  if (seen.kind === 'failed') return failedLook(run, seen.fn, seen.outcome);
  return seen.plan.kind === 'refused' ? refusedByPlan(run, seen.plan.reason) : finish(run);
}

/** Homes that this operation makes, moves or removes are left alone by whoever carries files. */
async function filesAside({ deps, work }: Run): Promise<void> {
  if (work.action.homes !== true) return;
  const keys = work.action.keys(work.params);
  const accounts = keys.flatMap(({ name, exclusive }) =>
    exclusive && name.startsWith('account:') ? [name.slice('account:'.length)] : [],
  );
  await deps.files?.aside(accounts, work.operation.id);
}

/** A read changes nothing, so whatever went wrong, the leg stays where it was and is tried later. */
function failedLook(run: Run, fn: string, outcome: Failure): Promise<void> {
  return settleAgain(run.deps, run.work, run.lease, {
    before: { state: run.work.leg.state },
    waitMs: waitMs(run, outcome),
    delayed: outcome.kind !== 'not-sent',
    trouble: troubleOf(run, fn, outcome),
  });
}

async function finish(run: Run): Promise<void> {
  if (run.work.leg.mode === 'undo') return settleUndone(run.deps, run.work, run.lease);
  return settleDone(run.deps, run.work, run.lease, answersOf(run));
}

function refusedByPlan(run: Run, reason: string, attempt?: Attempt, hint?: string): Promise<void> {
  const trouble: Trouble = {
    code: 'whm.refused',
    message: `${run.deps.masters.get(run.work.leg.master).name}: ${reason}`,
    hint: hint ?? 'Correct what WHM names, then retry; or adopt or skip.',
  };
  const clean = !run.sent && run.done.length === 0;
  const alone = run.work.operation.committed === 0;
  if (isLead(run) && clean && alone) return settleRefused(run.deps, run.work, run.lease, trouble, attempt);
  return settleHeld(run.deps, run.work, run.lease, trouble, attempt);
}

async function applyCalls(run: Run, calls: readonly WhmCall[]): Promise<void> {
  const { work } = run;
  // Taking back is done again at will: it is planned from what is there.
  const doubted = work.leg.state === 'doubt' && work.leg.mode === 'do';
  if (doubted && againOf(run.work) === 'never') {
    return settleHeld(run.deps, work, run.lease, {
      code: 'call.in-doubt',
      message: `${name(run)}: it may have happened, and it must not be done twice`,
      hint: 'Look at the master; then adopt if it happened, retry if it did not.',
    });
  }
  if (doubted && work.operation.state === 'undecided' && work.operation.lead !== work.leg.master) {
    return nobodyElseHasIt(run);
  }
  for (const call of calls) {
    const outcome = await send(run, call);
    if (outcome.kind !== 'done') return failedCall(run, call, outcome);
    run.sent = true;
    run.done.push({ fn: call.fn, reason: outcome.reason, data: redactAnswer(call, outcome.data) });
  }
  return confirm(run);
}

/** The new lead refused, and this master, that was in doubt, does not have it: nobody has it. Unless a part is here. */
async function nobodyElseHasIt(run: Run): Promise<void> {
  const { deps, work, lease } = run;
  const trouble: Trouble = {
    code: 'whm.refused',
    message: work.operation.refusal ?? 'the master that led next refused it',
  };
  // As if nothing had ever been sent: what is in the way then is a part of ours.
  const fresh = await look({ ...run, sent: false });
  if (fresh.kind === 'failed') return failedLook(run, fresh.fn, fresh.outcome);
  if (fresh.plan.kind === 'apply') return settleRefused(deps, work, lease, trouble);
  if (work.action.undo === undefined) return settleHeld(deps, work, lease, { ...trouble, code: 'whm.partial' });
  return settleTakeBack(deps, work, lease, trouble);
}

async function send(run: Run, call: WhmCall): Promise<Outcome> {
  const { deps, work, lease } = run;
  // Nobody listens for longer than the call can last: what lasts longer is in doubt for as long again.
  const deadlineMs = (deps.timing.longestSeconds ?? work.action.longestSeconds ?? longestOf(call)) * 1000;
  const longestMs = deadlineMs + LEAVE_WITHIN_MS;
  let noted = 0;
  async function note(): Promise<void> {
    noted = performance.now();
    await noteSent(deps, lease, { deadlineMs, longestMs, answers: answersOf(run), seenUntil: run.seen?.until });
    run.seen = undefined;
  }
  const outcome = await notedInFlight(run, PLACE_WITHIN_MS, note, (answered) =>
    between(deps.crash, 'send', async () => {
      run.lagMs = performance.now() - noted;
      return run.lagMs > LEAVE_WITHIN_MS ? OVERSLEPT : run.client.call(call, { deadlineMs, answered });
    }),
  );
  if (outcome === undefined) return NO_PLACE;
  deps.reach.note(work.leg.master, run.account, outcome);
  return outcome;
}

/** A noted call leaves within this time, or not at all: whoever takes over, should this worker die now, counts it in. */
const LEAVE_WITHIN_MS = 500;
/** A noted call waits no longer for its place. */
const PLACE_WITHIN_MS = 250;
const OVERSLEPT: Outcome = { kind: 'not-sent', reason: 'this worker was stopped before the call could leave' };
const NO_PLACE: Outcome = { kind: 'not-sent', reason: 'all calls that the master may have at once take long' };

/** WHM's own "1" is the proof, unless the action wants to see it. */
async function confirm(run: Run): Promise<void> {
  if (run.work.action.proof !== 'look') return finish(run);
  const seen = await look(run);
  if (seen.kind === 'plan' && seen.plan.kind === 'settled') return finish(run);
  // What it did may show that more is left: go on while each look finds something else to do.
  const next = seen.kind === 'plan' && seen.plan.kind === 'apply' ? seen.plan.calls : undefined;
  if (next !== undefined && !run.done.some((d) => d.fn === next[0].fn)) return applyCalls(run, next);
  const why =
    seen.kind === 'failed'
      ? seen.outcome.reason
      : seen.plan.kind === 'refused'
        ? seen.plan.reason
        : 'WHM said yes, but it is not there';
  return doubtOrHold(run, { code: 'call.did-not-take', message: `${name(run)}: ${why}` });
}

function failedCall(run: Run, call: WhmCall, outcome: Failure): Promise<void> {
  const trouble = troubleOf(run, call.fn, outcome);
  const attempt: Attempt = {
    fn: call.fn,
    sent: outcome.kind !== 'not-sent',
    outcome: outcome.kind,
    reason: trouble.message,
  };
  switch (outcome.kind) {
    case 'not-sent':
    case 'busy':
    case 'denied':
      return backAgain(run, outcome, trouble, attempt);
    case 'refused':
      if (run.work.action.stale?.(outcome.reason) === true) return backAgain(run, outcome, trouble, attempt);
      return refusedCall(run, trouble, attempt);
    case 'in-doubt':
      return inDoubt(run, trouble, attempt);
  }
}

/** The call changed nothing; earlier calls of the plan may have, and then the leg starts with a look. */
function backAgain(run: Run, outcome: Failure, trouble: Trouble, attempt: Attempt): Promise<void> {
  const { leg } = run.work;
  const before: Before =
    run.done.length > 0 ? { state: 'ready' } : { state: leg.state, firstSentAt: leg.first_sent_at };
  return settleAgain(run.deps, run.work, run.lease, {
    before,
    waitMs: waitMs(run, outcome),
    delayed: outcome.kind !== 'not-sent',
    trouble,
    attempt,
  });
}

function inDoubt(run: Run, trouble: Trouble, attempt: Attempt): Promise<void> {
  if (againOf(run.work) === 'never') return settleHeld(run.deps, run.work, run.lease, trouble, attempt);
  return doubtOrHold(run, trouble, attempt);
}

/** Doubt again and again helps nobody: after so many a person is asked. */
function doubtOrHold(run: Run, trouble: Trouble, attempt?: Attempt): Promise<void> {
  const { deps, work, lease } = run;
  if (work.leg.doubts + 1 >= deps.timing.maxDoubts) return settleHeld(deps, work, lease, trouble, attempt);
  return settleDoubt(deps, work, lease, trouble, { attempt, lagMs: run.lagMs });
}

/** WHM said no. As lead, a look shows whether it changed something all the same. */
async function refusedCall(run: Run, trouble: Trouble, attempt: Attempt): Promise<void> {
  const { deps, work, lease } = run;
  const held = () => settleHeld(deps, work, lease, trouble, attempt);
  if (!isLead(run) || work.operation.committed === 1 || work.leg.mode === 'undo') return held();
  const seen = await look({ ...run, sent: true });
  if (seen.kind === 'failed') return doubtOrHold(run, trouble, attempt);
  if (seen.plan.kind === 'settled' && run.done.length === 0) return finish(run);
  if (seen.plan.kind === 'refused') return held();
  const unchanged = run.done.length === 0 && seen.plan.kind === 'apply' && seen.plan.calls[0].fn === attempt.fn;
  if (unchanged) return settleRefused(deps, work, lease, trouble, attempt);
  if (work.action.undo === undefined)
    return settleHeld(deps, work, lease, { ...trouble, code: 'whm.partial' }, attempt);
  return settleTakeBack(deps, work, lease, trouble, attempt);
}

/** Keeps a bug or a lost journal from stopping the worker; the leg's lease ends and the sweep finds it again. */
export async function deliverSafely(deps: Runner, legId: string): Promise<boolean> {
  try {
    return await deliver(deps, legId);
  } catch (error) {
    deps.log.error({ leg: legId, err: error }, 'a leg could not be run; it is tried again when its lease ends');
    return false;
  }
}
