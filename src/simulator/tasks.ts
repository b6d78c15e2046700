/** From a signed-in request to what is to be run and how its answer is wrapped. */

import { privilegeFor } from './acls.ts';
import { arrangeList, arrangeWhm } from './arrange.ts';
import { argument, type Side } from './auth.ts';
import type { Call, Engine, Executed, Outcome, Portion } from './engine.ts';
import { api2Answer, api2Unknown, type Body, badUser, uapiAnswer, uapiNested, whmAnswer } from './envelope.ts';
import { zeroAnswer, zeroUnknown } from './envelope-zero.ts';
import { type Caller, no, ok, type Result } from './handler.ts';
import { legacyAnswer, successorOf } from './legacy.ts';
import type { Args } from './params.ts';
import { bodyOf, type Format, marked, type Shown } from './render.ts';
import type { Request } from './request.ts';
import { isStrict, runStrict } from './strict.ts';

export interface Task {
  readonly call: Call;
  execute(sequence: number, portion: Portion): Outcome;
  render(executed: Executed): Body;
}

/** The arguments of a request, and what its answer is to be written in. */
interface Asked {
  readonly args: Args;
  readonly format: Format;
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

function whmReason(fn: string): string {
  return `Unknown app (“${fn}”) requested for this version (1) of the API.`;
}

/** A WHM function's answer in API 1. */
function whmShown(fn: string, args: Args, executed: Executed): Shown {
  const result = executed.kind === 'result' ? executed.result : no(whmReason(fn));
  if (!result.ok) return { api: 'whm-1', value: whmAnswer(fn, result) };
  const { data, metadata } = arrangeWhm(args, result.data);
  return { api: 'whm-1', value: whmAnswer(fn, { ...result, data }, metadata) };
}

function zeroShown(fn: string, executed: Executed): Shown {
  const value = executed.kind === 'result' ? zeroAnswer(fn, executed.result, executed.v0) : zeroUnknown(fn);
  return { api: 'whm-0', fn, value };
}

function simple(engine: Engine, call: Call, format: Format, shown: (executed: Executed) => Shown): Task {
  return {
    call,
    execute: (sequence, portion) =>
      isStrict(call) ? runStrict(engine, call, sequence, portion, uapiResult) : engine.run(call, sequence, portion),
    render(executed) {
      const body = bodyOf(format, shown(executed), failed(executed));
      return executed.kind === 'result' && executed.declared === true ? marked(body) : body;
    },
  };
}

/** API 1 unless the version is left out: 2 is answered like 1. */
function isZero(args: Args): boolean {
  const version = argument(args, 'api.version');
  return version === undefined || version === '0';
}

/** A UAPI result with its list arranged as the caller asked. */
function arrangedUapi(args: Args, result: Result): readonly [Result, Readonly<Record<string, unknown>>] {
  if (!result.ok) return [result, {}];
  const { data, metadata } = arrangeList(args, result.data, 'api.');
  return [{ ...result, data }, metadata];
}

function uapiThroughWhm(engine: Engine, args: Args, caller: Caller, format: Format): Task {
  const fn = `${argument(args, 'cpanel.module') ?? ''}::${argument(args, 'cpanel.function') ?? ''}`;
  const call: Call = { api: 'uapi', fn, user: argument(args, 'cpanel.user') ?? '', args, caller };
  return simple(engine, call, format, (executed) => {
    const result =
      executed.kind === 'bad-user'
        ? no('User parameter is invalid or was not supplied')
        : ok({ uapi: uapiAnswer(...arrangedUapi(args, uapiResult(fn, executed))) });
    return { api: 'whm-1', value: whmAnswer('uapi_cpanel', result) };
  });
}

function api2Shown(call: Call, executed: Executed): Readonly<Record<string, unknown>> {
  const [module, func] = split(call.fn);
  if (executed.kind === 'bad-user') return badUser();
  if (executed.kind === 'unknown') return api2Unknown(module, func);
  const { result } = executed;
  if (!result.ok) return api2Answer(module, func, result);
  const { data, metadata } = arrangeList(call.args, result.data, 'api2_');
  return api2Answer(module, func, { ...result, data }, metadata);
}

function cpanelShown(call: Call, executed: Executed): Readonly<Record<string, unknown>> {
  if (call.api === 'api2') return api2Shown(call, executed);
  if (executed.kind === 'bad-user') return badUser();
  return uapiNested(...split(call.fn), ...arrangedUapi(call.args, uapiResult(call.fn, executed)));
}

/** The older `cpanel` function: API 1, API 2 and UAPI (as version 3). Its names have two prefixes, of which either may be sent. */
function cpanelCall(engine: Engine, request: Asked, caller: Caller, owner: string | undefined): Task {
  const { args, format } = request;
  const named = (name: string): string =>
    argument(args, `cpanel_${format}api_${name}`) ?? argument(args, `cpanel_jsonapi_${name}`) ?? '';
  const version = named('apiversion');
  const fn = `${named('module')}::${named('func')}`;
  const user = owner ?? named('user');
  if (version === '1') return legacyTask(engine, { fn, user, args, caller }, format);
  const call: Call = { api: version === '3' ? 'uapi' : 'api2', fn, user, args, caller };
  return simple(engine, call, format, (executed) => ({ api: 'cpanel', value: cpanelShown(call, executed) }));
}

/** API 1: arguments by place, done by the function of API 2 that came after it. */
function legacyTask(engine: Engine, { fn, user, args, caller }: Omit<Call, 'api'>, format: Format): Task {
  const successor = successorOf(fn, user, args);
  const call: Call = { api: 'api2', fn: successor.fn, user, args: successor.args, caller };
  return simple(engine, call, format, (executed) => ({ api: 'cpanel', value: legacyAnswer(fn, executed) }));
}

/** `createacct?username=bob&…` */
function batchCommand(text: string, caller: Caller): Call {
  const at = text.indexOf('?');
  const fn = at < 0 ? text : text.slice(0, at);
  const args = at < 0 ? [] : [...new URLSearchParams(text.slice(at + 1))];
  return { api: 'whm', fn, user: '', args, caller };
}

/** Runs the commands one after the other, each with its own answer. */
function batch(engine: Engine, { args, format }: Asked, caller: Caller): Task {
  const commands = args
    .filter(([name]) => /^command(-\d+)?$/u.test(name))
    .map(([, text]) => batchCommand(text, caller));
  const abort = argument(args, 'abort_on_error') === '1';
  const execute = (sequence: number): Outcome => {
    const result: unknown[] = [];
    for (const command of commands) {
      const inner = whmTask(
        engine,
        command.fn,
        { args: [...command.args, ['api.version', '1']], format: 'json' },
        caller,
      );
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
    render: (executed) => bodyOf(format, whmShown('batch', args, executed), failed(executed)),
  };
}

/** A container that the caller may not use: judged before what it holds. */
function forbidden(fn: string, asked: Asked, caller: Caller): Task {
  return answered(fn, asked, caller, `Permission denied: You do not have the required privileges to run ${fn}`);
}

/** A call that is refused before its function is looked for. */
function answered(fn: string, { args, format }: Asked, caller: Caller, reason: string): Task {
  const executed: Executed = { kind: 'result', result: no(reason), v0: undefined };
  return {
    call: { api: 'whm', fn, user: '', args, caller },
    execute: () => ({ executed, account: '', effect: undefined, finish: () => undefined }),
    render: (shown) => bodyOf(format, whmShown(fn, args, shown), true),
  };
}

function lacks(caller: Caller, fn: string): boolean {
  const privilege = privilegeFor(fn);
  return privilege !== undefined && !caller.acls.has('all') && !caller.acls.has(privilege);
}

/** A function of the WHM port. */
function whmTask(engine: Engine, fn: string, asked: Asked, caller: Caller): Task {
  const { args, format } = asked;
  if ((fn === 'cpanel' || fn === 'uapi_cpanel') && lacks(caller, fn)) return forbidden(fn, asked, caller);
  if (fn === 'cpanel') return cpanelCall(engine, asked, caller, undefined);
  if (fn === 'uapi_cpanel') return uapiThroughWhm(engine, args, caller, format);
  if (fn === 'batch') return batch(engine, asked, caller);
  const call: Call = { api: 'whm', fn, user: '', args, caller };
  return simple(engine, call, format, (executed) =>
    isZero(args) ? zeroShown(fn, executed) : whmShown(fn, args, executed),
  );
}

function cpanelTask(engine: Engine, request: Request, caller: Caller): Task | undefined {
  const { args, path } = request;
  if (path === '/json-api/cpanel') return cpanelCall(engine, { args, format: 'json' }, caller, caller.user);
  if (path === '/xml-api/cpanel') return cpanelCall(engine, { args, format: 'xml' }, caller, caller.user);
  const match = /^\/execute\/([^/]+)\/([^/]+)\/?$/u.exec(path);
  if (match === null) return undefined;
  const call: Call = { api: 'uapi', fn: `${match[1]}::${match[2]}`, user: caller.user, args, caller };
  return simple(engine, call, 'json', (executed) => ({
    api: 'uapi',
    value: uapiAnswer(...arrangedUapi(args, uapiResult(call.fn, executed))),
  }));
}

/** Their arguments are lists and objects, which a form cannot hold. */
const JSON_ONLY: ReadonlySet<string> = new Set(['personalization_get', 'personalization_set']);

/** What a signed-in request asks for; undefined: no such path on this port. */
export function taskFor(engine: Engine, side: Side, request: Request, caller: Caller): Task | undefined {
  if (side === 'cpanel') return cpanelTask(engine, request, caller);
  const match = /^\/(json|xml)-api\/(.+?)\/?$/u.exec(request.path);
  const fn = match?.[2];
  if (fn === undefined) return undefined;
  const asked: Asked = { args: request.args, format: match?.[1] === 'xml' ? 'xml' : 'json' };
  if (JSON_ONLY.has(fn) && !request.json)
    return answered(fn, asked, caller, `The function “${fn}” takes its arguments in a JSON body only.`);
  return whmTask(engine, fn, asked, caller);
}
