/**
 * The watch: a beat on each master, a look at both, a verdict, and what is safe to do by itself. One turn a second;
 * users and grants once a minute. Killing it anywhere is harmless: everything it decides from is in the servers.
 */
import { mkdir } from 'node:fs/promises';
import type { Clock } from '../clock.ts';
import type { Logger } from '../log.ts';
import { shownConflict } from './conflicts/show.ts';
import { type ConflictMemory, carryOut, newConflictMemory, readNow } from './conflicts/watching.ts';
import type { Server } from './mariadb/connect.ts';
import { endHoldUps, type HoldUps } from './mariadb/hold-ups.ts';
import { differingUsers, userSentence, usersSum } from './mariadb/users.ts';
import { beat, type Counted } from './mariadb/watch.ts';
import { DatabaseAway } from './model.ts';
import { planStarts, planTurn, type Warning, waitsForPerson } from './plan.ts';
import { type DatabasesState, databasesState } from './state-file.ts';
import { type Limits, lookAtPair } from './status.ts';
import { answered, type Direction, judge, type PairState, type Seen, sentenceOf } from './verdict/plan.ts';
import type { ActiveMasters } from './writers.ts';
import { lookAtWriters, newWritersMemory, type WritersMemory, writersWarnings } from './writers-watch.ts';

export interface WatchDeps {
  readonly servers: readonly [Server, Server];
  readonly folder: string;
  readonly clock: Clock;
  readonly limits: Limits;
  /** Whether rows that both masters changed are decided before they are applied. */
  readonly decides: boolean;
  readonly log: Logger;
  /** Which masters are active, if anybody on this machine knows. */
  readonly active: () => ActiveMasters | undefined;
  /** Told once when a warning begins, and once with its end. */
  readonly warn: (warning: Warning, state: 'begins' | 'ends') => void;
}

/** What a turn remembers of the ones before; losing it costs nothing but a repeated warning. */
export interface WatchMemory {
  holdUpsAt: number;
  readonly holdUps: readonly [HoldUps, HoldUps];
  usersAt: number;
  usersSum: string;
  countedAt: number;
  readonly counted: Map<string, Counted>;
  users: readonly Warning[];
  historyAt: number;
  history: DatabasesState['history'];
  standing: ReadonlyMap<string, Warning>;
  readonly conflicts: ConflictMemory;
  readonly strangers: WritersMemory;
}

/** Nothing is remembered yet. */
export function newMemory(): WatchMemory {
  return {
    holdUpsAt: Number.NEGATIVE_INFINITY,
    holdUps: [new Map(), new Map()],
    usersAt: Number.NEGATIVE_INFINITY,
    usersSum: '',
    countedAt: Number.NEGATIVE_INFINITY,
    counted: new Map(),
    users: [],
    historyAt: Number.NEGATIVE_INFINITY,
    history: [],
    standing: new Map(),
    conflicts: newConflictMemory(),
    strangers: newWritersMemory(),
  };
}

const holdUpsEveryMs = 5000;
const usersEveryMs = 60_000;
const countEveryMs = 60_000;
const historyEveryMs = 10_000;
const historyLength = 2160;
const mostNamed = 20;

async function tryBeat(server: Server, log: Logger): Promise<void> {
  try {
    await beat(server);
  } catch (error) {
    // A master that is away, or has no schema of ours yet, has no beat: the verdict says which.
    log.debug({ master: server.side.id, reason: String(error) }, 'no beat');
  }
}

function lagOf(direction: Direction): number | null {
  const { verdict } = direction;
  if ('lagMs' in verdict) return Math.round(verdict.lagMs);
  return 'sinceMs' in verdict ? Math.round(verdict.sinceMs) : null;
}

function warningsOf(state: PairState, name: (id: string) => string): readonly Warning[] {
  const ways = state.directions
    .filter((one) => one.verdict.kind !== 'steady' && one.verdict.kind !== 'not-set-up')
    .map((one) => ({ code: `db.${one.verdict.kind}.${one.from}.${one.to}`, sentence: sentenceOf(one, name) }));
  const strange = Object.entries(state.errant).map(([id, gtids]) => ({
    code: `db.errant.${id}`,
    sentence: `${name(id)}: its log holds transactions of neither master: ${gtids.join(', ')}`,
  }));
  return [...ways, ...strange];
}

/** A look at both logs connects anew several times: that is no new cut. */
function isOwnDoing(memory: WatchMemory, { code }: Warning): boolean {
  const passes = /^db\.(cut|paused|lagging)\./.test(code);
  return passes && memory.conflicts.working !== undefined && !memory.standing.has(code);
}

async function lookAtUsers(deps: WatchDeps, memory: WatchMemory, name: (id: string) => string): Promise<void> {
  if (deps.clock.now() - memory.usersAt < usersEveryMs) return;
  memory.usersAt = deps.clock.now();
  const sum = await usersSum(deps.servers);
  if (sum === memory.usersSum) return;
  const found = await differingUsers(deps.servers);
  memory.usersSum = sum;
  memory.users = found
    .slice(0, mostNamed)
    .map((one) => ({ code: `db.user.${one.kind}.${one.user}`, sentence: userSentence(one, name) }));
}

/** Ends what replication waits for too long: the sessions of customers, which may hold a row for ever. */
async function lookAtHoldUps(deps: WatchDeps, memory: WatchMemory, state: PairState): Promise<void> {
  const now = deps.clock.now();
  if (now - memory.holdUpsAt < holdUpsEveryMs) return;
  memory.holdUpsAt = now;
  for (const [at, server] of deps.servers.entries()) {
    const way = state.directions.find((one) => one.to === server.side.id);
    if (way === undefined || way.waiting === 0 || way.verdict.kind === 'unknown') continue;
    const ended = await endHoldUps(server, memory.holdUps[at === 0 ? 0 : 1], now);
    if (ended.length > 0)
      deps.log.warn({ master: server.side.id, users: ended }, 'sessions were ended: replication waited for their rows');
  }
}

function remember(memory: WatchMemory, now: number, state: PairState): void {
  if (now - memory.historyAt < historyEveryMs) return;
  memory.historyAt = now;
  memory.history = [...memory.history, { at: now, lagMs: state.directions.map(lagOf) }].slice(-historyLength);
}

/** Tells of warnings that began or ended. The sentence may change while the warning stands. */
function tell(deps: WatchDeps, memory: WatchMemory, warnings: readonly Warning[]): void {
  const now = new Map(warnings.map((one) => [one.code, one]));
  for (const one of warnings) if (!memory.standing.has(one.code)) deps.warn(one, 'begins');
  for (const [code, one] of memory.standing) if (!now.has(code)) deps.warn(one, 'ends');
  memory.standing = now;
}

function serverState(seen: Seen): DatabasesState['servers'][number] {
  const { id, name } = seen;
  if (!answered(seen)) return { id, name, up: false, databases: 0, binlogBytes: 0, readOnly: false };
  const { databases, binlogBytes, readOnly } = seen;
  return { id, name, up: true, databases, binlogBytes, readOnly };
}

/** What was counted, for a minute. */
function countedLately(memory: WatchMemory, now: number): ReadonlyMap<string, Counted> {
  if (now - memory.countedAt < countEveryMs) return memory.counted;
  memory.countedAt = now;
  memory.counted.clear();
  return memory.counted;
}

/** One turn; answers one sentence on what it found. */
export async function turn(deps: WatchDeps, memory: WatchMemory): Promise<string> {
  const name = (id: string): string => deps.servers.find((one) => one.side.id === id)?.side.name ?? id;
  await Promise.all(deps.servers.map((server) => tryBeat(server, deps.log)));
  const now = deps.clock.now();
  const servers = await lookAtPair(deps.servers, countedLately(memory, now));
  for (const one of servers)
    if (answered(one)) memory.counted.set(one.id, { databases: one.databases, binlogBytes: one.binlogBytes });
  const state = judge(servers, deps.limits);
  try {
    await lookAtUsers(deps, memory, name);
    await lookAtHoldUps(deps, memory, state);
  } catch (error) {
    // Without both servers nothing can be compared; the direction's verdict already says so.
    if (!(error instanceof DatabaseAway)) throw error;
  }
  remember(memory, now, state);
  const { conflicts, strangers } = memory;
  const writers = { ...deps, writerOf: await lookAtWriters(deps, strangers, servers) };
  await readNow(writers, conflicts, servers);
  const more = conflicts.warning === undefined ? conflicts.left : [conflicts.warning, ...conflicts.left];
  const warnings = [
    ...warningsOf(state, name).filter((one) => !isOwnDoing(memory, one)),
    ...waitsForPerson(servers),
    ...memory.users,
    ...more.slice(0, mostNamed),
    ...writersWarnings(strangers, name),
  ];
  tell(deps, memory, warnings);
  // Before anything is written: a full disk must keep no gate open or shut.
  const watched = { servers, state, tried: conflicts.tried };
  await carryOut(writers, conflicts, servers, deps.decides ? planTurn(watched) : planStarts(watched));
  await mkdir(deps.folder, { recursive: true, mode: 0o700 });
  await databasesState.write(deps.folder, {
    at: now,
    directions: state.directions.map((one) => ({
      ...{ from: one.from, to: one.to, kind: one.verdict.kind, lagMs: lagOf(one), waiting: one.waiting },
      sentence: sentenceOf(one, name),
    })),
    servers: servers.map(serverState),
    errant: Object.values(state.errant).flat().length,
    warnings: [...warnings],
    history: memory.history,
    conflicts: conflicts.count,
    newest: conflicts.newest.map(shownConflict).map((one) => ({ ...one, images: { ...one.images } })),
  });
  return state.directions.map((one) => sentenceOf(one, name)).join('; ');
}
