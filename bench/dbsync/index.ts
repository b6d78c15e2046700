/** Lag and catching up of a pair that Tandem made, beside the same pair made by hand from the manual, in one run. */
import { setTimeout as sleep } from 'node:timers/promises';
import { systemClock } from '../../src/clock.ts';
import { checkDepsOf } from '../../src/dbsync/mariadb/rows.ts';
import { checkDatabases } from '../../src/dbsync/repair/check.ts';
import { type PairMember, setUp, startPair, type TestPair } from '../../test/redis/dbsync/pair.ts';
import type { PgTestPair } from '../../test/redis/dbsync/pg-pair.ts';
import { type Bench, type BenchOptions, type BenchResult, median, rounded, table } from '../result.ts';
import { catchUp, probe, startLoad } from './load.ts';
import * as postgres from './postgres.ts';
import {
  conflictsFound,
  makeMany,
  makeRows,
  sameRows,
  startWatch,
  statusSeconds,
  watchCost,
  writeSameRows,
} from './watched.ts';

const oneWayMs = 50;

interface Measured {
  readonly idleMs: number;
  readonly loadMs: number;
  readonly perSecond: number;
  readonly catchupSeconds: number;
  readonly lost: number;
}

/** The manual's "Replication with GTID": a log, an id, a user, CHANGE MASTER on both. */
async function pairByHand(): Promise<TestPair> {
  const pair = await startPair({
    delayMs: oneWayMs,
    extra: (n) => [
      ...['--log-bin=bin', `--server-id=${n}`, `--gtid-domain-id=${n}`, '--binlog-format=ROW', '--log-slave-updates'],
      ...['--sync-binlog=1', '--auto-increment-increment=2', `--auto-increment-offset=${n}`],
    ],
  });
  const [a, b] = pair.members;
  for (const one of pair.members) {
    await one.sql("CREATE USER repl@'%' IDENTIFIED BY 'r'");
    await one.sql("GRANT REPLICATION SLAVE ON *.* TO repl@'%'");
    await one.sql('RESET MASTER');
  }
  for (const [one, other] of [
    [a, b],
    [b, a],
  ] as const) {
    await one.sql(
      "CHANGE MASTER TO MASTER_HOST='127.0.0.1', MASTER_PORT=?, MASTER_USER='repl', MASTER_PASSWORD='r', MASTER_USE_GTID=slave_pos",
      [other.side.access.peer.port],
    );
    await one.sql('START SLAVE');
  }
  return pair;
}

async function pairByTandem(): Promise<TestPair> {
  const pair = await startPair({ delayMs: oneWayMs, configured: true });
  await setUp(pair);
  return pair;
}

async function tables(members: readonly [PairMember, PairMember]): Promise<void> {
  await members[0].sql('CREATE DATABASE bench');
  await members[0].sql('CREATE TABLE bench.w (id BIGINT AUTO_INCREMENT PRIMARY KEY, who INT, v VARCHAR(200))');
  await members[0].sql('CREATE TABLE bench.p (id BIGINT AUTO_INCREMENT PRIMARY KEY)');
  for (;;) {
    const found = await members[1].sql("SELECT 1 FROM information_schema.tables WHERE table_schema = 'bench'");
    if (found.length === 2) return;
    await sleep(50);
  }
}

/** `meanwhile` is done while the cut lasts. */
async function measure(
  pair: TestPair,
  options: BenchOptions,
  meanwhile: () => Promise<void> = async () => {},
): Promise<Measured> {
  const { members } = pair;
  await tables(members);
  const perSecond = Number(options.settings['rate'] ?? (options.quick ? 100 : 400));
  const idle = await probe(members, options.quick ? 6 : 40);
  const load = await startLoad(members, perSecond);
  const begun = performance.now();
  await sleep(1000);
  const busy = await probe(members, options.quick ? 6 : 40);
  const reached = (load.written[0] + load.written[1]) / 2 / ((performance.now() - begun) / 1000);
  for (const one of members) one.proxy.cut();
  await sleep(Number(options.settings['cut'] ?? (options.quick ? 3 : 60)) * 1000);
  await meanwhile();
  await load.stop();
  for (const one of members) one.proxy.heal();
  const { seconds, lost } = await catchUp(members, load.written);
  return { idleMs: median(idle), loadMs: median(busy), perSecond: reached, catchupSeconds: seconds, lost };
}

/** Seconds for every row, by chunks on both masters, and by the server's own CHECKSUM TABLE on both. */
async function checksums(
  pair: TestPair,
  quick: boolean,
): Promise<{ readonly rows: number; readonly ours: number; readonly plain: number; readonly equal: boolean }> {
  const [a, b] = pair.members;
  const rows = quick ? 20_000 : 400_000;
  await a.sql('CREATE TABLE bench.c (id INT PRIMARY KEY, a INT, v VARCHAR(100))');
  await a.sql(`INSERT INTO bench.c SELECT seq, seq * 7, REPEAT(MD5(seq), 3) FROM bench.seq_1_to_${rows}`);
  for (;;) {
    const [found] = await b.sql(
      "SELECT COUNT(*) AS n FROM information_schema.tables WHERE table_schema = 'bench' AND table_name = 'c'",
    );
    if (Number(found?.['n']) === 1 && Number((await b.sql('SELECT COUNT(*) AS n FROM bench.c'))[0]?.['n']) === rows)
      break;
    await sleep(100);
  }
  const begun = performance.now();
  const result = await checkDatabases(checkDepsOf(pair.servers, { clock: systemClock, share: 1, tell: () => {} }), [
    'bench',
  ]);
  const ours = (performance.now() - begun) / 1000;
  const again = performance.now();
  for (const name of ['c', 'w', 'p'])
    await Promise.all([a, b].map((one) => one.sql('CHECKSUM TABLE bench.??', [name])));
  return { rows: result.rows, ours, plain: (performance.now() - again) / 1000, equal: result.differences.length === 0 };
}

/** Servers that somebody has to stop. */
interface Stops {
  stop(): Promise<void>;
}

/** Starts two pairs at a time and stops them whatever happens: starting them takes longer than a quick measurement. */
async function withPairs<P extends Stops, T>(
  starting: readonly [Promise<P>, Promise<P>],
  work: (hand: P, own: P) => Promise<T>,
): Promise<T> {
  const started = await Promise.allSettled(starting);
  try {
    const [hand, own] = await Promise.all(starting);
    return await work(hand, own);
  } finally {
    await Promise.all(started.map((one) => (one.status === 'fulfilled' ? one.value.stop() : undefined)));
  }
}

async function postgresKeys(hand: PgTestPair, own: PgTestPair, options: BenchOptions): Promise<BenchResult> {
  const byHand = await postgres.byHand(hand, options);
  const tandem = await postgres.byTandem(own, options);
  const cells = (one: postgres.PgMeasured): string[] => [
    ...[one.idleMs, one.loadMs, one.perSecond].map((value) => value.toFixed(0)),
    ...[one.catchupSeconds.toFixed(1), String(one.lost)],
  ];
  options.say(
    table([
      ['PostgreSQL, 100 ms round trip', 'idle lag ms', 'lag under load ms', 'commits/s a side', 'catch-up s', 'lost'],
      ["the server's subscription, one way", ...cells(byHand)],
      ['by Tandem, both ways', ...cells(tandem)],
    ]),
  );
  return {
    postgres_lag_p50_ms: rounded(tandem.loadMs, 1),
    postgres_catchup_s: rounded(tandem.catchupSeconds, 2),
    postgres_vs_by_hand_lag: rounded(tandem.loadMs / byHand.loadMs, 3),
    postgres_by_hand_catchup_s: rounded(byHand.catchupSeconds, 2),
    postgres_lost: tandem.lost,
  };
}

/** What the watch finds and costs, and checksums beside the server's own. */
async function besides(own: TestPair, options: BenchOptions): Promise<BenchResult> {
  const sums = await checksums(own, options.quick);
  options.say(
    `${sums.rows} rows on both: ${sums.ours.toFixed(1)} s by chunks, ${sums.plain.toFixed(1)} s by CHECKSUM TABLE; ${sums.equal ? 'equal' : 'DIFFERENT'}`,
  );
  const many = await makeMany(own, options);
  const status = await statusSeconds(own);
  const cost = await watchCost(own, options);
  options.say(
    `with ${many} databases status takes ${status.toFixed(2)} s, and watching ${cost.watch.toFixed(2)} % of a core here and ${cost.servers.toFixed(2)} % in both servers`,
  );
  return {
    checksum_vs_plain: rounded(sums.ours / sums.plain, 2),
    equal: sums.equal,
    mariadb_status_s: rounded(status, 2),
    mariadb_status_databases: many,
    watch_cpu_percent: rounded(cost.watch, 2),
    watch_servers_cpu_percent: rounded(cost.servers, 2),
  };
}

async function mariadbKeys(hand: TestPair, own: TestPair, options: BenchOptions): Promise<BenchResult> {
  const byHand = await measure(hand, options);
  // As it runs on a real pair: with the watch, which looks at both logs before anything is applied after a cut.
  const watch = startWatch(own);
  let tandem: Measured;
  let met: number;
  try {
    await makeRows(own);
    tandem = await measure(own, options, () => writeSameRows(own));
    met = await conflictsFound(own);
  } finally {
    await watch.end();
  }
  const cells = (one: Measured): string[] => [
    ...[one.idleMs, one.loadMs, one.perSecond].map((value) => value.toFixed(0)),
    ...[one.catchupSeconds.toFixed(1), String(one.lost)],
  ];
  options.say(
    table([
      ['100 ms round trip', 'idle lag ms', 'lag under load ms', 'commits/s a side', 'catch-up s', 'lost'],
      ['by hand', ...cells(byHand)],
      ['by Tandem', ...cells(tandem)],
    ]),
  );
  options.say(`${met} of ${sameRows} rows that both had changed during the cut were decided`);
  return {
    mariadb_conflicts_decided: met,
    mariadb_lag_p50_ms: rounded(tandem.loadMs, 1),
    mariadb_catchup_s: rounded(tandem.catchupSeconds, 2),
    vs_by_hand_lag: rounded(tandem.loadMs / byHand.loadMs, 3),
    by_hand_catchup_s: rounded(byHand.catchupSeconds, 2),
    commits_per_second: rounded(tandem.perSecond, 0),
    lost: tandem.lost,
    ...(await besides(own, options)),
  };
}

/** One engine after the other; a quick run takes them at once, since it shows that they work and measures little. */
async function inTurn(jobs: readonly (() => Promise<BenchResult>)[], quick: boolean): Promise<readonly BenchResult[]> {
  if (quick) {
    const running = jobs.map((job) => job());
    // Both to their ends, also when one fails: its servers are stopped there.
    await Promise.allSettled(running);
    return await Promise.all(running);
  }
  const found: BenchResult[] = [];
  for (const job of jobs) found.push(await job());
  return found;
}

/** Both engines, or one of them with --engine postgres or --engine mariadb. */
async function run(options: BenchOptions): Promise<BenchResult> {
  const engines: Readonly<Record<string, () => Promise<BenchResult>>> = {
    mariadb: () => withPairs([pairByHand(), pairByTandem()], (hand, own) => mariadbKeys(hand, own, options)),
    postgres: () =>
      withPairs([postgres.pairByHand(), postgres.pairByTandem()], (hand, own) => postgresKeys(hand, own, options)),
  };
  const { engine = '' } = options.settings;
  const only = engines[engine];
  const found = await inTurn(only === undefined ? Object.values(engines) : [only], options.quick);
  const lost = found.reduce((sum, one) => sum + Number(one['lost'] ?? 0) + Number(one['postgres_lost'] ?? 0), 0);
  return { ...Object.assign({}, ...found), lost };
}

export const dbsync: Bench = {
  about: 'MariaDB and PostgreSQL: lag and catching up after a cut beside the same pair made by hand; checksum speed',
  run,
};
