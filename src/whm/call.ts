/** Arguments in order, with repeats: WHM cares about both, so never a plain map. */
export type Args = readonly (readonly [name: string, value: string])[];

/**
 * One request to a master, as data.
 * 'whm': WHM API 1, `fn` is the function. 'uapi' and 'api2': `fn` is 'Module::function', `user` the cPanel account;
 * both travel through WHM (`uapi_cpanel`, `cpanel`).
 */
export interface WhmCall {
  readonly api: 'whm' | 'uapi' | 'api2';
  readonly fn: string;
  readonly user?: string;
  readonly args: Args;
  /**
   * The whole body, for the few WHM functions that take nothing but JSON (`personalization_set`, `php_fpm_config_set` …);
   * `args` is empty then and is not sent.
   */
  readonly json?: Readonly<Record<string, unknown>>;
}

/** What an argument may be given as; undefined leaves it out, a list repeats it, booleans become 1 and 0. */
export type ArgValue = string | number | boolean | undefined | readonly (string | number)[];

function argsOf(values: Readonly<Record<string, ArgValue>>): Args {
  return Object.entries(values).flatMap(([name, value]) => {
    if (value === undefined) return [];
    if (typeof value === 'object') return value.map((v) => [name, String(v)] as const);
    if (typeof value === 'boolean') return [[name, value ? '1' : '0'] as const];
    return [[name, String(value)] as const];
  });
}

/** A WHM API 1 call. */
export function whm(fn: string, args: Readonly<Record<string, ArgValue>> = {}): WhmCall {
  return { api: 'whm', fn, args: argsOf(args) };
}

/** A WHM API 1 call of a function that takes only a JSON body. */
export function whmJson(fn: string, json: Readonly<Record<string, unknown>>): WhmCall {
  return { api: 'whm', fn, args: [], json };
}

/** A UAPI call for a cPanel account, 'Email::add_pop'. */
export function uapi(user: string, fn: string, args: Readonly<Record<string, ArgValue>> = {}): WhmCall {
  return { api: 'uapi', fn, user, args: argsOf(args) };
}

/** An API 2 call for a cPanel account, 'AddonDomain::addaddondomain'. */
export function api2(user: string, fn: string, args: Readonly<Record<string, ArgValue>> = {}): WhmCall {
  return { api: 'api2', fn, user, args: argsOf(args) };
}
