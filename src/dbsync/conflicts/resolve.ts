/**
 * After a cut: both masters apply nothing until the rows that both changed are known and decided.
 *
 *   a snapshot on each master, with its place in the log → both logs up to there, read and judged
 *   → decisions written down on both → each applies what waits, with the decisions → again, until nothing is decided
 *   → both apply freely
 *
 * Killing it anywhere is harmless: decisions that stand are carried out first by whoever comes next.
 */
import { randomUUID } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import type { Clock } from '../../clock.ts';
import { Refused } from '../../errors.ts';
import { alone } from '../mariadb/alone.ts';
import { oneValue } from '../mariadb/apply-context.ts';
import { type Server, type Session, unlogged } from '../mariadb/connect.ts';
import { parseGtids } from '../mariadb/gtid.ts';
import { readDetached } from '../mariadb/observe.ts';
import { isLocalSchema } from '../mariadb/settings.ts';
import { ownSchema } from '../model.ts';
import { appliedOf, carryInto, settlePosition } from './carry.ts';
import { closeGate, openGates, type Pair } from './gates.ts';
import { forcedName, judgeLogs, type SideLog } from './judge.ts';
import { type Span, seqOf, withLog } from './logs.ts';
import type { Decision, Unjudged, WriterOf } from './model.ts';
import {
  beginRun,
  endRun,
  makeConflictTable,
  noteUnjudged,
  type Run,
  readDecisions,
  readMoved,
  readRun,
  settleMoved,
} from './store.ts';
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

/** Rows that both sides never cease to write are left to chance at some point. */
const mostPasses = 12;

async function domainOf(server: Session): Promise<number> {
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

/** What replication brings over at all: neither cPanel's own schemas nor accounts that are cut off. */
async function carriesOf(servers: Pair): Promise<(database: string, table: string) => boolean> {
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

interface Look extends Resolved {
  readonly ends: Run['ends'];
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

/** Looks at both logs from what the other has applied up to a moment, and decides. */
async function look(deps: ResolveDeps): Promise<Look> {
  const { servers, folder, writerOf } = deps;
  const [a, b] = servers;
  const carries = await carriesOf(servers);
  const moved = await readMoved(servers);
  const forced = new Set(moved.flatMap((one) => one.names.map((name) => forcedName(one.database, one.table, name))));
  return await atMoment(servers, async (moment) => {
    const { spans } = moment;
    const ends = { [a.side.id]: String(spans[0].end), [b.side.id]: String(spans[1].end) };
    const idle = spans.filter((one) => one.end <= one.since).length;
    if (idle === 2 || (idle === 1 && forced.size === 0)) return { ends, decisions: [], unjudged: [] };
    const judged = (one: SideLog, other: SideLog): Promise<Resolved> =>
      judgeLogs({
        logs: [one, other],
        tableOf: (database, table) => tableOfBoth(servers, database, table),
        // Weights of texts do not depend on the moment.
        ...{ session: moment.sessions[0], writerOf, carries, forced },
      });
    const found = await withLog(a, spans[0], folder, (one) =>
      withLog(b, spans[1], folder, (other) => judged(one, other)),
    );
    return { ends, decisions: await withSums(servers, moment, found.decisions), unjudged: found.unjudged };
  });
}

async function carryRun(deps: ResolveDeps, run: Run): Promise<void> {
  const carries = await carriesOf(deps.servers);
  const one = async (from: Server, to: Server): Promise<void> => {
    const domain = await domainOf(from);
    await settlePosition(to, domain);
    const span = { domain, since: await appliedOf(to, domain), end: BigInt(run.ends[from.side.id] ?? 0) };
    if (span.end <= span.since) return;
    const decisions = await readDecisions(to, run.id);
    const { clock, crash } = deps;
    await withLog(from, span, deps.folder, (log) =>
      carryInto({ from, to, log, run: run.id, decisions, carries, clock, crash }),
    );
  };
  const [a, b] = deps.servers;
  // Both to their ends, also when one fails: nobody else may begin while the other still works.
  const results = await Promise.allSettled([one(a, b), one(b, a)]);
  for (const result of results) if (result.status === 'rejected') throw result.reason;
}

/** One pass. Answers undefined when nothing is left to decide. */
async function pass(deps: ResolveDeps): Promise<Resolved | undefined> {
  const standing = await readRun(deps.servers);
  if (standing !== undefined) {
    await carryRun(deps, standing);
    await endRun(deps.servers, standing);
    return { decisions: [], unjudged: [] };
  }
  const found = await look(deps);
  if (found.decisions.length === 0 && found.unjudged.length === 0) return undefined;
  const run = { id: randomUUID(), ends: found.ends };
  await beginRun(deps.servers, run, { ...found, at: deps.clock.now() });
  deps.crash('dbsync.conflict-decided');
  await settleMoved(deps.servers, run.id);
  await carryRun(deps, run);
  deps.crash('dbsync.conflict-applied');
  await endRun(deps.servers, run);
  return found;
}

/**
 * Closes both gates, decides and carries what waits, opens them. Answers what was decided. Throws DatabaseAway,
 * DatabaseFailed, or Refused while another process changes the pair, and then both still wait; it may be called again.
 */
export function resolveConflicts(deps: ResolveDeps): Promise<Resolved> {
  return alone(deps.servers, () => resolveAlone(deps));
}

/** The same for whoever has the pair alone already. */
export function resolveAlone(deps: ResolveDeps): Promise<Resolved> {
  // A call of the panel pauses applying and goes on with it: neither may find the other's work half done.
  return alone(deps.servers, () => allPasses(deps), { lock: 'panel', waitSeconds: 20 });
}

async function settleBoth([a, b]: Pair): Promise<void> {
  await settlePosition(a, await domainOf(b));
  await settlePosition(b, await domainOf(a));
}

/**
 * Lets both apply what waits without a look, behind what a look has carried already. What could not be compared is noted
 * on both, so that the warning outlives this process.
 */
export function goOnWithout(deps: ResolveDeps, reason: string): Promise<void> {
  return alone(deps.servers, async () => {
    const left: Unjudged = { database: '', table: '', reason: `the look at both logs failed: ${reason}` };
    await noteUnjudged(deps.servers, { id: randomUUID(), at: deps.clock.now() }, [left]);
    await settleBoth(deps.servers);
    await openGates(deps);
  });
}

async function allPasses(deps: ResolveDeps): Promise<Resolved> {
  await mkdir(deps.folder, { recursive: true, mode: 0o700 });
  const decisions: Decision[] = [];
  const unjudged: Unjudged[] = [];
  for (const server of deps.servers) {
    await unlogged(server, makeConflictTable);
    if (!(await closeGate(server)))
      throw new Refused(`${server.side.name} is paused.`, { hint: `tandem db resume ${server.side.id}` });
  }
  await settleBoth(deps.servers);
  for (let n = 0; n < mostPasses; n++) {
    const found = await pass(deps);
    if (found === undefined) break;
    decisions.push(...found.decisions);
    unjudged.push(...found.unjudged);
  }
  await settleMoved(deps.servers, '');
  await openGates(deps);
  return { decisions, unjudged };
}
