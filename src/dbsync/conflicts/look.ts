/** One look at both logs: what neither has applied of the other up to a moment, judged and decided. */
import type { Clock } from '../../clock.ts';
import { oneValue } from '../mariadb/apply-context.ts';
import type { Server, Session } from '../mariadb/connect.ts';
import { parseGtids } from '../mariadb/gtid.ts';
import { readDetached } from '../mariadb/observe.ts';
import { isLocalSchema } from '../mariadb/settings.ts';
import { ownSchema } from '../model.ts';
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

/** A moment of a server: what is read through the session is as of `end`. */
async function snapshot<T>(
  server: Server,
  domain: number,
  work: (session: Session, end: bigint) => Promise<T>,
): Promise<T> {
  return await server.session(async (session) => {
    await session.rows("SET SESSION time_zone = '+00:00', tx_isolation = 'REPEATABLE-READ'");
    await session.rows('START TRANSACTION WITH CONSISTENT SNAPSHOT');
    const rows = await session.rows("SHOW STATUS LIKE 'binlog_snapshot_%'");
    const value = (name: string): string => rows.find((row) => row['Variable_name'] === name)?.['Value'] ?? '';
    const gtids = await oneValue(session, `SELECT BINLOG_GTID_POS(?, ${Number(value('Binlog_snapshot_position'))})`, [
      value('Binlog_snapshot_file'),
    ]);
    return await work(session, seqOf(parseGtids(gtids), domain));
  });
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
  /** What it carried to the other, of each. */
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

/** The loser's rows as they are at that moment: another sum later means that somebody wrote again. */
async function withSums(servers: Pair, { sessions }: Moment, decisions: readonly Decision[]): Promise<Decision[]> {
  const lostBy = (side: 0 | 1): readonly Decision[] =>
    decisions.filter((one) => (one.winner === servers[1].side.id ? 0 : 1) === side);
  const sums = new Map([
    ...(await sumsOf(servers[0], sessions[0], lostBy(0))),
    ...(await sumsOf(servers[1], sessions[1], lostBy(1))),
  ]);
  return decisions.map((one) => ({ ...one, sum: sums.get(one) ?? '' }));
}

type Known = readonly [readonly Change[], readonly Change[]];

function imageOf(text: string | null): Buffer | undefined {
  return text === null ? undefined : Buffer.from(text, 'base64');
}

/** A row of a decision as it is on one side. `isSet`: that side has got what stays already. */
function knownRow(
  { want, lost, map, winner, by, at }: Decision,
  table: ConflictTable,
  place: { readonly servers: Pair; readonly side: 0 | 1; readonly isSet: boolean },
): readonly Change[] {
  const { id } = place.servers[place.side].side;
  const before = imageOf(want ?? lost);
  if (before === undefined) return [];
  const after = imageOf(winner === id || place.isSet ? want : lost);
  const stands: Verdict = { side: winner === place.servers[0].side.id ? 0 : 1, by };
  const logged = tableOf(Buffer.from(map, 'base64'));
  return [{ table, logged, before, ...(after === undefined ? {} : { after }), at: at[id] ?? 0, seq: 0n, stands }];
}

/** Where each side's rows stand by decisions that could not be carried to their end. */
async function knownRows(servers: Pair, run: Run): Promise<Known> {
  const known: [Change[], Change[]] = [[], []];
  for (const side of [0, 1] as const)
    for (const { decision, state } of await readDecisions(servers[side], run.id)) {
      const table = await tableOfBoth(servers, decision.database, decision.table);
      if ('reason' in table) continue;
      known[side].push(...knownRow(decision, table, { servers, side, isSet: state === 'done' }));
    }
  return known;
}

type Logs = readonly [FetchedLog, FetchedLog];

async function knownBefore(deps: ResolveDeps, logs: Logs, past: Past, carries: Carries): Promise<Known> {
  const { servers } = deps;
  const stood: Known = past.failed === undefined ? [[], []] : await knownRows(servers, past.failed);
  const { spans } = past;
  if (spans === undefined) return stood;
  const tableOf = (database: string, table: string): ReturnType<typeof tableOfBoth> =>
    tableOfBoth(servers, database, table);
  // What came from the first master stands in the second one's log, and the other way round.
  const fromFirst = await crossedChanges({ log: logs[1], carried: spans[0], carries, tableOf });
  const fromSecond = await crossedChanges({ log: logs[0], carried: spans[1], carries, tableOf });
  return [
    [...stood[0], ...fromFirst],
    [...stood[1], ...fromSecond],
  ];
}

/** Up to where the pass before judged a side, if this look goes on with its decisions. */
function untilOf({ failed }: Past, { side }: Server): bigint {
  return BigInt(failed?.ends[side.id] ?? 0);
}

/** The newest transaction that is still to be carried; 0: there is none. */
function lastOf({ since, end }: Span): bigint {
  return end > since ? end : 0n;
}

/** Looks at both logs from what the other has applied up to a moment, and decides. */
export async function look(deps: ResolveDeps, past: Past, shelf: Shelf): Promise<Look> {
  const { servers, writerOf } = deps;
  const [a, b] = servers;
  const carries = await carriesOf(servers);
  const moved = await readMoved(servers);
  const forced = new Set(moved.flatMap((one) => one.names.map((name) => forcedName(one.database, one.table, name))));
  return await atMoment(servers, async (moment) => {
    const { spans } = moment;
    const ends = { [a.side.id]: String(spans[0].end), [b.side.id]: String(spans[1].end) };
    const waiting = spans.reduce((sum, { since, end }) => sum + (end > since ? end - since : 0n), 0n);
    const idle = spans.filter((one) => one.end <= one.since).length;
    const isFirst = forced.size === 0 && past.spans === undefined;
    if (idle === 2 || (idle === 1 && isFirst)) return { ends, waiting, decisions: [], unjudged: [] };
    const judged = async (logs: Logs): Promise<Resolved> =>
      judgeLogs({
        ...{ logs, writerOf, carries, forced, known: await knownBefore(deps, logs, past, carries) },
        tableOf: (database, table) => tableOfBoth(servers, database, table),
        // Weights of texts do not depend on the moment.
        session: moment.sessions[0],
        ends: [lastOf(spans[0]), lastOf(spans[1])],
        until: [untilOf(past, a), untilOf(past, b)],
      });
    const found = await judged(await Promise.all([shelf.log(a, spans[0]), shelf.log(b, spans[1])]));
    return { ends, waiting, decisions: await withSums(servers, moment, found.decisions), unjudged: found.unjudged };
  });
}
