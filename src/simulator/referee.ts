/**
 * What really happened on one server, for tests: every effect with a number that only grows, and what was asked for
 * that the simulator does not know. Effects outlive the process: they stand in a file beside the state.
 */
import type { Args } from './params.ts';

export interface Effect {
  /** 1, 2, 3 … without gaps, over restarts too. */
  readonly n: number;
  /** The number of the call that caused it, in this run of the simulator. */
  readonly call: number;
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly api: 'whm' | 'uapi' | 'api2';
  readonly fn: string;
  /** The account it was about; '' when none. */
  readonly account: string;
  readonly args: Args;
  readonly rows: readonly { readonly table: string; readonly key: string; readonly deleted: boolean }[];
}

/** How often something unknown was asked for: 'createacct.colour' → 2. */
export interface Unknowns {
  readonly functions: Readonly<Record<string, number>>;
  readonly parameters: Readonly<Record<string, number>>;
}

export interface Referee {
  /** Numbers and remembers it. Whoever calls makes it durable, together with what it changed. */
  effect(effect: Omit<Effect, 'n'>): Effect;
  unknownFunction(name: string): void;
  unknownParameter(name: string): void;
  /** A function that is not modelled was answered from its declared fields. */
  declaredFunction(name: string): void;
  /** How often each was. */
  declared(): Readonly<Record<string, number>>;
  unknowns(): Unknowns;
  /** Effects with a number above `after`, at most `limit`. */
  effects(after?: number, limit?: number): readonly Effect[];
  clearUnknowns(): void;
}

/** `earlier`: those read from disk; `heard` is told of each new one. */
export function createReferee(earlier: readonly Effect[], heard?: (effect: Effect) => void): Referee {
  const list: Effect[] = [...earlier];
  const functions = new Map<string, number>();
  const parameters = new Map<string, number>();
  const declared = new Map<string, number>();
  const count = (map: Map<string, number>, name: string): void => {
    map.set(name, (map.get(name) ?? 0) + 1);
  };
  return {
    effect(effect) {
      const numbered: Effect = { n: (list.at(-1)?.n ?? 0) + 1, ...effect };
      list.push(numbered);
      heard?.(numbered);
      return numbered;
    },
    unknownFunction: (name) => count(functions, name),
    unknownParameter: (name) => count(parameters, name),
    declaredFunction: (name) => count(declared, name),
    declared: () => Object.fromEntries(declared),
    unknowns: () => ({ functions: Object.fromEntries(functions), parameters: Object.fromEntries(parameters) }),
    effects(after = 0, limit = 10_000) {
      const first = list[0]?.n ?? 1;
      const from = Math.max(0, after + 1 - first);
      return list.slice(from, from + limit);
    },
    clearUnknowns() {
      functions.clear();
      parameters.clear();
      declared.clear();
    },
  };
}
