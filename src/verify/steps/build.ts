import type { WhmCall } from '../../whm/call.ts';
import type { Outcome } from '../../whm/outcome.ts';
import { act } from '../act.ts';
import type { Expected, Facts, Json, Side, Sign, Step, Values } from '../model.ts';

type More = Pick<Step, 'checks' | 'needs' | 'since' | 'until' | 'alone' | 'maps'>;
type Expect = Readonly<Record<string, Expected>>;

/** The facts of one outcome: what it is, and the master's sentence when it is no. */
export function told(outcome: Outcome): Facts {
  return outcome.kind === 'done' ? { outcome: 'done' } : { outcome: outcome.kind, because: outcome.reason };
}

/** A value inside an answer, by its path; null when it is not there. */
export function at(value: unknown, ...path: readonly (string | number)[]): Json {
  let here: unknown = value;
  for (const key of path) {
    here = typeof here === 'object' && here !== null ? (here as Readonly<Record<string, unknown>>)[key] : undefined;
  }
  // Bodies come from JSON.parse.
  return here === undefined ? null : (here as Json);
}

/** What stands under `data`; null unless it was done. */
export function dataOf(outcome: Outcome): unknown {
  return outcome.kind === 'done' ? outcome.data : null;
}

interface Asked {
  readonly id: string;
  readonly assumption: string;
  readonly call: (v: Values) => WhmCall;
  readonly expect?: Expect;
  /** Facts out of the data, beside the outcome. */
  readonly facts?: (data: unknown, v: Values) => Facts;
  readonly sign?: (v: Values) => Sign;
}

function asking(asked: Asked): Step['run'] {
  return async (side) => {
    const outcome = await side.call(asked.call(side.values), asked.sign?.(side.values));
    const more = asked.facts === undefined ? {} : asked.facts(dataOf(outcome), side.values);
    return { ...told(outcome), ...more };
  };
}

/** A read that must work. */
export function reads(asked: Asked, more: More = {}): Step {
  const { id, assumption } = asked;
  return { id, assumption, kind: 'read', ...more, expect: { outcome: 'done', ...asked.expect }, run: asking(asked) };
}

/** A call for the throw-away account that must work. */
export function makes(asked: Asked, more: More = {}): Step {
  return { ...reads(asked, { needs: 'account', ...more }), kind: 'write' };
}

/** A call that must be refused; `text` is looked for in the reason. */
export function refuses(asked: Asked & { readonly text: RegExp }, more: More & { kind?: Step['kind'] } = {}): Step {
  const { id, assumption, text } = asked;
  const expect = { outcome: 'refused', because: text, ...asked.expect };
  return { id, assumption, kind: 'read', ...more, expect, run: asking(asked) };
}

interface Done {
  readonly id: string;
  readonly assumption: string;
  readonly action: string;
  readonly params: (v: Values) => Readonly<Record<string, unknown>>;
  /** What the very same call does when it is made once more; left out: it is not made. */
  readonly repeated?: Expected;
  readonly expect?: Expect;
  /** Called before anything is made. */
  readonly before?: (side: Side) => void;
}

/** An action on the throw-away account: it is planned, takes, and is settled when it is looked at again. */
export function does(done: Done, more: More = {}): Step {
  const { id, assumption, action, params, repeated } = done;
  return {
    id,
    assumption,
    kind: 'write',
    action,
    needs: 'account',
    ...more,
    expect: {
      before: 'apply',
      outcome: 'done',
      after: 'settled',
      ...(repeated === undefined ? {} : { repeated }),
      ...done.expect,
    },
    run(side) {
      done.before?.(side);
      return act(side, action, params(side.values), { repeat: repeated !== undefined });
    },
  };
}

/** What cannot be tried on a server in use; it is named, so that nobody takes it for proved. */
export function untried(id: string, assumption: string, checks: readonly string[], unsafe: string): Step {
  return { id, assumption, checks, kind: 'read', unsafe, expect: {}, run: () => Promise.resolve({}) };
}
