/** One look at both logs: what neither has applied of the other up to a moment, judged and decided. */
import type { Clock } from '../../clock.ts';
import { oneValue } from '../mariadb/apply-context.ts';
import type { Server, Session } from '../mariadb/connect.ts';
import { parseGtids } from '../mariadb/gtid.ts';
import { readDetached } from '../mariadb/observe.ts';
import { isLocalSchema } from '../mariadb/settings.ts';
import { beat } from '../mariadb/watch.ts';
import { DatabaseFailed, ownSchema } from '../model.ts';
import { appliedOf } from './carry.ts';
import type { Change } from './collect.ts';
import { crossedChanges } from './crossed.ts';
import type { Verdict } from './decide.ts';
import { tableOf } from './events.ts';
import type { Pair } from './gates.ts';
import { forcedName, judgeLogs } from './judge.ts';
import { type FetchedLog, type Shelf, type Span, seqOf } from './logs.ts';
import type { Decision, Unjudged, WriterOf } from './model.ts';
import { type Run, readDecisions, readMoved } from './store.ts';
import { type ConflictTable, sumQuery, tableOfBoth } from './tables.ts';

export interface ResolveDeps {
  readonly servers: Pair;
  /** Folder for parts of the logs on their way. */
  readonly folder: string;
  readonly clock: Clock;
  readonly writerOf: WriterOf;
  readonly crash: (point: string) => void;
}

export interface Resolved {
  readonly decisions: readonly Decision[];
  readonly unjudged: readonly Unjudged[];
}

/** A server's own domain. */
export async function domainOf(server: Session): Promise<number> {
  return Number(await oneValue(server, 'SELECT @@GLOBAL.gtid_domain_id'));
}

/** Where in its log a session's moment is; undefined where the server cannot say it. */
async function placeOf(session: Session, domain: number): Promise<bigint | undefined> {
  const rows = await session.rows("SHOW STATUS LIKE 'binlog_snapshot_%'");
  const value = (name: string): string => rows.find((row) => row['Variable_name'] === name)?.['Value'] ?? '';
  const position = Number(value('Binlog_snapshot_position'));
  const gtids = await oneValue(session, `SELECT BINLOG_GTID_POS(?, ${position})`, [value('Binlog_snapshot_file')]);
  return gtids === '' ? undefined : seqOf(parseGtids(gtids), domain);
}

/** A moment of a server: what is read through the session is as of `end`. */
async function snapshot<T>(
  server: Server,
  domain: number,
  work: (session: Session, end: bigint) => Promise<T>,
): Promise<T> {
  const at = async (session: Session): Promise<{ readonly value: T } | undefined> => {
    await session.rows("SET SESSION time_zone = '+00:00', tx_isolation = 'REPEATABLE-READ'");
    await session.rows('START TRANSACTION WITH CONSISTENT SNAPSHOT');
    const end = await placeOf(session, domain);
    return end === undefined ? undefined : { value: await work(session, end) };
  };
  // It reads its log for the place, and cannot read past a row that is longer than this session may send.
  const done = (await server.session(at)) ?? (await server.session(at, 'long'));
  if (done === undefined) throw new DatabaseFailed(`${server.side.name} does not know its place in its own log.`);
  return done.value;
}

type Carries = (database: string, table: string) => boolean;

/** What replication brings over at all: neither cPanel's own schemas nor accounts that are cut off. */
export async function carriesOf(servers: Pair): Promise<Carries> {
  const patterns = (await Promise.all(servers.map(readDetached))).flat();
  const isCut = (database: string): boolean =>
    patterns.some((one) => (one.endsWith('%') ? database.startsWith(one.slice(0, -1)) : database === one));
  return (database, table) =>
    database === ownSchema ? !table.startsWith('local_') : !isLocalSchema(database) && !isCut(database);
}

const sumsAtOnce = 50;

/** The sums of several rows at a session's moment, '' where there is none; many at a time, since a server may be far. */
async function sumsOf(
  server: Server,
  session: Session,
  decisions: readonly Decision[],
): Promise<ReadonlyMap<Decision, string>> {
  const tables = new Map<string, ConflictTable>();
  for (const { database, table } of decisions) {
    const name = `${database}.${table}`;
    const found = tables.get(name) ?? (await tableOfBoth([server, server], database, table));
    if (!('reason' in found)) tables.set(name, found);
  }
  const known = decisions.flatMap((decision) => {
    const table = tables.get(`${decision.database}.${decision.table}`);
    return table === undefined ? [] : [{ decision, query: sumQuery(table, decision.key) }];
  });
  const sums = new Map<Decision, string>();
  for (let at = 0; at < known.length; at += sumsAtOnce) {
    const some = known.slice(at, at + sumsAtOnce);
    const [row] = await session.rows(
      `SELECT ${some.map(({ query }, n) => `(${query.sql}) AS s${n}`).join(', ')}`,
      some.flatMap(({ query }) => query.values),
    );
    for (const [n, { decision }] of some.entries()) sums.set(decision, row?.[`s${n}`] ?? '');
  }
  return sums;
}

export interface Look extends Resolved {
  readonly ends: Run['ends'];
  /** Transactions that wait on both sides. */
  readonly waiting: bigint;
}

/** What the pass before this look did. */
export interface Past {
  /** What it had to carry to the other, of each. */
  readonly spans?: readonly [Span, Span];
  /** Transactions that waited when it began. */
  readonly waiting?: bigint;
  /** Its decisions, when it met a row that was written here after its look; this look decides them again. */
  readonly failed?: Run;
}

/** Two moments, one on each server, and what neither has applied of the other up to them. */
interface Moment {
  readonly sessions: readonly [Session, Session];
  readonly spans: readonly [Span, Span];
}

/** Runs `work` at one moment of both servers. */
async function atMoment<T>(servers: Pair, work: (moment: Moment) => Promise<T>): Promise<T> {
  const [a, b] = servers;
  const [first, second] = [await domainOf(a), await domainOf(b)];
  return await snapshot(a, first, async (left, endA) =>
    snapshot(b, second, async (right, endB) =>
      work({
        sessions: [left, right],
        spans: [
          { domain: first, since: await appliedOf(b, first), end: endA },
          { domain: second, since: await appliedOf(a, second), end: endB },
        ],
      }),
    ),
  );
}

/** The rows as they are at that moment where they will be set: another sum later means that somebody wrote again. */
async function withSums(servers: Pair, { sessions }: Moment, decisions: readonly Decision[]): Promise<Decision[]> {
  const on = async (side: 0 | 1): Promise<ReadonlyMap<Decision, string>> => {
    const { id } = servers[side].side;
    return await sumsOf(
      servers[side],
      sessions[side],
      decisions.filter(({ winner, back }) => winner !== id || back !== null),
    );
  };
  const sums = [await on(0), await on(1)] as const;
  return decisions.map((one) => {
    const [here, there] = one.winner === servers[0].side.id ? sums : [sums[1], sums[0]];
    const back = one.back === null ? null : { ...one.back, sum: here.get(one) ?? '' };
    return { ...one, sum: there.get(one) ?? '', back };
  });
}

type Known = readonly [readonly Change[], readonly Change[]];

function imageOf(text: string | null): Buffer | undefined {
  return text === null ? undefined : Buffer.from(text, 'base64');
}

/** Where a decision has been carried out: that side has the row that stays. */
type SetOn = readonly [boolean, boolean];

/** A row of a decision as one side wrote it or has got it. */
function knownRow(
  { want, lost, map, winner, by, at, back }: Decision,
  table: ConflictTable,
  place: { readonly servers: Pair; readonly side: 0 | 1; readonly isSetOn: SetOn },
): readonly Change[] {
  const { servers, side, isSetOn } = place;
  const { id } = servers[side].side;
  const before = imageOf(want ?? lost);
  if (before === undefined) return [];
  const first = winner === servers[0].side.id ? 0 : 1;
  const after = imageOf(side === first || isSetOn[side] ? want : lost);
  const stands: Verdict = { side: first, by };
  const hasArrived = side !== first && back !== null && !isSetOn[first];
  return [
    {
      ...{ table, logged: tableOf(Buffer.from(map, 'base64')), before, ...(after === undefined ? {} : { after }) },
      ...{ at: at[id] ?? 0, seq: 0n, stands, ...(hasArrived ? { hasArrived } : {}) },
    },
  ];
}

type Unfinished = readonly { readonly decision: Decision; readonly isSetOn: SetOn }[];

/** Decisions that could not be carried to their end, and where they have been. */
async function readUnfinished(servers: Pair, failed: Run | undefined): Promise<Unfinished> {
  const moved = await readMoved(servers);
  const others = moved
    .filter(({ run }) => run !== failed?.id)
    .map(({ decision, sides }) => ({ decision, isSetOn: [!sides.includes(0), !sides.includes(1)] as const }));
  if (failed === undefined) return others;
  const [a, b] = [await readDecisions(servers[0], failed.id), await readDecisions(servers[1], failed.id)];
  const done = new Set(b.filter(({ state }) => state === 'done').map(({ n }) => n));
  return [
    ...others,
    ...a.map(({ n, state, decision }) => ({ decision, isSetOn: [state === 'done', done.has(n)] as const })),
  ];
}

/** What is known of rows by decisions that could not be carried to their end. */
async function knownRows(servers: Pair, unfinished: Unfinished): Promise<Known> {
  const known: [Change[], Change[]] = [[], []];
  for (const { decision, isSetOn } of unfinished) {
    const table = await tableOfBoth(servers, decision.database, decision.table);
    if ('reason' in table) continue;
    for (const side of [0, 1] as const) known[side].push(...knownRow(decision, table, { servers, side, isSetOn }));
  }
  return known;
}

type Logs = readonly [FetchedLog, FetchedLog];

/** What is known of each side's rows before its log is read. */
async function knownBefore(servers: Pair, logs: Logs, carries: Carries, stood: Known): Promise<Known> {
  const tableOf = (database: string, table: string): ReturnType<typeof tableOfBoth> =>
    tableOfBoth(servers, database, table);
  const [first, second] = [logs[0].span.domain, logs[1].span.domain];
  // What came from the first master stands in the second one's log, and the other way round.
  const fromFirst = await crossedChanges({ log: logs[1], others: first, carries, tableOf });
  const fromSecond = await crossedChanges({ log: logs[0], others: second, carries, tableOf });
  return [
    [...stood[0], ...fromFirst],
    [...stood[1], ...fromSecond],
  ];
}

/** Up to where the pass before judged a side, if this look goes on with its decisions. */
function untilOf({ failed }: Past, { side }: Server): bigint {
  return BigInt(failed?.ends[side.id] ?? 0);
}

/** Looks at both logs from what the other has applied up to a moment, and decides. */
export async function look(deps: ResolveDeps, past: Past, shelf: Shelf): Promise<Look> {
  const { servers, writerOf } = deps;
  const [a, b] = servers;
  const carries = await carriesOf(servers);
  const unfinished = await readUnfinished(servers, past.failed);
  // Also where nothing of the row is left on either side: its deletion may still be on its way from one of them.
  const forced = new Set(
    unfinished.flatMap(({ decision: one }) => one.names.map((name) => forcedName(one.database, one.table, name))),
  );
  // A row may stay of which nothing is left to carry: then it comes with these.
  for (const server of servers) await beat(server);
  return await atMoment(servers, async (moment) => {
    const { spans } = moment;
    const ends = { [a.side.id]: String(spans[0].end), [b.side.id]: String(spans[1].end) };
    const waiting = spans.reduce((sum, { since, end }) => sum + (end > since ? end - since : 0n), 0n);
    const logs = await Promise.all([shelf.log(a, spans[0]), shelf.log(b, spans[1])]);
    const stood = await knownRows(servers, unfinished);
    const { decisions, unjudged } = await judgeLogs({
      ...{ logs, writerOf, carries, forced, known: await knownBefore(servers, logs, carries, stood) },
      tableOf: (database, table) => tableOfBoth(servers, database, table),
      // Weights of texts do not depend on the moment.
      session: moment.sessions[0],
      until: [untilOf(past, a), untilOf(past, b)],
    });
    return { ends, waiting, decisions: await withSums(servers, moment, decisions), unjudged };
  });
}
