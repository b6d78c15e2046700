/**
 * Runs one function of one API against the state: is it known, may the caller, are its parameters known, what comes
 * of it. Knows nothing of HTTP, envelopes or faults beyond letting a call be done in two parts.
 */
import { privilegeFor } from './acls.ts';
import { missingFeature } from './feature-gate.ts';
import type { AccountContext, Caller, Context, Host, Result } from './handler.ts';
import { no } from './handler.ts';
import { type Args, paramsOf, Refusal } from './params.ts';
import type { Effect, Referee } from './referee.ts';
import type { Found, Registry } from './registry.ts';
import type { Change, StateCore } from './state.ts';
import { type Account, accounts, domains } from './tables.ts';

export interface Call {
  readonly api: 'whm' | 'uapi' | 'api2';
  /** 'createacct', 'Email::add_pop'. */
  readonly fn: string;
  /** The account of a UAPI or API 2 call. */
  readonly user: string;
  readonly args: Args;
  readonly caller: Caller;
}

export type Executed =
  /** `declared`: the function is not modelled, its answer holds the declared fields alone. */
  | {
      readonly kind: 'result';
      readonly result: Result;
      readonly v0: ((r: Result) => unknown) | undefined;
      readonly declared?: boolean;
    }
  | { readonly kind: 'unknown' }
  /** UAPI or API 2 for an account that does not exist or is not the caller's. */
  | { readonly kind: 'bad-user' };

/** How much of the call's effect is kept at once. */
export type Portion = 'all' | 'first-part';

export interface Outcome {
  readonly executed: Executed;
  /** The account that the call was about, '' when none. */
  readonly account: string;
  /** The effect's number with the referee; undefined when nothing changed. */
  readonly effect: number | undefined;
  /** Lands the second part of a call that was cut in two. */
  finish(): void;
}

export interface Engine {
  run(call: Call, sequence: number, portion?: Portion): Outcome;
  /** What a call would change; nothing of it is kept. undefined: it would be refused. */
  rehearse(call: Call): readonly Change[] | undefined;
  /** Changes that are no call: sessions. */
  change<R>(work: () => R): R;
  readonly state: StateCore;
  readonly host: Host;
  readonly registry: Registry;
}

export interface EngineParts {
  readonly state: StateCore;
  readonly host: Host;
  readonly registry: Registry;
  readonly referee: Referee;
  /** Makes changes, and the effect that they are, durable in one step before the answer leaves. */
  readonly persist: (changes: readonly Change[], effect?: Effect) => void;
}

const TRANSPORT = /^(api\.|cpanel\.(user|module|function)$|cpanel_(json|xml)api_|api2_)/u;
const OWNERS = ['user', 'username', 'cpanel.user', 'reseller'] as const;
const DOMAINS = ['domain', 'zone', 'newdomain', 'rootdomain'] as const;

/** The account that a WHM call is about, as far as its arguments tell. */
function subjectOf(call: Call, state: StateCore): string {
  if (call.user !== '') return call.user;
  const args = new Map(call.args);
  for (const name of OWNERS) {
    const value = args.get(name);
    if (value !== undefined && value !== '') return value.toLowerCase();
  }
  for (const name of DOMAINS) {
    const owner = state.of(domains).get((args.get(name) ?? '').toLowerCase().replace(/\.$/u, ''));
    if (owner !== undefined) return owner.user;
  }
  return '';
}

function mayUse(caller: Caller, account: Account): boolean {
  if (caller.kind === 'root') return true;
  if (caller.kind === 'account') return caller.user === account.user;
  return account.owner === caller.user || account.user === caller.user;
}

function mayRun(caller: Caller, privilege: string | undefined): boolean {
  if (caller.kind === 'account') return false;
  return privilege === undefined || caller.acls.has('all') || caller.acls.has(privilege);
}

function missingText(api: Call['api']): (name: string) => string {
  if (api === 'uapi') return (name) => `Provide the ‘${name}’ argument.`;
  if (api === 'api2') return (name) => `"${name}" is a required argument.`;
  return (name) => `Provide the “${name}” parameter.`;
}

function refusalOf(error: unknown): Result {
  if (!(error instanceof Refusal)) throw error;
  return error.data === undefined ? no(error.message) : no(error.message, { data: error.data });
}

function guarded(run: () => Result): Result {
  try {
    return run();
  } catch (error) {
    return refusalOf(error);
  }
}

function available<H>(host: Host, found: Found<H> | undefined): Found<H> | undefined {
  return found?.since !== undefined && !host.atLeast(found.since) ? undefined : found;
}

function noteParams(referee: Referee, call: Call, found: Found<unknown>): void {
  for (const [name] of call.args) {
    if (!TRANSPORT.test(name) && !found.known.has(name)) referee.unknownParameter(`${call.fn}.${name}`);
  }
}

function contextOf({ host, state, registry }: EngineParts, call: Call): Context {
  const args = call.args.filter(([name]) => !TRANSPORT.test(name));
  const params = paramsOf(args, missingText(call.api));
  return { host, state, caller: call.caller, user: call.user, params, fn: call.fn, hooks: registry.hooks };
}

/** A handler bound to a call. */
interface Prepared {
  readonly kind: 'prepared';
  readonly run: () => Result;
  readonly v0: ((r: Result) => unknown) | undefined;
  readonly declared: boolean;
}

type Unrunnable = Exclude<Executed, { readonly kind: 'result' }>;

function prepareWhm(parts: EngineParts, call: Call): Prepared | Unrunnable {
  const found = available(parts.host, parts.registry.whm(call.fn));
  if (found === undefined) return { kind: 'unknown' };
  noteParams(parts.referee, call, found);
  if (!mayRun(call.caller, found.acl ?? privilegeFor(call.fn))) {
    const reason = `Permission denied: You do not have the required privileges to run ${call.fn}`;
    return { kind: 'prepared', run: () => no(reason), v0: found.v0, declared: false };
  }
  return { kind: 'prepared', run: () => found.run(contextOf(parts, call)), v0: found.v0, declared: found.isDeclared };
}

function prepare(parts: EngineParts, call: Call): Prepared | Unrunnable {
  if (call.api === 'whm') return prepareWhm(parts, call);
  const { host, registry, state } = parts;
  const found = available(host, call.api === 'uapi' ? registry.uapi(call.fn) : registry.api2(call.fn));
  const account = state.of(accounts).get(call.user);
  if (account === undefined || !mayUse(call.caller, account)) return { kind: 'bad-user' };
  if (found === undefined) return { kind: 'unknown' };
  noteParams(parts.referee, call, found);
  const full: AccountContext = { ...contextOf(parts, call), account };
  const missing = missingFeature(call.fn, full);
  const run = (): Result => (missing === undefined ? found.run(full) : no(missing));
  return { kind: 'prepared', run, v0: undefined, declared: found.isDeclared };
}

function record(
  parts: EngineParts,
  effect: Omit<Effect, 'n' | 'rows'>,
  changes: readonly Change[],
): Effect | undefined {
  const seen = changes.filter(([name]) => !parts.state.isSilent(name));
  if (seen.length === 0) return undefined;
  const rows = seen.map(([table, key, row]) => ({ table, key, deleted: row === null }));
  return parts.referee.effect({ ...effect, rows });
}

const nothing = (): void => undefined;

/** Runs a handler in a transaction; what is kept is durable and with the referee before this returns. */
function runPrepared(parts: EngineParts, call: Call, sequence: number, portion: Portion, prepared: Prepared): Outcome {
  const { host, persist, state } = parts;
  const account = subjectOf(call, state);
  const work = (): Result => guarded(prepared.run);
  const { result, changes } = state.transact(work, (r) => r.ok && portion === 'all');
  const { v0, declared } = prepared;
  const executed: Executed = { kind: 'result', result, v0, ...(declared ? { declared } : {}) };
  if (declared) parts.referee.declaredFunction(call.fn);
  if (!result.ok) return { executed, account, effect: undefined, finish: nothing };
  const cut = portion === 'all' ? changes.length : Math.ceil(changes.length / 2);
  const now = changes.slice(0, cut);
  if (portion !== 'all') state.apply(now);
  const about = { call: sequence, at: host.now(), api: call.api, fn: call.fn, account, args: call.args };
  const effect = record(parts, about, now);
  persist(now, effect);
  const rest = changes.slice(cut);
  const finish = (): void => {
    state.apply(rest);
    persist(rest);
  };
  return { executed, account, effect: effect?.n, finish };
}

/** Builds the engine of one host. */
export function createEngine(parts: EngineParts): Engine {
  const { state, host, registry, referee, persist } = parts;
  return {
    state,
    host,
    registry,
    run(call, sequence, portion = 'all') {
      const prepared = prepare(parts, call);
      if (prepared.kind === 'prepared') return runPrepared(parts, call, sequence, portion, prepared);
      if (prepared.kind === 'unknown') referee.unknownFunction(call.api === 'api2' ? `api2 ${call.fn}` : call.fn);
      return { executed: prepared, account: subjectOf(call, state), effect: undefined, finish: nothing };
    },
    rehearse(call) {
      const prepared = prepare(parts, call);
      if (prepared.kind !== 'prepared') return undefined;
      const { result, changes } = state.transact(
        () => guarded(prepared.run),
        () => false,
      );
      return result.ok ? changes : undefined;
    },
    change(work) {
      const { result, changes } = state.transact(work, () => true);
      persist(changes);
      return result;
    },
  };
}
