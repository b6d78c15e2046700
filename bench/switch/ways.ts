import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { systemClock } from '../../src/clock.ts';
import { threadPlanner } from '../../src/failover/apply/planner.ts';
import type { Outcome, Publish } from '../../src/failover/publish/model.ts';
import { openPublish } from '../../src/failover/publish/open-publish.ts';
import type { Publisher } from '../../src/failover/publish/publisher.ts';
import type { PublishDeps } from '../../src/failover/publish/run.ts';
import { defaultLimits } from '../../src/failover/safety.ts';
import { createLogger } from '../../src/log.ts';
import { from, to } from './zones.ts';

/** Ways to bring the same zones to the other master, each timed alone. */

export interface Timed {
  readonly seconds: number;
  /** Processor seconds of this process, or of the program. */
  readonly cpu: number;
}

/** What a person would do by hand: no journal, no serial, no fsync, and every text that looks alike. */
export function bySed(dir: string): Timed {
  const command = `find '${dir}' -name '*.db' -print0 | xargs -0 sed -i -e 's/${from.four.replaceAll('.', '\\.')}/${to.four}/g' -e 's/${from.six}/${to.six}/g'`;
  const begun = performance.now();
  // The shell's own word about the processor time of what it ran: "0m0.085s 0m1.315s" in its last line.
  const words = execFileSync('sh', ['-c', `${command}; times`], { encoding: 'utf8' });
  const seconds = (performance.now() - begun) / 1000;
  const spent = [...(words.trim().split('\n').at(-1) ?? '').matchAll(/(\d+)m([\d.]+)s/g)];
  return { seconds, cpu: spent.reduce((sum, [, minutes, rest]) => sum + Number(minutes) * 60 + Number(rest), 0) };
}

export function sync(dir: string): void {
  execFileSync('sync', ['-f', dir]);
}

/**
 * Whether what is to be written was written ahead: while nothing happened, before a restart a moment ago, or never, as in
 * the first seconds of a new watcher.
 */
export type Ahead = 'ready' | 'restarted' | 'never';

interface TandemOptions {
  /** The zone directory of each watcher; they work at the same time. */
  readonly dirs: readonly string[];
  readonly state: string;
  readonly publishers: readonly Publisher[];
  readonly ahead: Ahead;
}

export const moves = {
  masters: ['m1', 'm2'].map((id) => ({ id, hostname: `${id}.host.example` })),
  pairs: [
    { m1: from.four, m2: to.four },
    { m1: from.six, m2: to.six },
  ],
  stays: ['www1', 'www2'],
  ttlAtMost: 60,
  home: 'm1',
};

type ZonesOptions = Partial<PublishDeps> &
  Pick<PublishDeps, 'dir' | 'publishers'> & { readonly state: string; readonly threads: number };

/** The zones of a watcher as it opens them, with its threads warm. The caller closes them. */
export async function openZones({ state, threads, ...rest }: ZonesOptions): Promise<Publish> {
  const planner = threadPlanner(moves, threads);
  await planner.warm();
  return await openPublish({
    stateDir: state,
    accountsFile: join(state, 'userdomains'),
    planner,
    limits: defaultLimits,
    home: 'm1',
    clock: systemClock,
    ticks: () => performance.now(),
    log: createLogger({ level: 'silent', redact: [] }),
    patienceMs: 60_000,
    ...rest,
  });
}

async function openWatcher(dir: string, state: string, { publishers, ahead, dirs }: TandemOptions): Promise<Publish> {
  // A watcher takes its time over writing ahead; here nobody else needs the machine.
  let isPreparing = ahead !== 'never';
  const clock = {
    ...systemClock,
    sleep: (ms: number, signal?: AbortSignal) => (isPreparing ? Promise.resolve() : systemClock.sleep(ms, signal)),
  };
  const options = { dir, state, publishers, threads: dirs.length > 1 ? 1 : 2, clock, ahead: ['m1', 'm2'] };
  const publish = await openZones(options);
  if (ahead !== 'never') await publish.ahead(new AbortController().signal);
  isPreparing = false;
  if (ahead !== 'restarted') return publish;
  await publish.close();
  return await openZones(options);
}

/** One order, from the word to the end of the last watcher. Processor seconds are of all watchers together. */
export async function byTandem(options: TandemOptions): Promise<Timed & { readonly outcomes: readonly Outcome[] }> {
  const opened = await Promise.all(options.dirs.map((dir, at) => openWatcher(dir, `${options.state}-${at}`, options)));
  const order = { epoch: 1, node: 's3', parents: [], instant: Date.now(), active: { pair: 'm2', accounts: {} } };
  const used = process.cpuUsage();
  const begun = performance.now();
  const { signal } = new AbortController();
  const outcomes = await Promise.all(opened.map((publish) => publish.bring(order, signal, { confirmed: true })));
  const seconds = (performance.now() - begun) / 1000;
  const { user, system } = process.cpuUsage(used);
  await Promise.all(opened.map((publish) => publish.close()));
  return { seconds, cpu: (user + system) / 1e6, outcomes };
}

/** One nsupdate for all, as RFC 2136 would do it: thirteen sets and the serial counted by the server. */
export async function byUpdates(port: number, zones: readonly string[], sets: readonly string[]): Promise<Timed> {
  const begun = performance.now();
  const program = spawn('nsupdate', ['-t', '30'], { stdio: ['pipe', 'ignore', 'pipe'] });
  let words = '';
  program.stderr.on('data', (bytes: Buffer) => {
    words += bytes.toString();
  });
  const done = once(program, 'close');
  program.stdin.write(`server 127.0.0.1 ${port}\n`);
  for (const zone of zones) {
    const updates = sets.flatMap((name) => {
      const owner = name === '@' ? `${zone}.` : `${name}.${zone}.`;
      return [`update delete ${owner} A`, `update add ${owner} 60 A ${to.four}`];
    });
    program.stdin.write(`zone ${zone}.\n${updates.join('\n')}\nsend\n`);
  }
  program.stdin.end();
  const [code] = await done;
  if (code !== 0) throw new Error(`nsupdate: ${words.slice(0, 500)}`);
  return { seconds: (performance.now() - begun) / 1000, cpu: Number.NaN };
}
