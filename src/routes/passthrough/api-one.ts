import type { Args } from '../../whm/call.ts';
import { type CallAnswer, isRecord } from './answer.ts';
import { lastOf } from './params.ts';

/** The UAPI function that does what an API 1 function did, and what its positions are called there. */
interface Successor {
  readonly fn: string;
  readonly names: readonly string[];
}

/** API 1 is gone from current servers' documents; old billing modules still make databases with it. */
const successors: Readonly<Record<string, Successor>> = {
  'Mysql::adddb': { fn: 'Mysql::create_database', names: ['name'] },
  'Mysql::deldb': { fn: 'Mysql::delete_database', names: ['name'] },
  'Mysql::adduser': { fn: 'Mysql::create_user', names: ['name', 'password'] },
  'Mysql::deluser': { fn: 'Mysql::delete_user', names: ['name'] },
  'Mysql::adduserdb': { fn: 'Mysql::set_privileges_on_database', names: ['database', 'user', 'privileges'] },
  'Email::addpop': { fn: 'Email::add_pop', names: ['email', 'password', 'quota', 'domain'] },
};

/** Reads `arg-0`, `arg-1` …; 'all' was API 1's word for every privilege. undefined: not served. */
export function successorOf(fn: string, args: Args): { readonly fn: string; readonly args: Args } | undefined {
  const found = Object.hasOwn(successors, fn) ? successors[fn] : undefined;
  if (found === undefined) return undefined;
  const named = found.names.flatMap((name, at): Args => {
    const value = lastOf(args, `arg-${at}`);
    if (value === undefined) return [];
    return [[name, name === 'privileges' && value.toLowerCase() === 'all' ? 'ALL PRIVILEGES' : value]];
  });
  return { fn: found.fn, args: named };
}

/** API 1's own envelope: no `cpanelresult`, and a failure stands in `error` at the top. */
export function version1(fn: string, answer: CallAnswer): unknown {
  const [module, func] = fn.split('::');
  const head = { apiversion: '1', type: 'event', module, func, source: 'module' };
  if (!answer.ok && answer.unknown === true) {
    const reason = `${module}::${func}() failed: Undefined subroutine`;
    return { ...head, event: { result: 0, reason } };
  }
  const failed = failureOf(answer);
  const error = failed === undefined ? {} : { error: failed };
  return { ...head, ...error, data: { result: '' }, event: { result: 1 } };
}

/** A UAPI answer relayed from a master may say no inside a good envelope. */
function failureOf(answer: CallAnswer): string | undefined {
  if (!answer.ok) return answer.reason;
  const body = answer.body;
  if (!isRecord(body) || body['status'] !== 0 || !Array.isArray(body['errors'])) return undefined;
  return String(body['errors'][0] ?? 'failed');
}
