import type { Args } from '../../whm/call.ts';
import { type CallAnswer, isRecord } from './answer.ts';
import { successorOf } from './api-one.ts';
import { uapiFor } from './api-two.ts';
import type { Wanted } from './judge.ts';
import { formArgs, lastOf, objectArgs } from './params.ts';

/** A cPanel account name as it may stand in a path of a master; anything else is refused before it gets there. */
const accountName = /^[a-z0-9][a-z0-9_.-]{0,63}$/i;
const identifier = /^[A-Za-z][A-Za-z0-9_]{0,63}$/;

/** cPanel's sentence for a missing, unknown or foreign account in `cpanel` calls. */
export const badUser = 'User parameter is invalid or was not supplied';

/** What stands inside `uapi_cpanel` or `cpanel`; a string is the reason why it is no call. */
export type Inner = { readonly wanted: Wanted; readonly apiVersion: 1 | 2 | 3; readonly fn: string } | string;

/** Whether a name may be put in a path or a file name of a master. */
export function isAccountName(user: string | undefined): user is string {
  return user !== undefined && accountName.test(user);
}

function innerOf(
  apiVersion: 1 | 2 | 3,
  user: string | undefined,
  module: string | undefined,
  fn: string | undefined,
  args: Args,
): Inner {
  if (!isAccountName(user)) return badUser;
  if (module === undefined || !identifier.test(module)) return 'The module is missing or not a name.';
  if (fn === undefined || !identifier.test(fn)) return 'The function is missing or not a name.';
  const name = `${module}::${fn}`;
  const same = apiVersion === 2 ? uapiFor(name, args) : undefined;
  if (same !== undefined) return { wanted: { api: 'uapi', user, ...same }, apiVersion, fn: name };
  if (apiVersion !== 1)
    return { wanted: { api: apiVersion === 3 ? 'uapi' : 'api2', fn: name, user, args }, apiVersion, fn: name };
  const successor = successorOf(name, args) ?? { fn: name, args };
  return { wanted: { api: 'uapi', user, ...successor }, apiVersion, fn: name };
}

/** `uapi_cpanel`: `cpanel.user`, `cpanel.module`, `cpanel.function`, the rest belongs to the function. */
export function uapiInner(args: Args): Inner {
  const rest = args.filter(([name]) => !name.startsWith('cpanel.'));
  return innerOf(3, lastOf(args, 'cpanel.user'), lastOf(args, 'cpanel.module'), lastOf(args, 'cpanel.function'), rest);
}

/**
 * The older `cpanel`: `cpanel_jsonapi_user|module|func|apiversion`, also with `xmlapi`. `user` is the account of a
 * caller on cPanel's own port, whatever the parameter says.
 */
export function cpanelInner(args: Args, user?: string): Inner {
  const prefix = /^cpanel_(?:json|xml)api_/;
  const own = args.map(([name, value]): readonly [string, string] => [name.replace(prefix, '\n'), value]);
  const rest = args.filter(([name]) => !prefix.test(name));
  const version = lastOf(own, '\napiversion') ?? lastOf(own, '\nversion') ?? '1';
  if (version !== '1' && version !== '2' && version !== '3')
    return 'Only versions 1, 2 and 3 of the cPanel API are served (cpanel_jsonapi_apiversion).';
  // One digit of three, as was just tested.
  const apiVersion = Number(version) as 1 | 2 | 3;
  return innerOf(apiVersion, user ?? lastOf(own, '\nuser'), lastOf(own, '\nmodule'), lastOf(own, '\nfunc'), rest);
}

/** UAPI's own answer as it came from a master (through WHM or direct), or built from what an operation did. */
export function uapiResult(answer: CallAnswer): Readonly<Record<string, unknown>> {
  const own = uapiBody(answer.body);
  if (own !== undefined) return own;
  const errors = answer.ok ? null : [answer.reason];
  const data = answer.ok ? (answer.data ?? null) : null;
  return { data, errors, messages: null, metadata: {}, status: answer.ok ? 1 : 0, warnings: null };
}

function uapiBody(body: unknown): Readonly<Record<string, unknown>> | undefined {
  if (!isRecord(body)) return undefined;
  if ('status' in body) return body;
  const inner = isRecord(body['data']) ? body['data']['uapi'] : body['result'];
  return isRecord(inner) && 'status' in inner ? inner : undefined;
}

/** `cpanel` with version 3: `{apiversion, module, func, result}`, outside WHM's envelope. */
export function version3(fn: string, answer: CallAnswer): unknown {
  const [module, func] = fn.split('::');
  return { apiversion: 3, module, func, result: uapiResult(answer) };
}

/**
 * API 2: `{cpanelresult}`. A failure stands both in `error` and in `data[0].reason`, and `event.result` stays 1
 * (recorded: addpop, park). An unknown function has neither `data` nor `event`.
 */
export function version2(fn: string, answer: CallAnswer): unknown {
  const [module, func] = fn.split('::');
  if (isRecord(answer.body) && 'cpanelresult' in answer.body) return answer.body;
  if (!answer.ok && answer.unknown === true) {
    return {
      cpanelresult: { apiversion: 2, error: `Could not find function '${func}' in module '${module}'`, func, module },
    };
  }
  const rows =
    answer.ok && Array.isArray(answer.data) ? answer.data : [{ result: answer.ok ? 1 : 0, reason: answer.reason }];
  const error = answer.ok ? {} : { error: answer.reason };
  return { cpanelresult: { apiversion: 2, module, func, ...error, data: rows, event: { result: 1 } } };
}

/** A call through WHM without a proper account: `data` is a hash here and `result` a string (recorded). */
export function noUser(reason: string): unknown {
  return { cpanelresult: { data: { reason, result: '0' }, type: 'text', error: reason } };
}

/** One command of `Batch::strict`; undefined: it is none. */
function strictCommand(text: string): { readonly fn: string; readonly args: Args } | undefined {
  let parts: unknown;
  try {
    parts = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (!Array.isArray(parts) || parts.length < 2 || parts.length > 3) return undefined;
  const [module, fn, fields = {}]: readonly unknown[] = parts;
  if (typeof module !== 'string' || !identifier.test(module)) return undefined;
  if (typeof fn !== 'string' || !identifier.test(fn) || !isRecord(fields)) return undefined;
  return { fn: `${module}::${fn}`, args: objectArgs(fields) };
}

/** `Batch::strict`: each `command` is a JSON array of module, function and, where there are any, parameters. */
export function strictCommands(args: Args): readonly ReturnType<typeof strictCommand>[] {
  return args.filter(([name]) => /^command(?:-\d+)?$/.test(name)).map(([, command]) => strictCommand(command));
}

/** `batch`: each `command` is `fn?args`, in the order given, whatever its number. */
export function batchCommands(args: Args): readonly { readonly fn: string; readonly args: Args }[] {
  return args
    .filter(([name]) => /^command(?:-\d+)?$/.test(name))
    .map(([, command]) => {
      const at = command.indexOf('?');
      return at === -1
        ? { fn: command, args: [] }
        : { fn: command.slice(0, at), args: formArgs(command.slice(at + 1)) };
    });
}
