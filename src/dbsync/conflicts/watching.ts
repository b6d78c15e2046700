/** What the watch does about conflicts: gates during a cut, one look afterwards beside its turns, and what people read. */
import { join } from 'node:path';
import type { Clock } from '../../clock.ts';
import { AppError, messageOf, Refused } from '../../errors.ts';
import type { Logger } from '../../log.ts';
import type { Server } from '../mariadb/connect.ts';
import { DatabaseAway } from '../model.ts';
import { type Deed, stopName, type Warning } from '../plan.ts';
import { answered, type Seen } from '../verdict/plan.ts';
import { closeGateBehind, openGate, type Pair } from './gates.ts';
import type { ResolveDeps } from './look.ts';
import type { Unjudged, WriterOf } from './model.ts';
import { goOnWithout, resolveConflicts } from './resolve.ts';
import { countConflicts, type Kept, readConflicts } from './store.ts';

export interface ConflictWatchDeps {
  readonly servers: Pair;
  readonly folder: string;
  readonly clock: Clock;
  readonly log: Logger;
  readonly writerOf: WriterOf;
}

/** What is remembered between turns. Losing it costs one more try. */
export interface ConflictMemory {
  /** The look that is under way. */
  working: Promise<void> | undefined;
  /** When the last look ended: what is still behind then is catching up, and is no new cut. */
  lookedAt: number;
  failures: number;
  readonly tried: Set<string>;
  warning: Warning | undefined;
  readAt: number;
  count: number;
  left: readonly Warning[];
  newest: readonly Kept[];
}

/** Nothing is remembered yet. */
export function newConflictMemory(): ConflictMemory {
  return {
    ...{ working: undefined, lookedAt: Number.NEGATIVE_INFINITY, failures: 0, tried: new Set(), warning: undefined },
    ...{ readAt: Number.NEGATIVE_INFINITY, count: 0, left: [], newest: [] },
  };
}

const mostFailures = 3;
const settleMs = 15_000;
const readEveryMs = 30_000;
const mostShown = 50;

async function look(deps: ConflictWatchDeps, memory: ConflictMemory): Promise<void> {
  const { servers, clock, writerOf, log } = deps;
  const options = { servers, clock, writerOf, folder: join(deps.folder, 'logs'), crash: () => {} };
  try {
    const { decisions, unjudged } = await resolveConflicts(options);
    log.warn({ conflicts: decisions.length, tables: unjudged.length }, 'both logs were looked at; both apply again');
    memory.failures = 0;
    memory.warning = undefined;
    memory.readAt = Number.NEGATIVE_INFINITY;
  } catch (error) {
    // Of whatever kind: it runs beside the turns, where nobody would hear of it, and both masters wait.
    log.warn({ err: error, reason: messageOf(error) }, 'conflicts could not be looked at');
    memory.failures += 1;
    // A master that went away again is waited for, and so is another Tandem that works on it; but not without a word.
    const isWaiting = error instanceof DatabaseAway || error instanceof Refused;
    if (isWaiting && memory.failures < mostFailures) return;
    memory.warning = { code: 'db.conflicts', sentence: `Conflicts could not be looked at: ${messageOf(error)}` };
    if (isWaiting || memory.failures < mostFailures) return;
    memory.failures = 0;
    await giveUp(deps, options, messageOf(error));
  }
}

/** Replication goes on as it would without a look; what then differs is shown. */
async function giveUp(deps: ConflictWatchDeps, options: ResolveDeps, reason: string): Promise<void> {
  try {
    await goOnWithout(options, reason);
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    deps.log.warn({ reason: messageOf(error) }, 'replication could not be started');
  }
}

function begin(deps: ConflictWatchDeps, memory: ConflictMemory, seen: readonly Seen[]): void {
  for (const one of seen) if (answered(one) && one.replica?.sqlErrno !== 0) memory.tried.add(stopName(one));
  memory.working = look(deps, memory).finally(() => {
    memory.working = undefined;
    memory.lookedAt = deps.clock.now();
  });
}

/** Carries out the deeds. The look goes on beside the turns: beats must not wait for it. */
export async function carryOut(
  deps: ConflictWatchDeps,
  memory: ConflictMemory,
  seen: readonly Seen[],
  deeds: readonly Deed[],
): Promise<void> {
  if (memory.working !== undefined) return;
  for (const deed of deeds) {
    if (deed.kind === 'gate' && deps.clock.now() - memory.lookedAt < settleMs) continue;
    if (deed.kind === 'gate') await shut(deps, deed.master);
    else if (deed.kind === 'start') await goOn(deps, deed.master);
    else begin(deps, memory, seen);
  }
}

async function shut(deps: ConflictWatchDeps, master: string): Promise<void> {
  const server = deps.servers.find((one) => one.side.id === master);
  if (server === undefined) return;
  try {
    await closeGateBehind(server);
    deps.log.warn({ master }, 'cut: what arrives later waits until both logs were looked at');
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    deps.log.warn({ master, reason: messageOf(error) }, 'the gate could not be closed');
  }
}

async function goOn(deps: ConflictWatchDeps, master: string): Promise<void> {
  const server = deps.servers.find((one) => one.side.id === master);
  if (server === undefined) return;
  try {
    await openGate(deps, server);
    deps.log.warn({ master }, 'replication was started again');
  } catch (error) {
    // The server's own reason is in the next turn's verdict.
    if (!(error instanceof AppError)) throw error;
    deps.log.warn({ master, reason: messageOf(error) }, 'replication could not be started');
  }
}

function leftSentence(name: string, { database, reason }: Unjudged): string {
  if (database === '')
    return `Rows that both masters changed during a cut may have crossed without being compared: ${reason}. tandem db check --all, then tandem db conflicts --seen`;
  return `${name}: both masters wrote to it during a cut and its rows could not be compared: ${reason}. tandem db check ${database}, then tandem db conflicts --seen`;
}

function leftOf(found: Awaited<ReturnType<typeof countConflicts>>): readonly Warning[] {
  const names = [
    ...new Map(found.left.map((one) => [one.database === '' ? 'all' : `${one.database}.${one.table}`, one])),
  ];
  return names.map(([name, one]) => ({
    code: `db.conflict.left.${name}`,
    sentence: leftSentence(name, one),
  }));
}

async function readFrom(server: Server, memory: ConflictMemory): Promise<void> {
  const found = await countConflicts(server);
  memory.count = found.all;
  memory.left = leftOf(found);
  memory.newest = await readConflicts(server, mostShown);
}

/** Reads now and then what was decided: both servers hold the same, so one that answers will do. */
export async function readNow(deps: ConflictWatchDeps, memory: ConflictMemory, seen: readonly Seen[]): Promise<void> {
  const now = deps.clock.now();
  const server = deps.servers.find((one) => seen.some((at) => at.id === one.side.id && answered(at)));
  if (server === undefined || now - memory.readAt < readEveryMs) return;
  memory.readAt = now;
  try {
    await readFrom(server, memory);
  } catch (error) {
    // It went away between two statements; the next turn says so.
    if (!(error instanceof DatabaseAway)) throw error;
  }
}
