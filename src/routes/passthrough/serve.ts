import type { Args } from '../../whm/call.ts';
import { type CallAnswer, unknownFunction, type Version } from './answer.ts';
import { version1 } from './api-one.ts';
import {
  badUser,
  batchCommands,
  cpanelInner,
  isAccountName,
  noUser,
  strictCommands,
  uapiInner,
  uapiResult,
  version2,
  version3,
} from './containers.ts';
import type { PassthroughDeps } from './deps.ts';
import { envelope } from './envelope.ts';
import type { Wanted } from './judge.ts';
import { checkArgs, lastOf, ownArgs } from './params.ts';
import type { Target } from './request.ts';
import { type Caller, run } from './run.ts';

const mostCommands = 500;

/** `batch`: every command on its own, in order; the outer result does not tell whether the inner ones worked. */
async function batch(deps: PassthroughDeps, args: Args, caller: Caller): Promise<CallAnswer> {
  const commands = batchCommands(args);
  if (commands.length === 0) return { ok: false, reason: 'The parameter “command” is missing.' };
  if (commands.length > mostCommands) return { ok: false, reason: `More than ${mostCommands} commands in one batch.` };
  for (const command of commands) checkArgs(command.args);
  const abort = lastOf(args, 'abort_on_error') === '1';
  const result: unknown[] = [];
  for (const { fn, args: own } of commands) {
    const answer = caller.signal().aborted ? hungUp : await whmFunction(deps, fn, own, caller);
    result.push(envelope(1, fn, answer));
    if (abort && !answer.ok) break;
  }
  return { ok: true, data: { result }, reason: 'OK' };
}

const hungUp: CallAnswer = { ok: false, reason: 'The caller hung up before this command was begun.' };

/** One WHM function. A batch inside a batch is refused by the function's own treatment. */
function whmFunction(deps: PassthroughDeps, fn: string, args: Args, caller: Caller): CallAnswer | Promise<CallAnswer> {
  if (fn === 'uapi_cpanel') return throughUapi(deps, args, caller);
  if (fn === 'cpanel') return { ok: false, reason: '“cpanel” must not stand inside another call.' };
  return run(deps, { api: 'whm', fn, args }, caller);
}

/**
 * `Batch::strict`: UAPI functions in order until one fails, each judged as if it had come alone. Of a failure the
 * reference says only that nothing after it is run.
 */
async function strict(deps: PassthroughDeps, wanted: Wanted, caller: Caller): Promise<CallAnswer> {
  const commands = strictCommands(wanted.args);
  if (commands.length === 0) return { ok: false, reason: 'Provide the ‘command’ argument.' };
  if (commands.length > mostCommands) return { ok: false, reason: `More than ${mostCommands} commands in one batch.` };
  const good = commands.filter((command) => command !== undefined);
  if (good.length < commands.length) return { ok: false, reason: 'A command is no JSON array of module and function.' };
  for (const { args } of good) checkArgs(args);
  const data: unknown[] = [];
  for (const command of good) {
    const answer = caller.signal().aborted ? hungUp : await run(deps, { ...wanted, ...command }, caller);
    const shown = uapiResult(withoutWhmWords(command.fn, answer));
    data.push(shown);
    if (shown['status'] !== 1)
      return {
        ok: false,
        reason: '',
        body: { ...uapiResult({ ok: false, reason: '' }), data, errors: shown['errors'] },
      };
  }
  return { ok: true, data, reason: 'OK' };
}

/** One UAPI function, in whatever it came. */
async function uapiFunction(deps: PassthroughDeps, wanted: Wanted, caller: Caller): Promise<CallAnswer> {
  if (wanted.api === 'uapi' && wanted.fn === 'Batch::strict') return await strict(deps, wanted, caller);
  return await run(deps, wanted, caller);
}

/** `uapi_cpanel`: WHM's own result stays 1 when the inner status is 0; clients look inside. */
async function throughUapi(deps: PassthroughDeps, args: Args, caller: Caller): Promise<CallAnswer> {
  const inner = uapiInner(args);
  if (typeof inner === 'string') return { ok: false, reason: inner };
  const answer = await uapiFunction(deps, inner.wanted, { ...caller, via: 'uapi_cpanel' });
  return { ok: true, data: { uapi: uapiResult(withoutWhmWords(inner.wanted.fn, answer)) }, reason: 'OK' };
}

/** UAPI has its own sentence for what it does not know. */
function withoutWhmWords(fn: string, answer: CallAnswer): CallAnswer {
  if (answer.ok || answer.unknown !== true) return answer;
  const [module, func] = fn.split('::');
  return { ok: false, reason: `The system could not find the function “${func}” in the module “${module}”.` };
}

async function throughCpanel(deps: PassthroughDeps, args: Args, caller: Caller): Promise<unknown> {
  const inner = cpanelInner(args, caller.side === 'cpanel' ? accountOf(caller, args) : undefined);
  if (typeof inner === 'string') return noUser(inner);
  const via = caller.side === 'whm' ? 'cpanel' : undefined;
  const answer = await uapiFunction(deps, inner.wanted, via === undefined ? caller : { ...caller, via });
  if (!answer.ok && caller.actor.scope !== 'all' && /^Permission denied/.test(answer.reason)) return noUser(badUser);
  if (inner.apiVersion === 1) return version1(inner.fn, answer);
  if (inner.apiVersion === 2) return version2(inner.fn, answer);
  return version3(inner.wanted.fn, withoutWhmWords(inner.wanted.fn, answer));
}

/** Whose account a call on cPanel's port is about: the caller's own; staff and resellers name one. */
function accountOf(caller: Caller, args: Args): string | undefined {
  const { scope } = caller.actor;
  if (scope !== 'all' && 'account' in scope) return scope.account;
  const named =
    lastOf(args, 'cpanel_jsonapi_user') ?? lastOf(args, 'cpanel_xmlapi_user') ?? lastOf(args, 'cpanel.user');
  return named ?? (scope === 'all' ? undefined : scope.reseller);
}

/** `/execute/<Module>/<function>` of cPanel's port: UAPI's answer, flat. */
async function executed(deps: PassthroughDeps, fn: string, args: Args, caller: Caller): Promise<unknown> {
  if (caller.side === 'whm') return uapiResult({ ok: false, reason: 'Function not found' });
  const user = accountOf(caller, args);
  if (!isAccountName(user)) return uapiResult({ ok: false, reason: badUser });
  const own = args.filter(([name]) => !/^cpanel(?:\.|_(?:json|xml)api_)/.test(name));
  const answer = await uapiFunction(deps, { api: 'uapi', fn, user, args: own }, caller);
  return uapiResult(withoutWhmWords(fn, answer));
}

/** The version a caller asked for: none or 0 → 0; 1, and 2 as FOSSBilling sends it, → 1; anything else is unknown. */
function versionOf(args: Args): Version | string {
  const asked = lastOf(args, 'api.version') ?? '0';
  if (asked === '' || asked === '0') return 0;
  return asked === '1' || asked === '2' ? 1 : asked.slice(0, 20);
}

/** Serves one request: the body to send, in the caller's own shape. Always HTTP 200. */
export async function serve(deps: PassthroughDeps, target: Target, args: Args, caller: Caller): Promise<unknown> {
  const { door, fn } = target;
  if (door === 'cpanel') return await throughCpanel(deps, args, caller);
  if (door === 'execute') return await executed(deps, fn, args, caller);
  const version = versionOf(args);
  if (typeof version === 'string') return envelope(1, fn, unknownFunction(fn, version));
  if (caller.side === 'cpanel') return envelope(version, fn, { ok: false, reason: 'Permission denied' });
  const answer = fn === 'batch' ? await batch(deps, ownArgs(args), caller) : await whmFunction(deps, fn, args, caller);
  return envelope(version, fn, answer);
}
