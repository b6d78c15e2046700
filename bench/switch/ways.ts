import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { systemClock } from '../../src/clock.ts';
import { threadPlanner } from '../../src/failover/apply/planner.ts';
import type { Outcome } from '../../src/failover/publish/model.ts';
import { openPublish } from '../../src/failover/publish/open-publish.ts';
import type { Publisher } from '../../src/failover/publish/publisher.ts';
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
  const begun = performance.now();
  const command = `find '${dir}' -name '*.db' -print0 | xargs -0 sed -i -e 's/${from.four.replaceAll('.', '\\.')}/${to.four}/g' -e 's/${from.six}/${to.six}/g'`;
  execFileSync('sh', ['-c', command]);
  return { seconds: (performance.now() - begun) / 1000, cpu: Number.NaN };
}

export function sync(dir: string): void {
  execFileSync('sync', ['-f', dir]);
}

interface TandemOptions {
  readonly dir: string;
  readonly state: string;
  readonly publishers: readonly Publisher[];
  readonly epoch: number;
  readonly pair: string;
}

/** One order, from the word to its end. */
export async function byTandem(options: TandemOptions): Promise<Timed & { readonly outcome: Outcome }> {
  const moves = {
    masters: ['m1', 'm2'].map((id) => ({ id, hostname: `${id}.host.example` })),
    pairs: [
      { m1: from.four, m2: to.four },
      { m1: from.six, m2: to.six },
    ],
    stays: ['www1', 'www2'],
    ttlAtMost: 60,
    home: 'm1',
  };
  const planner = threadPlanner(moves, 2);
  await planner.warm();
  const publish = await openPublish({
    dir: options.dir,
    stateDir: options.state,
    accountsFile: join(options.state, 'userdomains'),
    planner,
    publishers: options.publishers,
    limits: defaultLimits,
    clock: systemClock,
    ticks: () => performance.now(),
    log: createLogger({ level: 'silent', redact: [] }),
    patienceMs: 60_000,
  });
  const { epoch, pair } = options;
  const order = { epoch, node: 's3', parents: [], instant: Date.now(), active: { pair, accounts: {} } };
  const used = process.cpuUsage();
  const begun = performance.now();
  const outcome = await publish.bring(order, new AbortController().signal, { confirmed: true });
  const seconds = (performance.now() - begun) / 1000;
  const { user, system } = process.cpuUsage(used);
  await publish.close();
  return { seconds, cpu: (user + system) / 1e6, outcome };
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
