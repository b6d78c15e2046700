/**
 * What was decided, in a table of each server: written before anything is applied, and kept so that people can look at
 * both images. It stays on its server; both hold the same.
 */
import { z } from 'zod';
import { oneValue } from '../mariadb/apply-context.ts';
import { type Server, type Session, unlogged } from '../mariadb/connect.ts';
import { sizeOf } from '../mariadb/packet.ts';
import { note } from '../mariadb/watch.ts';
import { ownSchema } from '../model.ts';
import { type Decision, decisionSchema, type Unjudged } from './model.ts';

const runSchema = z.object({
  id: z.string(),
  /** Up to where each master's own transactions were looked at, by master. */
  ends: z.record(z.string(), z.string()),
});

/** One pass over both logs that is being carried out. */
export type Run = z.output<typeof runSchema>;

/** 'open': being carried out; 'moved': written again meanwhile, so it is decided anew; 'left': not told apart. */
export type State = 'open' | 'moved' | 'done' | 'left' | 'seen';

const unjudgedSchema = z.object({ database: z.string(), table: z.string(), reason: z.string() });

export type Kept = { readonly run: string; readonly n: number; readonly state: State; readonly at: number } & (
  | { readonly decision: Decision }
  | { readonly unjudged: Unjudged }
);

const runNote = 'conflict-run';
/** Letters of decisions that are written at once; a server takes 16 MB unless it was told otherwise. */
const lettersAtOnce = 1_000_000;
const keepMs = 90 * 86_400_000;

/** The table of one server; may be made again. */
export async function makeConflictTable(session: Session): Promise<void> {
  await session.rows(
    `CREATE TABLE IF NOT EXISTS ??.local_conflict (run VARCHAR(40) NOT NULL, n INT NOT NULL, state VARCHAR(8) NOT NULL,
      at DOUBLE NOT NULL, what LONGTEXT NOT NULL, PRIMARY KEY (run, n), KEY state (state), KEY at (at)) ENGINE=InnoDB`,
    [ownSchema],
  );
}

/** The pass that a kill interrupted, if there is one: what stands on the first server counts. */
export async function readRun(servers: readonly [Server, Server]): Promise<Run | undefined> {
  for (const server of servers) {
    const text = await oneValue(server, 'SELECT value FROM ??.local_mark WHERE name = ?', [ownSchema, runNote]);
    if (text !== '') return runSchema.parse(JSON.parse(text));
  }
  return undefined;
}

/** Parts of a list, none much larger than what is written at once. */
function bySize<T>(list: readonly T[], size: (one: T) => number): readonly (readonly T[])[] {
  const parts: T[][] = [];
  let letters = 0;
  for (const one of list) {
    letters += size(one);
    if (parts.length === 0 || letters > lettersAtOnce) {
      parts.push([one]);
      letters = size(one);
    } else parts.at(-1)?.push(one);
  }
  return parts;
}

/** Writes decisions to both servers, then that they are in force. */
export async function beginRun(
  servers: readonly [Server, Server],
  run: Run,
  what: { readonly decisions: readonly Decision[]; readonly unjudged: readonly Unjudged[]; readonly at: number },
): Promise<void> {
  const rows = [
    ...what.decisions.map((one) => ['open', JSON.stringify(one)] as const),
    ...what.unjudged.map((one) => ['left', JSON.stringify(one)] as const),
  ].map(([state, text], n) => [run.id, n, state, what.at, text] as const);
  const size = sizeOf(rows.reduce((most, row) => Math.max(most, row[4].length), 0));
  const write = async (session: Session): Promise<void> => {
    for (const some of bySize(rows, (row) => row[4].length))
      await session.rows('REPLACE INTO ??.local_conflict VALUES ?', [ownSchema, some]);
    await session.rows('DELETE FROM ??.local_conflict WHERE at < ?', [ownSchema, what.at - keepMs]);
  };
  for (const server of servers) await unlogged(server, write, size);
  // The second server's note is written first: while the first lacks it, both are read as "not begun" or as whole.
  for (const server of [...servers].reverse()) await note(server, runNote, JSON.stringify(run));
}

/** Notes on both what could not be told apart, by itself. */
export async function noteUnjudged(
  servers: readonly [Server, Server],
  run: { readonly id: string; readonly at: number },
  unjudged: readonly Unjudged[],
): Promise<void> {
  const rows = unjudged.map((one, n) => [run.id, n, 'left', run.at, JSON.stringify(one)]);
  for (const server of servers)
    await unlogged(server, async (session) => {
      await makeConflictTable(session);
      await session.rows('REPLACE INTO ??.local_conflict VALUES ?', [ownSchema, rows]);
    });
}

/** The decisions of a pass, with what became of them on this server. */
export async function readDecisions(
  server: Session,
  run: string,
): Promise<readonly { readonly n: number; readonly state: string; readonly decision: Decision }[]> {
  const rows = await server.rows(
    "SELECT n, state, what FROM ??.local_conflict WHERE run = ? AND state IN ('open', 'moved', 'done') ORDER BY n",
    [ownSchema, run],
  );
  return rows.map((row) => ({
    n: Number(row['n']),
    state: row['state'] ?? '',
    decision: decisionSchema.parse(JSON.parse(row['what'] ?? '')),
  }));
}

/** A row that was written again while it was carried; the next pass decides it. */
export interface Moved {
  readonly run: string;
  readonly n: number;
  /** Where it was written again, by the server's place. */
  readonly sides: readonly (0 | 1)[];
  readonly decision: Decision;
}

/** All of them, each once. */
export async function readMoved(servers: readonly [Server, Server]): Promise<readonly Moved[]> {
  const found = new Map<string, Moved>();
  for (const side of [0, 1] as const) {
    const rows = await servers[side].rows("SELECT run, n, what FROM ??.local_conflict WHERE state = 'moved'", [
      ownSchema,
    ]);
    for (const row of rows) {
      const { run = '', n } = row;
      const name = `${run} ${n}`;
      const decision = decisionSchema.parse(JSON.parse(row['what'] ?? ''));
      found.set(name, { run: run ?? '', n: Number(n), sides: [...(found.get(name)?.sides ?? []), side], decision });
    }
  }
  return [...found.values()];
}

/** The decisions of a pass are no longer in force. What moved stays so until the next pass has decided it. */
export async function closeRun(servers: readonly [Server, Server], { id }: Run): Promise<void> {
  for (const server of servers)
    await unlogged(server, (session) =>
      session.rows("UPDATE ??.local_conflict SET state = 'done' WHERE run = ? AND state = 'open'", [ownSchema, id]),
    );
}

/** Nothing of the pass is left to do. */
export async function endRun(servers: readonly [Server, Server], run: Run): Promise<void> {
  await closeRun(servers, run);
  for (const server of servers) await note(server, runNote, undefined);
}

/** Notes that what had moved is decided by a later pass. */
export async function settleMoved(servers: readonly [Server, Server], but: string): Promise<void> {
  for (const server of servers)
    await unlogged(server, (session) =>
      session.rows("UPDATE ??.local_conflict SET state = 'done' WHERE state = 'moved' AND run <> ?", [ownSchema, but]),
    );
}

async function hasTable(server: Server): Promise<boolean> {
  const found = await oneValue(
    server,
    "SELECT COUNT(*) FROM information_schema.tables WHERE table_schema = ? AND table_name = 'local_conflict'",
    [ownSchema],
  );
  return found === '1';
}

/** For people, without the bytes of rows that are long: the watch reads them every half minute. */
const readable = `IF(LENGTH(what) > 20000, JSON_SET(what, '$.want', NULL, '$.lost', NULL), what)`;

/** The newest conflicts that a server holds. `database` narrows them. */
export async function readConflicts(server: Server, most: number, database?: string): Promise<readonly Kept[]> {
  if (!(await hasTable(server))) return [];
  const rows = await server.rows(
    `SELECT run, n, state, at, ${readable} AS what FROM ??.local_conflict
      WHERE ? = '' OR JSON_VALUE(what, '$.database') = ? ORDER BY at DESC, run, n LIMIT ?`,
    [ownSchema, database ?? '', database ?? '', most],
  );
  return rows.map((row) => {
    const what: unknown = JSON.parse(row['what'] ?? '');
    const head = {
      ...{ run: row['run'] ?? '', n: Number(row['n']), at: Number(row['at']) },
      state: z.enum(['open', 'moved', 'done', 'left', 'seen']).parse(row['state']),
    };
    const unjudged = unjudgedSchema.safeParse(what);
    return unjudged.success ? { ...head, unjudged: unjudged.data } : { ...head, decision: decisionSchema.parse(what) };
  });
}

/** How many there are, and which tables could not be told apart and nobody has seen yet. */
export async function countConflicts(
  server: Server,
): Promise<{ readonly all: number; readonly left: readonly Unjudged[] }> {
  if (!(await hasTable(server))) return { all: 0, left: [] };
  const all = Number(await oneValue(server, 'SELECT COUNT(*) FROM ??.local_conflict', [ownSchema]));
  const rows = await server.rows("SELECT what FROM ??.local_conflict WHERE state = 'left' LIMIT 100", [ownSchema]);
  return { all, left: rows.map((row) => unjudgedSchema.parse(JSON.parse(row['what'] ?? ''))) };
}

/** Somebody has looked at what could not be told apart. */
export async function markSeen(servers: readonly [Server, Server]): Promise<void> {
  for (const server of servers)
    if (await hasTable(server))
      await unlogged(server, (session) =>
        session.rows("UPDATE ??.local_conflict SET state = 'seen' WHERE state = 'left'", [ownSchema]),
      );
}
