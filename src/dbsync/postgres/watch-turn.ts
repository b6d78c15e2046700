/**
 * The watch of the PostgreSQL pair: a beat on each master, a look at both, every carried database followed both ways,
 * new ones picked up. Killing it anywhere is harmless: everything it decides from is in the servers.
 */
import { mkdir } from 'node:fs/promises';
import type { Clock } from '../../clock.ts';
import { AppError, messageOf } from '../../errors.ts';
import type { Logger } from '../../log.ts';
import type { Folder } from '../mariadb/folder.ts';
import { DatabaseAway } from '../model.ts';
import type { Warning } from '../plan.ts';
import { type DatabasesState, databasesState } from '../state-file.ts';
import { alonePg, PairBusy } from './alone.ts';
import { carryDatabase } from './carry.ts';
import { conflictsOf } from './conflict-count.ts';
import { type Running, runDirection } from './direction.ts';
import { type LinkDeps, otherOf, type PgPair } from './link.ts';
import { isLeaving, noteNames, type PgGlance } from './model.ts';
import { ownName } from './names.ts';
import { accountDatabases, isCarried } from './plan.ts';
import { tidyUp } from './tidy.ts';
import { tidyPlan } from './tidy-plan.ts';
import { judgePg, type PgSeen, type PgState, pgAnswered, pgDirectionSentence } from './verdict.ts';
import { pgGlanceAndBeat, pgNote } from './watch.ts';

export interface PgWatchDeps {
  readonly servers: PgPair;
  /** Where the state is written. */
  readonly stateFolder: string;
  readonly folder: Folder;
  readonly clock: Clock;
  readonly log: Logger;
  readonly lagWarnMs: number;
  readonly warn: (warning: Warning, state: 'begins' | 'ends') => void;
}

export interface PgWatchMemory {
  readonly running: Map<string, Running>;
  readonly noted: Map<string, string>;
  history: DatabasesState['history'];
  historyAt: number;
  carriedAt: number;
  conflictsAt: number;
  conflicts: number;
  differing: readonly Warning[];
  standing: ReadonlyMap<string, Warning>;
  /** Databases that are not carried, and since when. */
  passing: ReadonlyMap<string, number>;
}

/** Nothing is remembered yet. */
export function newPgMemory(): PgWatchMemory {
  const never = Number.NEGATIVE_INFINITY;
  return {
    ...{ running: new Map(), noted: new Map(), history: [], historyAt: never, carriedAt: never, conflictsAt: never },
    ...{ conflicts: 0, differing: [], standing: new Map(), passing: new Map() },
  };
}

const newEveryMs = 2000;
const conflictsEveryMs = 30_000;
/** What comes or goes is on one master first: longer than this it is not passing. */
const passingMs = 30_000;
const historyEveryMs = 10_000;
const historyLength = 2160;
/** Clocks further apart than this make "the later one" a matter of chance. */
const clockWarnMs = 1000;

async function look(server: PgPair[number]): Promise<PgSeen> {
  try {
    return await pgGlanceAndBeat(server);
  } catch (error) {
    // Being away is a row in the answer; anything else is a fault.
    if (!(error instanceof DatabaseAway)) throw error;
    return { id: server.side.id, name: server.side.name, away: error.message };
  }
}

/** Looks at both at once; `beat` first, so that the next look finds it. */
export async function lookAtPgPair(servers: PgPair): Promise<readonly [PgSeen, PgSeen]> {
  return await Promise.all([look(servers[0]), look(servers[1])]);
}

function keyOf(to: string, database: string): string {
  return `${to}→${database}`;
}

/** Begins to follow what is carried, and ends following what is not any more. */
async function followCarried(
  deps: PgWatchDeps,
  memory: PgWatchMemory,
  seen: readonly [PgGlance, PgGlance],
): Promise<void> {
  const carried = [ownName, ...accountDatabases(...seen)].filter((name) => isCarried(...seen, name));
  const receivers = seen.filter((one) => !(noteNames.hold in one.notes)).map((one) => one.id);
  const wanted = receivers.flatMap((to) => carried.map((database) => ({ key: keyOf(to, database), to, database })));
  for (const [key, running] of memory.running)
    if (!wanted.some((one) => one.key === key)) {
      memory.running.delete(key);
      await running.stop();
    }
  for (const { key, to: id, database } of wanted) {
    const to = deps.servers.find((one) => one.side.id === id);
    if (to === undefined || memory.running.has(key)) continue;
    const { clock, log } = deps;
    memory.running.set(key, runDirection({ from: otherOf(deps.servers, to), to, database, clock, log }));
  }
}

/** What stops is written down on the receiver, for every other process that looks. */
async function noteStops(deps: PgWatchDeps, memory: PgWatchMemory): Promise<void> {
  for (const one of [...memory.running.values()]) {
    const to = deps.servers.find((server) => server.side.id === one.to);
    if (to === undefined) continue;
    const name = noteNames.stopped(one.from, one.database);
    const { state } = one;
    // Another watcher that follows it says itself how it is.
    if (state.kind === 'elsewhere' || state.kind === 'connecting') continue;
    const reason = state.kind === 'stopped' ? state.reason : '';
    if (memory.noted.get(`${one.to} ${name}`) === reason) continue;
    await pgNote(to, name, reason === '' ? undefined : reason);
    memory.noted.set(`${one.to} ${name}`, reason);
  }
}

function linkOf(deps: PgWatchDeps): LinkDeps {
  return { ...deps, tell: (line) => deps.log.info({ line }, 'databases'), crash: () => {} };
}

/** What a drop or a rename left, whoever did it. Another process that changes the pair comes first. */
async function tidy(deps: PgWatchDeps, seen: readonly [PgGlance, PgGlance]): Promise<void> {
  if (tidyPlan(...seen).length === 0) return;
  try {
    await tidyUp(linkOf(deps));
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    deps.log.info({ reason: messageOf(error) }, 'what a dropped database left stays a little longer');
  }
}

/** Databases that both masters have and nobody carries yet. */
async function pickUp(deps: PgWatchDeps, seen: readonly [PgGlance, PgGlance]): Promise<void> {
  const fresh = accountDatabases(...seen).filter(
    (name) =>
      !isCarried(...seen, name) &&
      !seen.some((one) => isLeaving(one, name)) &&
      seen.every((one) => one.databases.some((d) => d.name === name) && !(noteNames.filling(name) in one.notes)),
  );
  for (const database of fresh) {
    let refused: string | undefined;
    try {
      const result = await alonePg(deps.servers, () => carryDatabase(linkOf(deps), database, { existing: true }));
      if (result === 'gone') continue;
      if (result === 'different')
        refused = 'holds different things on both masters: tandem db postgres reseed says whose are right';
      else deps.log.info({ database, result }, 'database is carried');
    } catch (error) {
      // Whoever changes it says himself what becomes of it.
      if (error instanceof PairBusy) return;
      if (!(error instanceof AppError)) throw error;
      refused = messageOf(error);
    }
    for (const server of deps.servers) await pgNote(server, noteNames.refused(database), refused);
  }
}

function lagOf(one: PgState['directions'][number]): number | null {
  if ('lagMs' in one.verdict) return Math.round(one.verdict.lagMs);
  return 'sinceMs' in one.verdict ? Math.round(one.verdict.sinceMs) : null;
}

/** Those that are worth a warning: what comes or goes is given a moment. */
function leftOver(deps: PgWatchDeps, memory: PgWatchMemory, state: PgState): PgState['notCarried'] {
  const now = deps.clock.now();
  const since = (database: string): number => memory.passing.get(database) ?? now;
  memory.passing = new Map(state.notCarried.map(({ database }) => [database, since(database)]));
  return state.notCarried.filter((one) => !one.passing || now - since(one.database) > passingMs);
}

function warningsOf(
  state: PgState,
  notCarried: PgState['notCarried'],
  seen: readonly PgSeen[],
  name: (id: string) => string,
): readonly Warning[] {
  const ways = state.directions
    .filter((one) => one.verdict.kind !== 'steady' && one.verdict.kind !== 'not-set-up')
    .map((one) => ({
      code: `db.${one.verdict.kind}.${one.from}.${one.to}.postgres`,
      sentence: pgDirectionSentence(one, name),
    }));
  const left = notCarried.map(({ database, reason }) => ({
    code: `db.not-carried.${database}`,
    sentence: `PostgreSQL database ${database} ${reason}`,
  }));
  const glances = seen.filter(pgAnswered);
  const apart = Math.abs((glances[0]?.clock ?? 0) - (glances[1]?.clock ?? 0));
  const clocks =
    glances.length === 2 && apart > clockWarnMs
      ? [
          {
            code: 'db.clocks',
            sentence: `The masters' clocks are ${(apart / 1000).toFixed(1)} s apart: the later of two writes cannot be told.`,
          },
        ]
      : [];
  return [...ways, ...left.slice(0, 20), ...clocks];
}

function tell(deps: PgWatchDeps, memory: PgWatchMemory, warnings: readonly Warning[]): void {
  const now = new Map(warnings.map((one) => [one.code, one]));
  for (const one of warnings) if (!memory.standing.has(one.code)) deps.warn(one, 'begins');
  for (const [code, one] of memory.standing) if (!now.has(code)) deps.warn(one, 'ends');
  memory.standing = now;
}

async function countConflicts(deps: PgWatchDeps, memory: PgWatchMemory, state: PgState): Promise<void> {
  if (deps.clock.now() - memory.conflictsAt < conflictsEveryMs) return;
  memory.conflictsAt = deps.clock.now();
  const { all, differing } = await conflictsOf(deps.servers, state.carried, deps.log);
  memory.conflicts = all;
  memory.differing = differing;
}

function serverState(one: PgSeen): DatabasesState['servers'][number] {
  const { id, name } = one;
  if (!pgAnswered(one)) return { id, name, up: false, databases: 0, binlogBytes: 0, readOnly: false };
  return { id, name, up: true, databases: one.databases.length, binlogBytes: one.walBytes, readOnly: one.readOnly };
}

async function write(
  deps: PgWatchDeps,
  memory: PgWatchMemory,
  state: PgState,
  seen: readonly PgSeen[],
  warnings: readonly Warning[],
): Promise<void> {
  const now = deps.clock.now();
  const name = (id: string): string => seen.find((one) => one.id === id)?.name ?? id;
  if (now - memory.historyAt >= historyEveryMs) {
    memory.historyAt = now;
    memory.history = [...memory.history, { at: now, lagMs: state.directions.map(lagOf) }].slice(-historyLength);
  }
  await mkdir(deps.stateFolder, { recursive: true, mode: 0o700 });
  await databasesState.write(deps.stateFolder, {
    at: now,
    directions: state.directions.map((one) => ({
      ...{ from: one.from, to: one.to, kind: one.verdict.kind, lagMs: lagOf(one), waiting: one.waiting },
      sentence: pgDirectionSentence(one, name),
    })),
    servers: seen.map(serverState),
    errant: 0,
    warnings: [...warnings],
    history: memory.history,
    conflicts: memory.conflicts,
  });
}

/** One turn; answers one sentence on what it found. */
export async function pgTurn(deps: PgWatchDeps, memory: PgWatchMemory): Promise<string> {
  const seen = await lookAtPgPair(deps.servers);
  const state = judgePg(seen, deps);
  const name = (id: string): string => seen.find((one) => one.id === id)?.name ?? id;
  const [a, b] = seen;
  if (pgAnswered(a) && pgAnswered(b)) {
    const both = [a, b] as const;
    await followCarried(deps, memory, both);
    await noteStops(deps, memory);
    await tidy(deps, both);
    if (isCarried(...both, ownName) && deps.clock.now() - memory.carriedAt >= newEveryMs) {
      memory.carriedAt = deps.clock.now();
      await pickUp(deps, both);
    }
    await countConflicts(deps, memory, state);
  }
  const warnings = [...warningsOf(state, leftOver(deps, memory, state), seen, name), ...memory.differing];
  tell(deps, memory, warnings);
  await write(deps, memory, state, seen, warnings);
  return state.directions.map((one) => pgDirectionSentence(one, name)).join('; ');
}

/** Ends following. */
export async function stopFollowing(memory: PgWatchMemory): Promise<void> {
  await Promise.all([...memory.running.values()].map((one) => one.stop()));
}
