import type { DeclaredFunctions } from './declared.ts';
import {
  type AccountHandler,
  type Declared,
  type Entry,
  type Handler,
  type Hooks,
  type Module,
  ok,
} from './handler.ts';

/** The parameter names that a function is known to take. */
export interface KnownParams {
  has(name: string): boolean;
}

export interface Found<H> extends Declared<H> {
  readonly name: string;
  readonly known: KnownParams;
  /** Not modelled: answers with its declared fields, empty. */
  readonly isDeclared: boolean;
}

/** Every function of all modules. */
export interface Registry {
  whm(fn: string): Found<Handler> | undefined;
  uapi(fn: string): Found<AccountHandler> | undefined;
  api2(fn: string): Found<AccountHandler> | undefined;
  readonly whmNames: readonly string[];
  readonly hooks: Hooks;
}

/** Parameter names from elsewhere: 'createacct' → its names. */
export type ParamTable = (api: 'whm' | 'uapi', fn: string) => readonly string[];

function knownParams(names: readonly string[]): KnownParams {
  const plain = new Set(names);
  const starts = names.filter((name) => name.endsWith('*')).map((name) => name.slice(0, -1));
  return {
    has(name) {
      const base = name.replace(/-\d+$/u, '');
      return plain.has(name) || plain.has(base) || plain.has(`${base}-#`) || starts.some((s) => name.startsWith(s));
    },
  };
}

function declared<H>(entry: Entry<H>): Declared<H> {
  // A function is the handler itself; anything else is the declaration around one.
  return typeof entry === 'function' ? { run: entry } : (entry as Declared<H>);
}

function collect<H>(
  modules: readonly Module[],
  pick: (m: Module) => Readonly<Record<string, Entry<H>>> | undefined,
  tableParams: (fn: string) => readonly string[],
): Map<string, Found<H>> {
  const found = new Map<string, Found<H>>();
  for (const module of modules) {
    for (const [name, entry] of Object.entries(pick(module) ?? {})) {
      const d = declared(entry);
      const known = knownParams([...tableParams(name), ...(d.params ?? [])]);
      found.set(name, { ...d, name, known, isDeclared: false });
    }
  }
  return found;
}

type HookName = keyof Hooks;

/** One set of hooks that calls those of every module in turn. */
function chain(modules: readonly Module[]): Hooks {
  const all = modules.flatMap((m) => m.hooks ?? []);
  function each<K extends HookName>(name: K): NonNullable<Hooks[K]> {
    return ((...args: readonly unknown[]) => {
      // The arguments are those of the hook of that very name.
      for (const hooks of all) (hooks[name] as ((...a: readonly unknown[]) => void) | undefined)?.(...args);
    }) as NonNullable<Hooks[K]>;
  }
  return {
    creating: each('creating'),
    created: each('created'),
    removing: each('removing'),
    renamed: each('renamed'),
    domainChanged: each('domainChanged'),
    suspended: each('suspended'),
    unsuspended: each('unsuspended'),
    passwordChanged: each('passwordChanged'),
    addressChanged: each('addressChanged'),
  };
}

/** A lookup that falls back to the declared functions. */
function lookup<H>(
  modelled: ReadonlyMap<string, Found<H>>,
  declaredOf: (fn: string) => Declared<H> | undefined,
  paramsOf: (fn: string) => readonly string[],
): (fn: string) => Found<H> | undefined {
  return (fn) => {
    const found = modelled.get(fn);
    if (found !== undefined) return found;
    const made = declaredOf(fn);
    return made === undefined ? undefined : { ...made, name: fn, known: knownParams(paramsOf(fn)), isDeclared: true };
  };
}

/**
 * Puts the modules together. A later module's function replaces an earlier one's of the same name. `declared` answers
 * for what no module models; without it such functions are unknown.
 */
export function createRegistry(
  modules: readonly Module[],
  params: ParamTable,
  declaredTable?: DeclaredFunctions,
): Registry {
  const whmParams = (fn: string): readonly string[] => params('whm', fn);
  const uapiParams = (fn: string): readonly string[] => params('uapi', fn);
  const whm = collect<Handler>(modules, (m) => m.whm, whmParams);
  const uapi = collect<AccountHandler>(modules, (m) => m.uapi, uapiParams);
  const api2 = collect<AccountHandler>(
    modules,
    (m) => m.api2,
    () => [],
  );
  const others = declaredTable?.whmNames ?? [];
  const names = [...new Set([...whm.keys(), ...others, 'applist', 'batch', 'cpanel', 'uapi_cpanel'])].sort();
  const findWhm = lookup(whm, (fn) => declaredTable?.whm(fn), whmParams);
  const applist: Handler = ({ host }) => {
    const isHere = (since: string | undefined): boolean => since === undefined || host.atLeast(since);
    return ok({ app: names.filter((fn) => isHere(findWhm(fn)?.since)) });
  };
  whm.set('applist', { name: 'applist', known: knownParams([]), isDeclared: false, run: applist });
  return {
    whm: findWhm,
    uapi: lookup(uapi, (fn) => declaredTable?.uapi(fn), uapiParams),
    api2: (fn) => api2.get(fn),
    whmNames: names,
    hooks: chain(modules),
  };
}
