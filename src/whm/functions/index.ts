import { accountOf, keysOf } from './keys.ts';
import type { Again, FunctionEntry, Treatment } from './model.ts';
import { overrides, repeats } from './overrides.ts';
import { catalogue, type Kind, type Line, type Row, rowOf } from './rows.ts';
import { addressesOf, secretsOf } from './values.ts';

const byKind: Readonly<Record<Kind, Treatment>> = {
  read: 'read',
  fanout: 'fan-out',
  local: 'named',
  dangerous: 'refused',
  session: 'session',
};

const movedByReplication = ['home-files', 'mail-store', 'database-data'] as const;

function treat(row: Row): Pick<FunctionEntry, 'treatment' | 'why'> {
  const override = overrides[row.name];
  if (override !== undefined) return { treatment: override[0], why: override[1] };
  if (movedByReplication.some((flag) => row.flags.has(flag))) return { treatment: 'active' };
  if (row.kind === 'read' && (row.flags.has('looks-like-read-but-writes') || row.flags.has('unsafe-retry'))) {
    return { treatment: 'named' };
  }
  return { treatment: byKind[row.kind] };
}

/** What cannot be told apart by looking: work that goes on, leaves the master, or makes up a secret. */
const unseen = ['async', 'outbound', 'generates-secret'] as const;

function repeatOf(row: Row, treatment: Treatment): Again {
  const own = repeats[row.name];
  if (own !== undefined) return own;
  if (treatment === 'read' || treatment === 'merge') return 'safe';
  if (row.flags.has('unsafe-retry')) return unseen.some((flag) => row.flags.has(flag)) ? 'never' : 'read back';
  return row.flags.has('destructive') ? 'read back' : 'safe';
}

function longestOf(row: Row, treatment: Treatment): number {
  if (row.flags.has('slow') || row.flags.has('async')) return 300;
  if (treatment !== 'read' && treatment !== 'merge') return 120;
  return row.flags.has('outbound') ? 60 : 20;
}

function entryOf(row: Row): FunctionEntry {
  const { treatment, why } = treat(row);
  const account = accountOf(row);
  return {
    api: row.api,
    name: row.name,
    category: row.category,
    treatment,
    ...(why === undefined ? {} : { why }),
    required: row.required,
    optional: row.optional,
    keys: keysOf(row),
    ...(account === undefined ? {} : { account }),
    addresses: addressesOf(row),
    secrets: secretsOf(row),
    again: repeatOf(row, treatment),
    longestSeconds: longestOf(row, treatment),
    since: row.since,
  };
}

/** The table of every function that Tandem knows. */
export interface Functions {
  readonly all: readonly FunctionEntry[];
  /** undefined for a name that is not in the catalogue: such a call is refused, never guessed. */
  get(api: 'whm' | 'uapi', name: string): FunctionEntry | undefined;
}

/** Entries are made when they are asked for: of two thousand functions a process uses few, and most programs none. */
function build(): Functions {
  const lines = catalogue();
  const byName = { whm: new Map<string, Line>(), uapi: new Map<string, Line>() };
  for (const line of lines) byName[line.api].set(line.name, line);
  const made = new Map<Line, FunctionEntry>();
  const entryAt = (line: Line): FunctionEntry => {
    const entry = made.get(line) ?? entryOf(rowOf(line));
    made.set(line, entry);
    return entry;
  };
  let all: readonly FunctionEntry[] | undefined;
  return {
    get all() {
      all ??= lines.map(entryAt);
      return all;
    },
    get(api, name) {
      const line = byName[api].get(name);
      return line === undefined ? undefined : entryAt(line);
    },
  };
}

export const functions: Functions = build();

const numbered = /-\d+$/;

/** Whether a function declares a parameter; lists may be numbered ('acl-0'), and every function takes 'api.…'. */
export function accepts(entry: FunctionEntry, parameter: string): boolean {
  if (parameter.startsWith('api.')) return true;
  const bare = parameter.replace(numbered, '');
  return [entry.required, entry.optional].some((names) =>
    names.some(
      (name) => name === parameter || name === bare || (name.endsWith('*') && parameter.startsWith(name.slice(0, -1))),
    ),
  );
}
