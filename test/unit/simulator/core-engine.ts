import { privileges } from '../../../src/simulator/acls.ts';
import { declaredFunctions } from '../../../src/simulator/declared.ts';
import { type Call, createEngine, type Engine, type Portion } from '../../../src/simulator/engine.ts';
import type { Caller, Module, Result } from '../../../src/simulator/handler.ts';
import { createHost } from '../../../src/simulator/host.ts';
import { tableParams } from '../../../src/simulator/known-params.ts';
import { modules as all } from '../../../src/simulator/modules/index.ts';
import { createReferee, type Referee } from '../../../src/simulator/referee.ts';
import { createRegistry } from '../../../src/simulator/registry.ts';
import { seed } from '../../../src/simulator/seed.ts';
import { type Change, createState } from '../../../src/simulator/state.ts';

export const GOOD_PASSWORD = 'Str0ng-Pass-1!';

export interface Bench {
  readonly engine: Engine;
  readonly referee: Referee;
  readonly persisted: Change[][];
  /** Runs a WHM function; 'unknown' and 'bad-user' come back as their word. */
  whm(fn: string, args?: Readonly<Record<string, string>>, caller?: Caller): Result | string;
  reason(fn: string, args?: Readonly<Record<string, string>>, caller?: Caller): string;
  run(call: Partial<Call> & { readonly fn: string }, portion?: Portion): ReturnType<Engine['run']>;
}

export const root: Caller = { kind: 'root', user: 'root', acls: new Set(privileges), address: '127.0.0.1' };

export function reseller(user: string, ...acls: readonly string[]): Caller {
  return { kind: 'reseller', user, acls: new Set(acls), address: '127.0.0.1' };
}

export interface BenchOptions {
  readonly id?: string;
  readonly modules?: readonly Module[];
  readonly version?: string;
  readonly seats?: number;
  readonly dedicated?: readonly string[];
  /** Functions that are not modelled answer from their declared fields. */
  readonly declared?: boolean;
}

/** A whole server in memory: no files, no sockets, a clock that stands still. */
export function bench(options: BenchOptions = {}): Bench {
  const id = options.id ?? 'm1';
  const state = createState();
  const referee = createReferee([]);
  const persisted: Change[][] = [];
  const host = createHost({
    id,
    hostname: `${id}.example.net`,
    version: options.version ?? '11.134.0.20',
    addresses: ['192.0.2.1'],
    now: () => 1_700_000_000_000,
  });
  const engine = createEngine({
    state,
    host,
    referee,
    registry: createRegistry(
      options.modules ?? all,
      tableParams,
      options.declared === true ? declaredFunctions() : undefined,
    ),
    persist: (changes) => persisted.push([...changes]),
  });
  const { seats, dedicated } = options;
  seed(engine, {
    id,
    stateDir: '',
    ...(seats === undefined ? {} : { seats }),
    ...(dedicated === undefined ? {} : { dedicated }),
  });
  let sequence = 0;
  const run: Bench['run'] = (call, portion) => {
    sequence += 1;
    return engine.run({ api: 'whm', user: '', args: [], caller: root, ...call }, sequence, portion);
  };
  const whm: Bench['whm'] = (fn, args = {}, caller = root) => {
    const { executed } = run({ fn, args: Object.entries(args), caller });
    return executed.kind === 'result' ? executed.result : executed.kind;
  };
  return {
    engine,
    referee,
    persisted,
    whm,
    run,
    reason(fn, args, caller) {
      const result = whm(fn, args, caller);
      if (typeof result === 'string') return result;
      return result.ok ? 'done' : result.reason;
    },
  };
}

/** createacct with what it needs; `more` adds or replaces. */
export function newAccount(
  user: string,
  more: Readonly<Record<string, string>> = {},
): Readonly<Record<string, string>> {
  return { username: user, domain: `${user}.example`, password: GOOD_PASSWORD, ...more };
}
