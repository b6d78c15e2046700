import type { Actor } from '../../auth/actor.ts';
import type { OwnerOf } from '../../auth/may.ts';
import { AppError, Invalid, messageOf, NotAllowed, Refused } from '../../errors.ts';
import type { OperationView } from '../../operations/model.ts';
import type { Outcome } from '../../whm/outcome.ts';
import { bounded } from '../bounds.ts';
import { type CallAnswer, notPermitted, unknownFunction } from './answer.ts';
import type { PassthroughDeps } from './deps.ts';
import { judge, type Verdict, type Wanted } from './judge.ts';
import { merged } from './merge.ts';
import { answeredHere } from './own.ts';

/** Who asks, and what ends their patience. */
export interface Caller {
  readonly actor: Actor;
  readonly idempotencyKey?: string;
  /** Aborted when the caller hangs up; the work goes on. */
  readonly signal: AbortSignal;
}

const defaultWaitMs = 25_000;

/** A master's answer to a read. What proves nothing is a failure with a sentence, never an empty success. */
export function relayed(outcome: Outcome): CallAnswer {
  switch (outcome.kind) {
    case 'done':
      return { ok: true, data: outcome.data, reason: outcome.reason, body: outcome.body };
    case 'refused':
      return { ok: false, reason: outcome.reason, body: outcome.body };
    case 'denied':
      return {
        ok: false,
        reason: 'The server did not accept the sign-in of the control node; its operators have been told.',
      };
    case 'busy':
    case 'not-sent':
    case 'in-doubt':
      return { ok: false, reason: `The server cannot answer at the moment: ${outcome.reason}` };
  }
}

/** What a decided operation says to the caller: the lead's own data and reason where it made the very call asked for. */
export function decided(view: OperationView, fn: string): CallAnswer {
  const lead = view.legs.find((leg) => leg.master === view.lead);
  switch (view.state) {
    case 'following':
    case 'done': {
      const own = lead?.answers.findLast((answer) => answer.fn === fn);
      const last = lead?.answers.at(-1);
      return { ok: true, data: own?.data, reason: own?.reason ?? last?.reason ?? 'OK' };
    }
    case 'refused':
      return { ok: false, reason: lead?.error?.message ?? `Operation ${view.id} was refused.` };
    case 'withdrawn':
      return {
        ok: false,
        reason: `Operation ${view.id} was withdrawn before it reached a server; nothing was changed.`,
      };
    case 'undecided':
      return {
        ok: false,
        reason: `Operation ${view.id} is not decided: ${lead?.error?.message ?? 'a person has to look at it'}. Do not repeat the call.`,
      };
    case 'accepted':
      return {
        ok: false,
        reason: `Operation ${view.id} was accepted and goes on; no server has finished it yet. Do not repeat the call with other values.`,
      };
  }
}

/** Nothing was ever sent and no master answers: taking it back makes the caller's own retry right. */
async function expired(deps: PassthroughDeps, view: OperationView, caller: Caller): Promise<OperationView> {
  if (view.state !== 'accepted' || !view.canWithdraw) return view;
  const status = await deps.reads.status();
  if (status.masters.some((master) => master.state === 'reachable')) return view;
  try {
    return await deps.operations.withdraw(view.id, caller.actor);
  } catch (error) {
    deps.log.info({ operation: view.id, error: messageOf(error) }, 'not withdrawn: it was sent meanwhile');
    return view;
  }
}

/** The core says which master spoke (`M1: …`); a client expects WHM's own sentence. */
async function withoutName(deps: PassthroughDeps, reason: string): Promise<string> {
  const { masters } = await deps.reads.status();
  const prefix = masters.map(({ name }) => `${name}: `).find((name) => reason.startsWith(name));
  return prefix === undefined ? reason : reason.slice(prefix.length);
}

async function write(
  deps: PassthroughDeps,
  fn: string,
  verdict: Verdict & { kind: 'write' },
  caller: Caller,
): Promise<CallAnswer> {
  const { actor, idempotencyKey, signal } = caller;
  const { action } = verdict;
  const params = bounded(actor, action, verdict.params);
  const subject = deps.tables.subject(action, params);
  if (!deps.may(actor, action, subject, await ownersFor(deps, actor))) return notPermitted(fn);
  const key = idempotencyKey === undefined ? {} : { idempotencyKey };
  const accepted = await deps.operations.accept({ action, params, actor, door: 'passthrough', ...key });
  const view = await deps.operations.wait(accepted.id, 'decided', deps.waitMs ?? defaultWaitMs, signal);
  deps.log.info({ operation: view.id, action, fn, actor: actor.name, state: view.state }, 'passthrough operation');
  const answer = decided(await expired(deps, view, caller), fn);
  if (answer.ok || view.state !== 'refused') return answer;
  return { ok: false, reason: await withoutName(deps, answer.reason) };
}

/** A reseller's reach depends on who owns what; nobody else's does, so nobody else pays for the look. */
async function ownersFor(deps: PassthroughDeps, actor: Actor): Promise<OwnerOf> {
  if (actor.scope === 'all' || !('reseller' in actor.scope)) return () => undefined;
  const { rows } = await deps.reads.accounts(actor);
  const owners = new Map(rows.map((row) => [row.user, row.owner]));
  return (account) => owners.get(account);
}

/** A token reads when it may read or do everything; a person of any role reads. */
function readsAtAll(actor: Actor): boolean {
  return actor.acl === undefined || actor.acl.some((entry) => entry === 'all' || entry === 'read');
}

/** Functions that a bounded caller may read without naming an account: they are cut down to what is theirs. */
const cutDown: ReadonlySet<string> = new Set(['listaccts', 'version']);

/** Whether the caller may read it. A bounded one must name something of their own. */
async function mayRead(
  deps: PassthroughDeps,
  actor: Actor,
  verdict: Verdict & { kind: 'read' | 'merge' },
): Promise<boolean> {
  if (!readsAtAll(actor)) return false;
  if (actor.scope === 'all' || cutDown.has(verdict.call.fn)) return true;
  const { account, domain } = verdict;
  if (account === undefined && domain === undefined) return false;
  const { rows } = await deps.reads.accounts(actor);
  return rows.some(
    (row) => (account === undefined || row.user === account) && (domain === undefined || row.domain === domain),
  );
}

async function dispatch(deps: PassthroughDeps, wanted: Wanted, verdict: Verdict, caller: Caller): Promise<CallAnswer> {
  const { actor } = caller;
  switch (verdict.kind) {
    case 'unknown':
      return unknownFunction(wanted.fn, '1');
    case 'refused':
      return { ok: false, reason: verdict.reason };
    case 'read':
      if (!(await mayRead(deps, actor, verdict))) return notPermitted(wanted.fn);
      return relayed((await deps.reads.call(verdict.call, verdict.account)).outcome);
    case 'merge':
      if (!(await mayRead(deps, actor, verdict))) return notPermitted(wanted.fn);
      return merged(deps, actor, verdict.call, verdict.account);
    case 'own':
      return answeredHere(deps, actor, verdict.fn);
    case 'named':
      if (actor.scope !== 'all' || !readsAtAll(actor)) return notPermitted(wanted.fn);
      return named(deps, verdict);
    case 'session':
      return session(deps, actor, verdict);
    case 'write':
      return write(deps, wanted.fn, verdict, caller);
  }
}

async function named(deps: PassthroughDeps, verdict: Verdict & { kind: 'named' }): Promise<CallAnswer> {
  const { masters } = await deps.reads.status();
  if (!masters.some((master) => master.id === verdict.master)) {
    return {
      ok: false,
      reason: `No server is called “${verdict.master}”; there are ${masters.map((m) => m.id).join(', ')}.`,
    };
  }
  return relayed(await deps.on(verdict.master, verdict.call));
}

async function session(
  deps: PassthroughDeps,
  actor: Actor,
  verdict: Verdict & { kind: 'session' },
): Promise<CallAnswer> {
  if (deps.session === undefined)
    return { ok: false, reason: 'One-time links are not offered through this interface yet; sign in at the portal.' };
  const { rows } = await deps.reads.accounts(actor);
  const account = verdict.user.includes('@') ? undefined : rows.find((row) => row.user === verdict.user);
  if (account === undefined) return { ok: false, reason: 'You do not have access to that account.' };
  return { ok: true, data: await deps.session(actor, verdict.user, verdict.service), reason: 'Created session' };
}

/** The sentence of an expected failure, fields included; clients show nothing else. */
export function sentenceOf(error: AppError): string {
  if (!(error instanceof Invalid) || error.issues.length === 0) return error.message;
  return error.issues.map(({ path, message }) => (path === '' ? message : `${path}: ${message}`)).join('; ');
}

/**
 * Runs one function for one caller: judge, allow, act, answer. Expected failures (bad parameters, refused, blocked,
 * no master to be reached) come back as answers with a reason; anything else is logged and answered without detail.
 */
export async function run(deps: PassthroughDeps, wanted: Wanted, caller: Caller): Promise<CallAnswer> {
  try {
    return await dispatch(deps, wanted, judge(deps.tables, wanted), caller);
  } catch (error) {
    if (error instanceof NotAllowed) return notPermitted(wanted.fn);
    if (error instanceof Refused) return { ok: false, reason: await withoutName(deps, error.message) };
    if (error instanceof AppError) return { ok: false, reason: sentenceOf(error) };
    deps.log.error({ fn: wanted.fn, actor: caller.actor.name, err: error }, 'passthrough call failed');
    return { ok: false, reason: 'The control node could not process the call; its log has the details.' };
  }
}
