/** cPanel API 1: arguments by place, and an answer of its own shape. */
import type { Executed } from './engine.ts';
import type { Args } from './params.ts';

/** The function of API 2 that does it, and the names of its arguments; '~' wants the account's prefix in front. */
const SUCCESSORS: Readonly<Record<string, readonly [fn: string, ...names: readonly string[]]>> = {
  'Mysql::adddb': ['MysqlFE::createdb', '~db'],
  'Mysql::adduser': ['MysqlFE::createdbuser', '~dbuser', 'password'],
  'Mysql::adduserdb': ['MysqlFE::setdbuserprivileges', '~db', '~dbuser', 'privileges'],
  'Mysql::deldb': ['MysqlFE::deletedb', '~db'],
  'Mysql::deluser': ['MysqlFE::deletedbuser', '~dbuser'],
  'Email::addpop': ['Email::addpop', 'email', 'password', 'quota', 'domain'],
  'Email::delpop': ['Email::delpop', 'email', 'domain'],
  'Park::park': ['Park::park', 'domain'],
  'Park::unpark': ['Park::unpark', 'domain'],
  'SubDomain::addsubdomain': ['SubDomain::addsubdomain', 'domain', 'rootdomain'],
};

function withPrefix(name: string, user: string): string {
  return name.startsWith(`${user}_`) ? name : `${user}_${name}`;
}

/** What API 2 is asked for in place of a function of API 1; a function that is not known keeps a name nobody has. */
export function successorOf(fn: string, user: string, args: Args): { readonly fn: string; readonly args: Args } {
  const [name, ...places] = SUCCESSORS[fn] ?? [`API1 ${fn}`];
  const given = new Map(args);
  const named = places.flatMap((place, at): Args => {
    const value = given.get(`arg-${at}`);
    if (value === undefined) return [];
    return [place.startsWith('~') ? [place.slice(1), withPrefix(value, user)] : [place, value]];
  });
  return { fn: name, args: named };
}

/** The answer of API 1: no `cpanelresult` around it, a failure's text in `error`. */
export function legacyAnswer(fn: string, executed: Executed): Readonly<Record<string, unknown>> {
  const at = fn.indexOf('::');
  const head = { apiversion: '1', type: 'event', module: fn.slice(0, at), func: fn.slice(at + 2), source: 'module' };
  if (executed.kind !== 'result') {
    const reason =
      executed.kind === 'unknown'
        ? `${fn}() failed: Undefined subroutine`
        : 'User parameter is invalid or was not supplied';
    return { ...head, data: { result: '' }, event: { result: 0, reason } };
  }
  const { result } = executed;
  const error = result.ok ? {} : { error: result.reason };
  return { ...head, ...error, data: { result: '' }, event: { result: 1 } };
}
