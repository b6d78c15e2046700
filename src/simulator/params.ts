/** Arguments in order, with repeats. */
export type Args = readonly (readonly [name: string, value: string])[];

/** A handler's "no": thrown from anywhere in it, answered as cPanel answers a failure. Nothing of the call is kept. */
export class Refusal extends Error {
  readonly data: unknown;
  constructor(reason: string, data?: unknown) {
    super(reason);
    this.name = 'Refusal';
    this.data = data;
  }
}

/** The parameters of a call, in order and with repeats. `api.*` and other transport names are taken out. */
export interface Params {
  readonly all: Args;
  /** The last value of the first name that was sent; undefined when none was. */
  get(...names: readonly string[]): string | undefined;
  /** Like get, but throws cPanel's refusal for a missing or empty value. */
  require(...names: readonly string[]): string;
  has(name: string): boolean;
  /** A list: repeats of `name` and numbered names (`name-0`, `name-1` …), in order. */
  list(name: string): readonly string[];
  /** 1, y, yes, true → true; 0, n, no, empty, false → false; absent → `otherwise`. */
  flag(name: string, otherwise: boolean): boolean;
  /** A whole number; undefined when absent, NaN when it is none. 'unlimited' and 'unmetered' are Infinity. */
  number(name: string): number | undefined;
}

const NO = new Set(['0', 'n', 'no', '', 'false', 'off']);

function numberOf(text: string): number {
  if (/^(unlimited|unmetered)$/iu.test(text)) return Number.POSITIVE_INFINITY;
  return /^-?\d+(\.\d+)?$/u.test(text) ? Number(text) : Number.NaN;
}

/** Wraps arguments for a handler. `missing` makes the sentence for an absent one; it differs between the APIs. */
export function paramsOf(all: Args, missing: (name: string) => string): Params {
  const last = new Map(all);
  function get(...names: readonly string[]): string | undefined {
    for (const name of names) {
      const value = last.get(name);
      if (value !== undefined) return value;
    }
    return undefined;
  }
  return {
    all,
    get,
    require(...names) {
      const value = get(...names);
      if (value === undefined || value === '') throw new Refusal(missing(names[0] ?? ''));
      return value;
    },
    has: (name) => last.has(name),
    list(name) {
      const prefix = `${name}-`;
      const isItem = (key: string): boolean =>
        key === name || (key.startsWith(prefix) && /^\d+$/u.test(key.slice(prefix.length)));
      return all.flatMap(([key, value]) => (isItem(key) ? [value] : []));
    },
    flag(name, otherwise) {
      const value = last.get(name);
      return value === undefined ? otherwise : !NO.has(value.toLowerCase());
    },
    number(name) {
      const value = last.get(name);
      return value === undefined ? undefined : numberOf(value);
    },
  };
}
