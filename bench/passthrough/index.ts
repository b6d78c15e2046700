/** What the passthrough costs: the same calls directly to a local master, through Tandem, and through nginx. */
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { selfSigned } from '../../src/certificates.ts';
import { type Child, startChild } from '../fanout/child.ts';
import { type Bench, type BenchOptions, type BenchResult, median, quantile, rounded, table } from '../result.ts';
import { type Asked, type Effort, functionsAsked, type Measured, measure, type Way } from './load.ts';
import type { MasterArgs, MasterReply } from './master-process.ts';
import { startNginx, type Workers } from './nginx.ts';
import { countOthers } from './others.ts';
import type { TandemArgs, TandemReply } from './tandem-process.ts';

type Nothing = { kind: 'nothing' };

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(address !== null && typeof address === 'object' ? address.port : 0));
    });
  });
}

/** A master process, and how tandem.yaml names it. */
export interface Master {
  readonly child: Child<Nothing, MasterReply>;
  readonly settings: Readonly<Record<string, unknown>>;
  readonly port: number;
}

/** A master of so many accounts, in a process of its own. */
export async function startMaster(id: string, dir: string, accounts: number): Promise<Master> {
  const hostname = `${id}.bench.example`;
  const { cert, key } = await selfSigned({ names: [hostname], days: 1 });
  const args: MasterArgs = { cert, key, accounts };
  const child: Child<Nothing, MasterReply> = startChild('../passthrough/master-process.ts', args);
  const { port } = await child.next('ready');
  const ca = join(dir, `${id}.pem`);
  writeFileSync(ca, cert);
  const settings = {
    id,
    site: id,
    hostname,
    connect: '127.0.0.1',
    address: id === 'm1' ? '192.0.2.1' : '192.0.2.2',
    port,
    cpanelPort: port,
    concurrency: 50,
    credentials: { user: 'root', token: 'BENCH' },
    tls: { ca },
  };
  return { child, settings, port };
}

async function startTandem(dir: string, masters: readonly Master[]) {
  const [portal, metrics, whmPort, cpanelPort] = await Promise.all([freePort(), freePort(), freePort(), freePort()]);
  const host = '127.0.0.1';
  const configFile = join(dir, 'tandem.yaml');
  const settings = {
    node: 'bench',
    stateDir: join(dir, 'state'),
    masters: masters.map((m) => m.settings),
    portal: { host, port: portal },
    metrics: { host, port: metrics },
    passthrough: { host, whmPort, cpanelPort },
  };
  writeFileSync(configFile, stringify(settings));
  const args: TandemArgs = { configFile };
  const child: Child<Nothing, TandemReply> = startChild('../passthrough/tandem-process.ts', args);
  return { child, ready: await child.next('ready') };
}

type Rounds = Map<string, Measured[]>;

/** Numbers of which the middle one of all rounds is taken. */
type Middle = 'perSecond' | 'leanPerSecond' | 'callerBusy' | 'cpuMs';

const roundCount = 5;

function of(
  rounds: Rounds,
  way: Way['name'],
  fn: Asked,
): { readonly p50: number; readonly p99: number } & Readonly<Record<Middle, number>> {
  const all = rounds.get(`${way} ${fn}`) ?? [];
  const times = all.flatMap((m) => m.times);
  return {
    p50: median(times),
    p99: quantile(times, 0.99),
    perSecond: median(all.map((m) => m.perSecond)),
    leanPerSecond: median(all.map((m) => m.leanPerSecond)),
    callerBusy: median(all.map((m) => m.callerBusy)),
    cpuMs: median(all.map((m) => m.cpuMs)),
  };
}

type Rate = 'perSecond' | 'leanPerSecond';
type Other = 'nginx' | 'nginx auto';

/** Of the two in the same round, the middle one of all rounds: a machine's mood lasts longer than one measurement. */
function ratioOf(found: Rounds, fn: Asked, other: Other, rate: Rate): number {
  const tandem = found.get(`tandem ${fn}`) ?? [];
  const nginx = found.get(`${other} ${fn}`) ?? [];
  return median(tandem.map((one, round) => one[rate] / (nginx[round]?.[rate] ?? Number.NaN)));
}

/** Of the small answers the one that does worse. */
function smallOf(found: Rounds, other: Other, rate: Rate): number {
  return rounded(Math.min(ratioOf(found, 'version', other, rate), ratioOf(found, 'accountsummary', other, rate)));
}

/** Few calls of the long list, many of the small answers. */
function effortFor(fn: Asked, quick: boolean): Effort {
  const size = quick ? 1 : 3;
  return fn === 'listaccts'
    ? { single: 20 * size, many: 40 * size, lanes: 16 }
    : { single: 150 * size, many: 2000 * size, lanes: 16 };
}

/** The ways one after the other for each function, so that the machine's moods meet all of them alike. */
async function oneRound(found: Rounds, ways: readonly Way[], quick: boolean): Promise<void> {
  for (const fn of functionsAsked) {
    for (const way of ways) {
      const key = `${way.name} ${fn}`;
      found.set(key, [...(found.get(key) ?? []), await measure(way, fn, effortFor(fn, quick))]);
    }
  }
}

/**
 * Calls of each function, by each kind of caller, before any is counted: a program that has just begun is compiled
 * while it runs. Tandem's cost of a call falls to a fifth within the first five thousand; a control node runs for months.
 */
const warmUp: Effort = { single: 10, many: 6000, lanes: 16 };

async function rounds(ways: readonly Way[], options: BenchOptions): Promise<{ found: Rounds; others: number }> {
  const found: Rounds = new Map();
  for (const way of ways)
    for (const fn of functionsAsked) await measure(way, fn, { ...warmUp, many: fn === 'listaccts' ? 50 : warmUp.many });
  const others = countOthers();
  for (let round = 1; round <= roundCount; round += 1) {
    await oneRound(found, round % 2 === 0 ? ways.toReversed() : ways, options.quick);
    options.say(`round ${round} of ${roundCount} done`);
  }
  return { found, others: others() };
}

function report(found: Rounds, others: number, options: BenchOptions): BenchResult {
  const lines = functionsAsked.flatMap((fn) =>
    (['direct', 'tandem', 'nginx', 'nginx auto'] as const).map((way) => {
      const { p50, p99, perSecond, callerBusy, leanPerSecond, cpuMs } = of(found, way, fn);
      const rates = [perSecond.toFixed(0), callerBusy.toFixed(2), leanPerSecond.toFixed(0)];
      return [`${fn} ${way}`, p50.toFixed(2), p99.toFixed(2), ...rates, cpuMs.toFixed(3)];
    }),
  );
  const heads = ['', 'p50 ms', 'p99 ms', 'per second', 'callers busy', 'lean callers', 'cpu ms a call'];
  options.say(table([heads, ...lines]));
  const added = (fn: Asked) => of(found, 'tandem', fn).p50 - of(found, 'direct', fn).p50;
  return {
    added_ms_p50: rounded(Math.max(added('version'), added('accountsummary'))),
    added_ms_p50_listaccts: rounded(added('listaccts')),
    vs_nginx_small: smallOf(found, 'nginx', 'perSecond'),
    vs_nginx_small_lean: smallOf(found, 'nginx', 'leanPerSecond'),
    vs_nginx_auto_small: smallOf(found, 'nginx auto', 'perSecond'),
    vs_nginx_auto_small_lean: smallOf(found, 'nginx auto', 'leanPerSecond'),
    vs_nginx_listaccts: rounded(ratioOf(found, 'listaccts', 'nginx', 'perSecond')),
    others_cores: rounded(others, 2),
    callers_busy_nginx: rounded(of(found, 'nginx', 'version').callerBusy),
    callers_busy_tandem: rounded(of(found, 'tandem', 'version').callerBusy),
    ...Object.fromEntries(functionsAsked.map((fn) => [`cpu_ms_${fn}`, rounded(of(found, 'tandem', fn).cpuMs)])),
    accounts: 1000,
    lanes: 16,
    rounds: roundCount,
    warm_up_calls: warmUp.many,
    faults: 0,
  };
}

/** One worker is what one process is compared with; as many as cores is how it comes. */
async function nginxWays(dir: string, upstream: number, stops: (() => Promise<void>)[]): Promise<readonly Way[]> {
  const ways: Way[] = [];
  for (const workers of [1, 'auto'] satisfies Workers[]) {
    const port = await freePort();
    const nginx = await startNginx(dir, port, upstream, workers);
    stops.unshift(() => nginx.stop());
    const name = workers === 1 ? 'nginx' : 'nginx auto';
    ways.push({ name, port, authorization: 'whm root:BENCH', pid: nginx.pid });
  }
  return ways;
}

async function run(options: BenchOptions): Promise<BenchResult> {
  const { dir } = options;
  const front = await selfSigned({ names: ['localhost'], days: 1 });
  writeFileSync(join(dir, 'front.pem'), front.cert);
  writeFileSync(join(dir, 'front.key'), front.key, { mode: 0o600 });
  const stops: (() => Promise<void>)[] = [];
  try {
    const masters: Master[] = [];
    for (const id of ['m1', 'm2']) {
      const master = await startMaster(id, dir, 1000);
      stops.unshift(() => master.child.end());
      masters.push(master);
    }
    const direct = masters[0]?.port ?? 0;
    const nginx = await nginxWays(dir, direct, stops);
    const tandem = await startTandem(dir, masters);
    stops.unshift(() => tandem.child.end());
    const { port, token } = tandem.ready;
    const ways: readonly Way[] = [
      { name: 'direct', port: direct, authorization: 'whm root:BENCH', pid: masters[0]?.child.pid ?? 0 },
      { name: 'tandem', port, authorization: `whm root:${token}`, pid: tandem.child.pid },
      ...nginx,
    ];
    const { found, others } = await rounds(ways, options);
    return report(found, others, options);
  } finally {
    for (const stop of stops) await stop();
  }
}

export const passthrough: Bench = {
  about: 'version, accountsummary and listaccts: directly, through Tandem and through nginx',
  run,
};
