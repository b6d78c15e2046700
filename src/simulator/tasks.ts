/** From a signed-in request to what is to be run and how its answer is wrapped. */

import { privilegeFor } from './acls.ts';
import { argument, type Side } from './auth.ts';
import type { Call, Engine, Executed, Outcome, Portion } from './engine.ts';
import {
  api2Answer,
  api2Unknown,
  type Body,
  badUser,
  jsonBody,
  uapiAnswer,
  uapiNested,
  whmAnswer,
} from './envelope.ts';
import { zeroAnswer, zeroUnknown } from './envelope-zero.ts';
import { type Caller, no, ok, type Result } from './handler.ts';
import type { Args } from './params.ts';
import type { Request } from './request.ts';

export interface Task {
  readonly call: Call;
  execute(sequence: number, portion: Portion): Outcome;
  render(executed: Executed): Body;
}

function failed(executed: Executed): boolean {
  return executed.kind !== 'result' || !executed.result.ok;
}

function split(fn: string): readonly [module: string, func: string] {
  const at = fn.indexOf('::');
  return [fn.slice(0, at), fn.slice(at + 2)];
}

/** UAPI's sentence for a function that it does not have. */
function uapiUnknown(fn: string): Result {
  const [module, func] = split(fn);
  return no(`The system could not find the function “${func}” in the module “${module}”.`);
}

function uapiResult(fn: string, executed: Executed): Result {
  if (executed.kind === 'result') return executed.result;
  return executed.kind === 'unknown' ? uapiUnknown(fn) : no('User parameter is invalid or was not supplied');
}

/** The body of a WHM function in API 1. */
export function whmValue(fn: string, executed: Executed): unknown {
  if (executed.kind === 'result') return whmAnswer(fn, executed.result);
  return whmAnswer(fn, no(`Unknown app (“${fn}”) requested for this version (1) of the API.`));
}

function zeroValue(fn: string, executed: Executed): unknown {
  return executed.kind === 'result' ? zeroAnswer(fn, executed.result, executed.v0) : zeroUnknown(fn);
}

function simple(engine: Engine, call: Call, value: (executed: Executed) => unknown): Task {
  return {
    call,
    execute: (sequence, portion) => engine.run(call, sequence, portion),
    render: (executed) => jsonBody(value(executed), failed(executed)),
  };
}

/** API 1 unless the version is left out: 2 is answered like 1. */
function isZero(args: Args): boolean {
  const version = argument(args, 'api.version');
  return version === undefined || version === '0';
}

function uapiThroughWhm(engine: Engine, args: Args, caller: Caller): Task {
  const fn = `${argument(args, 'cpanel.module') ?? ''}::${argument(args, 'cpanel.function') ?? ''}`;
  const call: Call = { api: 'uapi', fn, user: argument(args, 'cpanel.user') ?? '', args, caller };
  return simple(engine, call, (executed) =>
    executed.kind === 'bad-user'
      ? whmAnswer('uapi_cpanel', no('User parameter is invalid or was not supplied'))
      : whmAnswer('uapi_cpanel', ok({ uapi: uapiAnswer(uapiResult(fn, executed)) })),
  );
}

/** The older `cpanel` function: API 2 and UAPI (as version 3). */
function cpanelCall(engine: Engine, args: Args, caller: Caller, owner: string | undefined): Task {
  const named = (name: string): string => argument(args, `cpanel_jsonapi_${name}`) ?? '';
  const [module, func] = [named('module'), named('func')];
  const api = named('apiversion') === '3' ? 'uapi' : 'api2';
  const call: Call = { api, fn: `${module}::${func}`, user: owner ?? named('user'), args, caller };
  return simple(engine, call, (executed) => {
    if (executed.kind === 'bad-user') return badUser();
    if (api === 'uapi') return uapiNested(module, func, uapiResult(call.fn, executed));
    return executed.kind === 'unknown' ? api2Unknown(module, func) : api2Answer(module, func, executed.result);
  });
}

/** `createacct?username=bob&…` */
function batchCommand(text: string, caller: Caller): Call {
  const at = text.indexOf('?');
  const fn = at < 0 ? text : text.slice(0, at);
  const args = at < 0 ? [] : [...new URLSearchParams(text.slice(at + 1))];
  return { api: 'whm', fn, user: '', args, caller };
}

/** Runs the commands one after the other, each with its own answer. */
function batch(engine: Engine, args: Args, caller: Caller): Task {
  const commands = args
    .filter(([name]) => /^command(-\d+)?$/u.test(name))
    .map(([, text]) => batchCommand(text, caller));
  const abort = argument(args, 'abort_on_error') === '1';
  const execute = (sequence: number): Outcome => {
    const result: unknown[] = [];
    for (const command of commands) {
      const inner = whmTask(engine, command.fn, [...command.args, ['api.version', '1']], caller);
      const { executed } = inner.execute(sequence, 'all');
      result.push(JSON.parse(inner.render(executed).text));
      if (abort && failed(executed)) break;
    }
    const executed: Executed = { kind: 'result', result: ok({ result }), v0: undefined };
    return { executed, account: '', effect: undefined, finish: () => undefined };
  };
  return {
    call: { api: 'whm', fn: 'batch', user: '', args, caller },
    execute,
    render: (executed) => jsonBody(whmValue('batch', executed), failed(executed)),
  };
}

/** A container that the caller may not use: judged before what it holds. */
function forbidden(fn: string, args: Args, caller: Caller): Task {
  return answered(fn, args, caller, `Permission denied: You do not have the required privileges to run ${fn}`);
}

/** A call that is refused before its function is looked for. */
function answered(fn: string, args: Args, caller: Caller, reason: string): Task {
  const executed: Executed = { kind: 'result', result: no(reason), v0: undefined };
  return {
    call: { api: 'whm', fn, user: '', args, caller },
    execute: () => ({ executed, account: '', effect: undefined, finish: () => undefined }),
    render: (shown) => jsonBody(whmValue(fn, shown), true),
  };
}

function lacks(caller: Caller, fn: string): boolean {
  const privilege = privilegeFor(fn);
  return privilege !== undefined && !caller.acls.has('all') && !caller.acls.has(privilege);
}

/** A function of the WHM port. */
export function whmTask(engine: Engine, fn: string, args: Args, caller: Caller): Task {
  if ((fn === 'cpanel' || fn === 'uapi_cpanel') && lacks(caller, fn)) return forbidden(fn, args, caller);
  if (fn === 'cpanel') return cpanelCall(engine, args, caller, undefined);
  if (fn === 'uapi_cpanel') return uapiThroughWhm(engine, args, caller);
  if (fn === 'batch') return batch(engine, args, caller);
  const call: Call = { api: 'whm', fn, user: '', args, caller };
  return simple(engine, call, (executed) => (isZero(args) ? zeroValue(fn, executed) : whmValue(fn, executed)));
}

function cpanelTask(engine: Engine, request: Request, caller: Caller): Task | undefined {
  if (request.path === '/json-api/cpanel') return cpanelCall(engine, request.args, caller, caller.user);
  const match = /^\/execute\/([^/]+)\/([^/]+)\/?$/u.exec(request.path);
  if (match === null) return undefined;
  const call: Call = { api: 'uapi', fn: `${match[1]}::${match[2]}`, user: caller.user, args: request.args, caller };
  return simple(engine, call, (executed) => uapiAnswer(uapiResult(call.fn, executed)));
}

/** Their arguments are lists and objects, which a form cannot hold. */
const JSON_ONLY: ReadonlySet<string> = new Set(['personalization_get', 'personalization_set']);

/** What a signed-in request asks for; undefined: no such path on this port. */
export function taskFor(engine: Engine, side: Side, request: Request, caller: Caller): Task | undefined {
  if (side === 'cpanel') return cpanelTask(engine, request, caller);
  const match = /^\/json-api\/(.+?)\/?$/u.exec(request.path);
  const fn = match?.[1];
  if (fn === undefined) return undefined;
  if (JSON_ONLY.has(fn) && !request.json)
    return answered(fn, request.args, caller, `The function “${fn}” takes its arguments in a JSON body only.`);
  return whmTask(engine, fn, request.args, caller);
}
