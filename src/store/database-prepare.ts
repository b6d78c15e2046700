import type { Compilable, CompiledQuery, Kysely } from 'kysely';
import type { Prepared } from './database.ts';
import { withValues } from './dialect-kysely.ts';

/** Stands in a compiled statement for a value that is not known yet. */
class Placeholder {
  readonly name: string;
  constructor(name: string) {
    this.name = name;
  }
}

function placeholders<P extends object>(): P {
  const made: Record<string, unknown> = {};
  const proxy = new Proxy(made, { get: (_, name) => new Placeholder(String(name)) });
  // The builder only carries values through to the driver; it never looks at them. That is prepare()'s contract.
  return proxy as P;
}

/** Builds a statement at its first use, then only puts values in. `db` is used to build and never to run. */
export function preparer<S>(db: Kysely<S>) {
  return function prepare<P extends object, R>(build: (db: Kysely<S>, values: P) => Compilable<R>): Prepared<S, P, R> {
    let compiled: CompiledQuery<R> | undefined;
    return async (on, values) => {
      compiled ??= build(db, placeholders<P>()).compile();
      const given = new Map<string, unknown>(Object.entries(values));
      const parameters = compiled.parameters.map((value) =>
        value instanceof Placeholder ? given.get(value.name) : value,
      );
      const result = await on.executeQuery(withValues(compiled, parameters));
      return { rows: result.rows, changes: Number(result.numAffectedRows ?? 0) };
    };
  };
}
