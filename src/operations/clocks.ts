/**
 * The keys' own counters, from which order comes (docs/decisions/002). Beside its number a key keeps a mark of what was
 * asked for with it, so that a request that was never asked before need not be looked for.
 */
import type { Key } from '../actions/define.ts';
import { clocksOf, insertKeys, lockKey, raiseKeys } from './accept-statements.ts';
import type { Deps } from './deps.ts';
import type { Db } from './record.ts';

type Part = Pick<Deps, 'journal'>;

/** The keys of an operation as they stood before it. */
export interface Clocks {
  /** The operation's number: one more than that of every key it touches. */
  readonly seq: number;
  readonly before: ReadonlyMap<string, Clock>;
}

interface Clock {
  readonly seq: number;
  readonly asked: string | null;
}

/** Every operation touches this key, so its row has the highest number, and whoever has that row comes next. */
const SERVER = 'server';

/** Takes the next number; no one else gets it while this transaction lasts. */
export async function nextOf({ journal }: Part, db: Db, keys: readonly Key[]): Promise<Clocks> {
  // On SQLite the transaction itself has all the locks; elsewhere this one is taken before anything is read.
  if (journal.kind === 'mariadb') await journal.prepare(lockKey)(db, { name: SERVER });
  const { rows } = await journal.prepare(clocksOf)(db, { names: keys.map((k) => k.name) });
  const before = new Map(rows.map((row) => [row.name, row]));
  return { seq: (before.get(SERVER)?.seq ?? 0) + 1, before };
}

/** All keys of an operation go on from its own number. */
export async function raise(
  { journal }: Part,
  db: Db,
  keys: readonly Key[],
  { seq, before }: Clocks,
  fingerprint: string,
): Promise<void> {
  const asked = markOf(seq, fingerprint);
  const names = keys.map((k) => k.name);
  if (before.size > 0) await journal.prepare(raiseKeys)(db, { names, seq, asked });
  const missing = names.filter((name) => !before.has(name));
  if (missing.length > 0) await journal.prepare(insertKeys)(db, { names: missing, seq, asked });
}

/** Enough of a fingerprint to tell two requests apart nearly always; where it does not, the journal is looked through. */
const markLength = 12;

/** With the number, so that it counts only for the operation that wrote it. */
function markOf(seq: number, fingerprint: string): string {
  return `${seq} ${fingerprint.slice(0, markLength)}`;
}

/**
 * Whether the keys alone tell that no equal request has to be looked for: something else was asked for with one of those
 * that this one wants for itself, and so an equal one would be overtaken. False: unknown.
 */
export function isNew({ before }: Clocks, keys: readonly Key[], fingerprint: string): boolean {
  return keys.some(({ name, exclusive }) => {
    if (!exclusive) return false;
    const clock = before.get(name);
    if (clock === undefined) return true;
    const isKnown = clock.asked?.startsWith(`${clock.seq} `) ?? false;
    return isKnown && clock.asked !== markOf(clock.seq, fingerprint);
  });
}
