/**
 * Operations on two servers that answer in 20 ms: Tandem (durable journal, order per account, workers killed) against a
 * bare keep-alive loop and against BullMQ (no order, no journal), which replay the very calls that Tandem made. BullMQ is
 * held to the same: what is accepted is on the disk, its worker is killed as often, and it has a standby as Tandem's has.
 * Without the disk and the kills it is shown, too.
 */
import { copyFileSync, mkdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { startRedis, type TestRedis } from '../../test/support/redis.ts';
import { type Bench, type BenchOptions, type BenchResult, median, quantile, rounded, table } from '../result.ts';
import { runBare } from './bare.ts';
import { boundOf } from './bound.ts';
import { type BullmqOptions, runBullmq } from './bullmq.ts';
import { groupsOf, type LoggedCall } from './call-log.ts';
import { judge, together, type Verdict } from './judge.ts';
import { fillJournal } from './prefill.ts';
import { type BenchServer, startServers } from './servers.ts';
import { runTandem, type TandemRun } from './tandem.ts';
import { timing } from './timing.ts';
import { type WorkItem, workOf } from './work.ts';

interface Sizes {
  readonly operations: number;
  readonly accounts: number;
  readonly rounds: number;
  readonly finished: number;
  /** Shares of the work at which the worker is killed. */
  readonly killAt: readonly number[];
  readonly limitMs: number;
}

const full: Sizes = {
  operations: 20_000,
  accounts: 1000,
  rounds: 3,
  finished: 1_000_000,
  killAt: [0.2, 0.4, 0.6],
  limitMs: 600_000,
};
/** Of fewer accounts a kill closes half, and the run waits for them; see `order_bound`. */
const small: Sizes = { operations: 2000, accounts: 400, rounds: 1, finished: 50_000, killAt: [0.3], limitMs: 60_000 };

const inFlight = 25;
const callers = 50;
const answerMs = 20;

function sizesOf({ quick, settings }: BenchOptions): Sizes {
  const base = quick ? small : full;
  const number = (name: string, otherwise: number) => Number(settings[name] ?? otherwise);
  return {
    ...base,
    operations: number('operations', base.operations),
    accounts: number('accounts', base.accounts),
    rounds: number('rounds', base.rounds),
    finished: number('finished', base.finished),
    killAt: settings['kills'] === '0' ? [] : base.killAt,
  };
}

interface Setting {
  readonly options: BenchOptions;
  readonly sizes: Sizes;
  readonly work: readonly WorkItem[];
  readonly servers: readonly BenchServer[];
  readonly redis: TestRedis;
}

interface Measured extends TandemRun {
  readonly verdict: Verdict;
  /** For each server the file with its calls, cut into legs, and how many those are. */
  readonly files: readonly string[];
  readonly legs: number;
  readonly dir: string;
}

async function fresh({ servers, redis }: Setting): Promise<void> {
  await redis.wipe();
  for (const server of servers) await server.reset();
}

function judged({ work }: Setting, logs: readonly (readonly LoggedCall[])[]): Verdict {
  return together(logs.map((log) => judge(work, log)));
}

async function tandem(setting: Setting, name: string, journal: string | undefined): Promise<Measured> {
  const { options, sizes, work, servers, redis } = setting;
  await fresh(setting);
  const dir = join(options.dir, name);
  mkdirSync(dir, { recursive: true });
  if (journal !== undefined) copyFileSync(journal, join(dir, 'journal.db'));
  const run = await runTandem({
    dir,
    servers,
    work,
    inFlight,
    callers,
    redisUrl: redis.url,
    killAt: sizes.killAt,
    limitMs: sizes.limitMs,
  });
  const logs = await Promise.all(servers.map((server) => server.log()));
  const groups = logs.map(groupsOf);
  const files = groups.map((list, index) => {
    const file = join(dir, `calls-${index}.json`);
    writeFileSync(file, JSON.stringify(list));
    return file;
  });
  const legs = groups.reduce((sum, list) => sum + list.length, 0);
  return { ...run, verdict: judged(setting, logs), files, legs, dir };
}

interface Replayed {
  readonly seconds: number;
  /** What it lacks although no job is left was refused, because it came out of order. */
  readonly verdict: Verdict;
}

interface Round {
  readonly empty: Measured;
  readonly bareSeconds: number;
  readonly bareCpu: number;
  readonly bullmq: Replayed;
  /** With a Redis that writes within a second, and no kill. */
  readonly bullmqUnsafe: Replayed;
  readonly filled: Measured;
}

async function playRound(
  setting: Setting,
  round: number,
  journals: { filled?: string; finished: number },
): Promise<Round> {
  const { options, sizes, servers, redis } = setting;
  const targets = servers.map((server) => server.target);
  const empty = await tandem(setting, `tandem-${round}`, undefined);
  await fresh(setting);
  const bare = await runBare({ targets, files: empty.files, inFlight });
  const bareSeconds = bare.seconds;
  const asked = { servers, files: empty.files, inFlight, redisPort: redis.port, operations: sizes.operations };
  const replayed = async (how: Pick<BullmqOptions, 'killAt' | 'fsync'>): Promise<Replayed> => {
    await fresh(setting);
    const seconds = await runBullmq({ ...asked, ...how });
    return { seconds, verdict: judged(setting, await Promise.all(servers.map((server) => server.log()))) };
  };
  const bullmq = await replayed({ killAt: sizes.killAt, fsync: 'always' });
  const bullmqUnsafe = await replayed({ killAt: [], fsync: 'everysec' });
  if (journals.filled === undefined) {
    journals.filled = join(options.dir, 'filled.db');
    journals.finished = await fillJournal(join(empty.dir, 'journal.db'), journals.filled, sizes.finished);
    options.say(
      `journal with ${journals.finished} finished operations: ${Math.round(statSync(journals.filled).size / 2 ** 20)} MB`,
    );
  }
  const filled = await tandem(setting, `filled-${round}`, journals.filled);
  rmSync(empty.dir, { recursive: true });
  rmSync(filled.dir, { recursive: true });
  const rate = (seconds: number) => `${(sizes.operations / seconds).toFixed(0)}/s`;
  options.say(
    `round ${round}: tandem ${rate(empty.seconds)}, bare loop ${rate(bareSeconds)}, bullmq ${rate(bullmq.seconds)} (unsafe ${rate(bullmqUnsafe.seconds)}), tandem with a full journal ${rate(filled.seconds)}`,
  );
  return { empty, bareSeconds, bareCpu: bare.cpu, bullmq, bullmqUnsafe, filled };
}

/** What the order for each account, and the kills, leave of the bare loop at best. */
function orderBound({ work, sizes }: Setting, { bareSeconds, empty }: Round): number {
  const legMs = (bareSeconds * 1000 * inFlight * 2) / empty.legs;
  return boundOf(work, { inFlight, killAt: sizes.killAt, closedLegs: (timing.longestSeconds * 1000) / legMs });
}

function summary(setting: Setting, rounds: readonly Round[], finished: number): BenchResult {
  const { sizes } = setting;
  const per = (pick: (round: Round) => number) => median(rounds.map(pick));
  const sum = (pick: (round: Round) => number) => rounds.reduce((total, round) => total + pick(round), 0);
  const verdict = together(rounds.flatMap((round) => [round.empty.verdict, round.filled.verdict]));
  const acceptMs = rounds.flatMap((round) => round.empty.acceptMs);
  const runs = rounds.flatMap((round) => [round.empty, round.filled]);
  return {
    vs_bare_loop: rounded(per((r) => r.bareSeconds / r.empty.seconds)),
    vs_bullmq: rounded(per((r) => r.bullmq.seconds / r.empty.seconds)),
    vs_bullmq_unsafe: rounded(per((r) => r.bullmqUnsafe.seconds / r.empty.seconds)),
    order_bound: rounded(per((r) => orderBound(setting, r))),
    bullmq_refused: sum((r) => r.bullmq.verdict.lost),
    bullmq_doubled: sum((r) => r.bullmq.verdict.doubled),
    bullmq_order_violations: sum((r) => r.bullmq.verdict.orderViolations),
    bullmq_unsafe_refused: sum((r) => r.bullmqUnsafe.verdict.lost),
    order_violations: verdict.orderViolations,
    lost: verdict.lost,
    doubled: verdict.doubled,
    full_journal_cost: rounded(per((r) => 1 - r.empty.seconds / r.filled.seconds)),
    operations_per_s: rounded(
      per((r) => sizes.operations / r.empty.seconds),
      1,
    ),
    bare_operations_per_s: rounded(
      per((r) => sizes.operations / r.bareSeconds),
      1,
    ),
    bullmq_operations_per_s: rounded(
      per((r) => sizes.operations / r.bullmq.seconds),
      1,
    ),
    full_journal_operations_per_s: rounded(
      per((r) => sizes.operations / r.filled.seconds),
      1,
    ),
    accepted_ms_p50: rounded(quantile(acceptMs, 0.5), 1),
    accepted_ms_p99: rounded(quantile(acceptMs, 0.99), 1),
    accept_seconds: rounded(
      per((r) => r.empty.acceptSeconds),
      1,
    ),
    worker_cpu_ms_per_leg: rounded(per((r) => (r.empty.cpu.worker * 1000) / (sizes.operations * 2))),
    accept_cpu_ms_per_operation: rounded(per((r) => (r.empty.cpu.acceptor * 1000) / sizes.operations)),
    bare_cpu_ms_per_leg: rounded(per((r) => (r.bareCpu * 1000) / (sizes.operations * 2))),
    memory_mb: Math.round(Math.max(...runs.map((run) => run.memoryMb))),
    calls_per_operation: rounded(median(rounds.map((r) => r.empty.verdict.calls)) / sizes.operations, 2),
    operations: sizes.operations,
    accounts: sizes.accounts,
    rounds: rounds.length,
    finished_operations: finished,
    in_flight: inFlight,
    callers,
    answer_ms: answerMs,
    worker_kills: runs.reduce((total, run) => total + run.kills, 0),
    journal: 'sqlite',
    timing,
  };
}

function show(result: BenchResult): string {
  const rows = Object.entries(result).filter(([, value]) => typeof value !== 'object');
  return table([['', 'value'], ...rows.map(([key, value]) => [key, String(value)])]);
}

async function run(options: BenchOptions): Promise<BenchResult> {
  const sizes = sizesOf(options);
  const work = workOf(options.seed, sizes.operations, sizes.accounts);
  const redis = await startRedis();
  const servers = await startServers(options.dir, answerMs);
  try {
    const setting: Setting = { options, sizes, work, servers, redis };
    const journals: { filled?: string; finished: number } = { finished: 0 };
    const rounds: Round[] = [];
    for (let round = 1; round <= sizes.rounds; round++) rounds.push(await playRound(setting, round, journals));
    const result = summary(setting, rounds, journals.finished);
    options.say(show(result));
    return result;
  } finally {
    await Promise.all([...servers.map((server) => server.stop()), redis.stop()]);
  }
}

export const fanout: Bench = {
  about: 'operations on two servers against a bare loop and BullMQ; order, losses, doubles; the cost of a full journal',
  run,
};
