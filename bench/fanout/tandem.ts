import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { stringify } from 'yaml';
import { type Child, startChild } from './child.ts';
import { type BenchServer, effects } from './servers.ts';
import { pollMs, timing } from './timing.ts';
import type { WorkItem } from './work.ts';

export interface TandemArgs {
  readonly side: 'keeper' | 'kept' | 'acceptor';
  readonly configFile: string;
  /** Requests accepted at once. */
  readonly callers: number;
}

export type TandemReply =
  | { readonly kind: 'ready' }
  | { readonly kind: 'kept'; readonly working: number; readonly standby: number | undefined }
  | { readonly kind: 'accepted'; readonly times: readonly number[] }
  | { readonly kind: 'open'; readonly count: number }
  | { readonly kind: 'unfinished'; readonly text: string };

export type Message =
  | { readonly kind: 'accept'; readonly work: readonly WorkItem[] }
  | { readonly kind: 'open' }
  | { readonly kind: 'unfinished' };
type Side = Child<Message, TandemReply>;

export interface TandemRun {
  readonly seconds: number;
  readonly acceptSeconds: number;
  readonly acceptMs: readonly number[];
  readonly memoryMb: number;
  /** Processor seconds, the first start of the processes left out; the worker's with its standby, and with those killed. */
  readonly cpu: { readonly worker: number; readonly acceptor: number };
  readonly kills: number;
}

export interface TandemOptions {
  /** An own folder; `journal.db` in it is used when it is there. */
  readonly dir: string;
  readonly servers: readonly BenchServer[];
  readonly work: readonly WorkItem[];
  readonly inFlight: number;
  readonly callers: number;
  readonly redisUrl: string;
  /** At which shares of the work the process that works is killed. */
  readonly killAt: readonly number[];
  readonly limitMs: number;
}

function writeConfig({ dir, servers, inFlight, redisUrl }: TandemOptions): string {
  mkdirSync(dir, { recursive: true });
  const masters = servers.map(({ target }, index) => {
    const ca = join(dir, `${target.id}.pem`);
    writeFileSync(ca, target.ca);
    return {
      id: target.id,
      site: `site${index + 1}`,
      hostname: target.hostname,
      connect: '127.0.0.1',
      port: target.port,
      address: `192.0.2.${index + 1}`,
      concurrency: inFlight,
      credentials: { user: 'root', token: 'BENCH' },
      tls: { ca },
    };
  });
  const file = join(dir, 'tandem.yaml');
  const config = {
    node: 'bench',
    stateDir: join(dir, 'state'),
    masters,
    ownNames: false,
    journal: { kind: 'sqlite', file: join(dir, 'journal.db') },
    redis: { url: redisUrl },
    timing,
    log: { level: 'error' },
  };
  writeFileSync(file, stringify(config), { mode: 0o600 });
  return file;
}

async function startAcceptor(configFile: string, callers: number): Promise<Side> {
  const args: TandemArgs = { side: 'acceptor', configFile, callers };
  const child: Side = startChild('./tandem-process.ts', args);
  await child.next('ready');
  return child;
}

interface Keeping extends Pick<Side, 'mostMemoryMb' | 'cpuSeconds' | 'end'> {
  /** SIGKILL to the process that works at this moment. False: none has begun since the last one. */
  killWorker(): boolean;
}

/** A keeper whose worker works and whose standby is ready. */
async function startKeeper(configFile: string, callers: number): Promise<Keeping> {
  const args: TandemArgs = { side: 'keeper', configFile, callers };
  const child: Side = startChild('./tandem-process.ts', args);
  let working = 0;
  let killed = 0;
  child.hear('kept', (kept) => {
    working = kept.working;
  });
  while ((await child.next('kept')).standby === undefined);
  return {
    mostMemoryMb: child.mostMemoryMb,
    cpuSeconds: child.cpuSeconds,
    end: () => child.end(),
    killWorker() {
      if (working === killed) return false;
      killed = working;
      return process.kill(working, 'SIGKILL');
    },
  };
}

async function openOperations(acceptor: Side): Promise<number> {
  const reply = acceptor.next('open');
  acceptor.send({ kind: 'open' });
  return (await reply).count;
}

async function giveUp(acceptor: Side, what: string): Promise<never> {
  const reply = acceptor.next('unfinished');
  acceptor.send({ kind: 'unfinished' });
  throw new Error(`the time is over: ${what}\n${(await reply).text}`);
}

async function untilFinal(acceptor: Side, isLate: () => boolean): Promise<void> {
  while ((await openOperations(acceptor)) > 0) {
    if (isLate()) await giveUp(acceptor, 'operations are still open');
    await delay(pollMs);
  }
}

/** Runs the work through Tandem: a process that accepts, a worker that is killed a few times, until all is final. */
export async function runTandem(options: TandemOptions): Promise<TandemRun> {
  const { servers, work, killAt, callers, limitMs } = options;
  const configFile = writeConfig(options);
  const acceptor = await startAcceptor(configFile, callers);
  const keeper = await startKeeper(configFile, callers);
  const acceptorBegan = acceptor.cpuSeconds();
  const keeperBegan = keeper.cpuSeconds();
  const kills = [...killAt];
  let memoryMb = 0;
  const started = performance.now();
  const since = () => (performance.now() - started) / 1000;
  let acceptSeconds = 0;
  const accepted = acceptor.next('accepted').then((reply) => {
    acceptSeconds = since();
    return reply.times;
  });
  acceptor.send({ kind: 'accept', work });
  try {
    const all = work.length * servers.length;
    for (let made = 0; made < all; made = await effects(servers)) {
      if (since() * 1000 > limitMs) await giveUp(acceptor, `only ${made} of ${all} changes are made`);
      if (made >= (kills[0] ?? 1) * all) {
        memoryMb = Math.max(memoryMb, keeper.mostMemoryMb());
        if (keeper.killWorker()) kills.shift();
      }
      await delay(pollMs);
    }
    const acceptMs = await accepted;
    await untilFinal(acceptor, () => since() * 1000 > limitMs);
    const seconds = since();
    memoryMb = Math.max(memoryMb, keeper.mostMemoryMb(), acceptor.mostMemoryMb());
    const cpu = {
      worker: keeper.cpuSeconds() - keeperBegan,
      acceptor: acceptor.cpuSeconds() - acceptorBegan,
    };
    return { seconds, acceptSeconds, acceptMs, memoryMb, cpu, kills: killAt.length - kills.length };
  } finally {
    await Promise.all([keeper.end(), acceptor.end()]);
  }
}
