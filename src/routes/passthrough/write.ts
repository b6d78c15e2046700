import type { Actor } from '../../auth/actor.ts';
import type { OwnerOf } from '../../auth/may.ts';
import { messageOf } from '../../errors.ts';
import type { OperationView } from '../../operations/model.ts';
import { bounded } from '../bounds.ts';
import { type CallAnswer, notPermitted } from './answer.ts';
import type { Asked, PassthroughDeps } from './deps.ts';
import type { Verdict, Wanted } from './judge.ts';
import { decided, isOpen } from './outcome.ts';
import { resellerParams } from './reseller.ts';
import { mayRun, ownerOfDomain, owns, trusted } from './rights.ts';
import type { Caller } from './run.ts';
import { zoneChange, zoneRefusal } from './zones.ts';

const defaultWaitMs = 25_000;

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
export async function withoutName(deps: PassthroughDeps, reason: string): Promise<string> {
  const { masters } = await deps.reads.status();
  const prefix = masters.map(({ name }) => `${name}: `).find((name) => reason.startsWith(name));
  return prefix === undefined ? reason : reason.slice(prefix.length);
}

/** A reseller's reach depends on who owns what; nobody else's does, so nobody else pays for the look. */
async function ownersFor(deps: PassthroughDeps, actor: Actor): Promise<OwnerOf> {
  if (actor.scope === 'all' || !('reseller' in actor.scope)) return () => undefined;
  const { rows } = await deps.reads.accounts(actor);
  const owners = new Map(rows.map((row) => [row.user, row.owner]));
  return (account) => owners.get(account);
}

/** Programs make a package and use it in the next call; the other servers get a moment to have it too. */
const packageMs = 3000;

async function settledFirst(
  deps: PassthroughDeps,
  action: string,
  view: OperationView,
  signal: AbortSignal,
): Promise<OperationView> {
  if (!action.startsWith('package.') || view.state !== 'following') return view;
  return await deps.operations.wait(view.id, 'final', packageMs, signal);
}

/**
 * A name can be used again only when its account is gone everywhere, so it is said to be gone only then. While a master
 * is away that can take long: nobody is kept waiting for it.
 */
async function goneEverywhere(
  deps: PassthroughDeps,
  action: string,
  view: OperationView,
  waitMs: number,
  signal: AbortSignal,
): Promise<OperationView> {
  if (action !== 'account.terminate' || view.state !== 'following') return view;
  const { masters } = await deps.reads.status();
  const reachable = new Set(masters.filter((m) => m.state === 'reachable').map((m) => m.id));
  const open = view.legs.filter(isOpen);
  const patience = open.every((leg) => leg.state !== 'held' && reachable.has(leg.master)) ? waitMs : 0;
  return await deps.operations.wait(view.id, 'ended', patience, signal);
}

/** Accepts the operation and waits for what becomes of it, as long as this caller's token says. */
async function operate(
  deps: PassthroughDeps,
  fn: string,
  asked: Asked,
  caller: Caller,
  as: Actor,
): Promise<CallAnswer> {
  const { actor, idempotencyKey } = caller;
  const signal = caller.signal();
  const { action } = asked;
  const key = idempotencyKey === undefined ? {} : { idempotencyKey };
  const accepted = await deps.operations.accept({ ...asked, actor: as, door: 'passthrough', ...key });
  const waitMs = actor.waitMs ?? deps.waitMs ?? defaultWaitMs;
  const amendment =
    accepted.amendedBy === undefined
      ? undefined
      : await deps.operations.wait(accepted.amendedBy, 'decided', waitMs, signal);
  const decidedView = await deps.operations.wait(accepted.id, 'decided', amendment === undefined ? waitMs : 0, signal);
  const packaged = await settledFirst(deps, action, decidedView, signal);
  const view = await goneEverywhere(deps, action, packaged, waitMs, signal);
  deps.log.info({ operation: view.id, action, fn, actor: actor.name, state: view.state }, 'passthrough operation');
  const answer = await told(deps, view, fn, caller);
  // What was said anew is not there before the lead has it either.
  const amended = answer.ok && amendment !== undefined ? await told(deps, amendment, fn, caller) : answer;
  return amended.ok ? answer : amended;
}

async function told(deps: PassthroughDeps, view: OperationView, fn: string, caller: Caller): Promise<CallAnswer> {
  const answer = decided(await expired(deps, view, caller), fn);
  if (answer.ok || view.state !== 'refused') return answer;
  return { ok: false, reason: await withoutName(deps, answer.reason) };
}

/** The one generic action is offered to staff; others use it only through functions that their privileges name. */
async function mayCall(deps: PassthroughDeps, caller: Caller, wanted: Wanted, asked: Asked): Promise<boolean> {
  const { actor } = caller;
  if (!mayRun(caller, wanted)) return false;
  if (actor.scope === 'all')
    return deps.may({ ...actor, acl: ['all'] }, asked.action, { kind: 'server' }, () => undefined);
  const subject = deps.tables.subject(asked.action, asked.params);
  return subject.kind === 'account' && (await owns(deps, actor, { account: subject.account }));
}

/** A change of all masters: rights by WHM's names or by the token's own, ownership by the one rule of every door. */
export async function write(
  deps: PassthroughDeps,
  caller: Caller,
  wanted: Wanted,
  verdict: Verdict & { kind: 'write' },
): Promise<CallAnswer> {
  const { actor } = caller;
  const { action } = verdict;
  const isGeneric = action === 'whm.call';
  const params = await resellerParams(deps, actor, action, bounded(actor, action, verdict.params));
  const asked = { action, params };
  const subject = deps.tables.subject(action, params);
  const isPrivileged = mayRun(caller, wanted);
  if (isGeneric && !(await mayCall(deps, caller, wanted, asked))) return notPermitted(wanted.fn);
  const as = isPrivileged ? trusted(actor, isGeneric) : actor;
  const isBarred = !isPrivileged && (actor.acl?.includes('all') ?? false);
  if (isBarred || !deps.may(as, action, subject, await ownersFor(deps, actor))) return notPermitted(wanted.fn);
  return await operate(deps, wanted.fn, asked, caller, as);
}

/** A change of one master, as an operation with one leg. */
export async function writeOne(
  deps: PassthroughDeps,
  caller: Caller,
  wanted: Wanted,
  verdict: Verdict & { kind: 'one' },
): Promise<CallAnswer> {
  const { actor } = caller;
  const { masters } = await deps.reads.status();
  const named = verdict.master;
  if (named !== undefined && !masters.some((master) => master.id === named)) {
    const ids = masters.map((m) => m.id).join(', ');
    return { ok: false, reason: `No server is called “${named}”; there are ${ids}.` };
  }
  if (named !== undefined && actor.scope !== 'all') return notPermitted(wanted.fn);
  if (!(await mayCall(deps, caller, wanted, deps.tables.generic(verdict.call, named ?? masters[0]?.id))))
    return notPermitted(wanted.fn);
  const master = named ?? (await activeOf(deps, verdict.account)) ?? masters[0]?.id;
  const asked = deps.tables.generic(verdict.call, master);
  return await operate(deps, wanted.fn, asked, caller, trusted(actor, true));
}

/** The active master of an account; of none, or of one that no list shows, the pair's. */
export async function activeOf(deps: PassthroughDeps, account: string | undefined): Promise<string | undefined> {
  const { rows, from } = await deps.reads.accounts({ kind: 'system', name: 'passthrough', scope: 'all' });
  const found = rows.find((row) => row.user === account)?.active ?? rows[0]?.active;
  return found ?? (from === '' ? undefined : from);
}

/** Lines of a zone become records; permission is asked on the account that has the domain. */
export async function writeZone(
  deps: PassthroughDeps,
  caller: Caller,
  verdict: Verdict & { kind: 'zone-write' },
): Promise<CallAnswer> {
  const { actor } = caller;
  const { wanted, zone } = verdict;
  const owner = wanted.user ?? (await ownerOfDomain(deps, zone));
  const isOwn = await owns(deps, actor, { account: owner, domain: zone });
  const hasRight = mayRun(caller, wanted) || (actor.acl?.some((entry) => entry.startsWith('dns.')) ?? false);
  if (!isOwn || !hasRight) return notPermitted(wanted.fn);
  if (wanted.user !== undefined && (await ownerOfDomain(deps, zone)) !== wanted.user)
    return zoneRefusal(wanted, `You do not have control of the domain “${zone}”.`);
  const as = trusted(actor, false);
  const change = await zoneChange(deps, actor, wanted, zone, owner);
  if (typeof change === 'string') return zoneRefusal(wanted, change);
  const asked = { action: 'dns.edit-zone', params: change.params };
  const subject = deps.tables.subject(asked.action, asked.params);
  if (!deps.may(as, asked.action, subject, await ownersFor(deps, actor))) return notPermitted(wanted.fn);
  return await change.done(await operate(deps, 'mass_edit_dns_zone', asked, caller, as));
}
