import type { Compilable, CompiledQuery, Kysely, RawBuilder } from 'kysely';
import type { Build, Prepared } from './database.ts';
import { runBuilt } from './dialect-kysely.ts';

/** Stands in a compiled statement for a value that is not known yet. */
class Placeholder {
  readonly name: string;
  /** Place in a list; undefined for a single value. */
  readonly at: number | undefined;
  constructor(name: string, at?: number) {
    this.name = name;
    this.at = at;
  }
}

type Values = Readonly<Record<string, unknown>>;

/** Placeholders of the same shape: a list has as many as it has values. */
function placeholdersFor<P extends object>(values: P): P {
  const entries = Object.entries(values).map(([name, value]) => [
    name,
    Array.isArray(value) ? value.map((_, at) => new Placeholder(name, at)) : new Placeholder(name),
  ]);
  // The builder only carries values through to the driver; it never looks at them. That is prepare()'s contract.
  return Object.fromEntries(entries) as P;
}

/** What makes a statement another one: how long its lists are. */
function shapeOf(values: Values): string {
  let shape = '';
  for (const name in values) {
    const value = values[name];
    if (Array.isArray(value)) shape += `${value.length},`;
  }
  return shape;
}

function fill(parameters: readonly unknown[], values: Values): unknown[] {
  return parameters.map((parameter) => {
    if (!(parameter instanceof Placeholder)) return parameter;
    const value = values[parameter.name];
    return parameter.at !== undefined && Array.isArray(value) ? value[parameter.at] : value;
  });
}

function prepared<S, P extends object, R>(db: Kysely<S>, now: () => RawBuilder<number>, build: Build<S, P, R>) {
  const byShape = new Map<string, CompiledQuery<R>>();
  return async (on: Kysely<S>, values: P) => {
    // An object of named values is a record, whatever its interface is called.
    const given = values as Values;
    const shape = shapeOf(given);
    let compiled = byShape.get(shape);
    if (compiled === undefined) {
      const query: Compilable<R> = build(db, placeholdersFor(values), now());
      compiled = query.compile();
      byShape.set(shape, compiled);
    }
    return runBuilt(on, compiled, fill(compiled.parameters, given));
  };
}

/** Builds a statement at its first use, then only puts values in. `db` is used to build and never to run. */
export function preparer<S>(db: Kysely<S>, now: () => RawBuilder<number>) {
  const known = new Map<unknown, unknown>();
  return function prepare<P extends object, R>(build: Build<S, P, R>): Prepared<S, P, R> {
    // What is kept under a build function was made from that very function.
    const kept = known.get(build) as Prepared<S, P, R> | undefined;
    if (kept !== undefined) return kept;
    const made = prepared(db, now, build);
    known.set(build, made);
    return made;
  };
}
