import { askRedis } from '../../test/support/redis.ts';
import { type Child, startChild } from './child.ts';
import { type BenchServer, effects, type Target } from './servers.ts';
import { pollMs } from './timing.ts';

export interface BullmqArgs {
  readonly side: 'adder' | 'worker';
  readonly targets: readonly Target[];
  readonly files: readonly string[];
  readonly inFlight: number;
  readonly redisPort: number;
}

export interface BullmqOptions extends Omit<BullmqArgs, 'side' | 'targets'> {
  readonly servers: readonly BenchServer[];
  /** Operations of the work; each has an effect on every server. */
  readonly operations: number;
  /** At which shares of the work the worker is killed. */
  readonly killAt: readonly number[];
  /** When Redis has a job on the disk: before it is accepted, or within a second. */
  readonly fsync: 'always' | 'everysec';
}

export type BullmqOrder = { readonly kind: 'go' } | { readonly kind: 'open' };
export type BullmqReply =
  | { readonly kind: 'ready' }
  | { readonly kind: 'added' }
  | { readonly kind: 'open'; readonly count: number };

type Side = Child<BullmqOrder, BullmqReply>;

const delay = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

async function started(args: BullmqArgs): Promise<Side> {
  const side: Side = startChild('./bullmq-process.ts', args);
  await side.next('ready');
  return side;
}

async function open(adder: Side): Promise<number> {
  const reply = adder.next('open');
  adder.send({ kind: 'open' });
  return (await reply).count;
}

export interface BullmqRun {
  readonly seconds: number;
  /** Changes that a server lacks although no job is left: it refused them, because they came out of order. */
  readonly refused: number;
}

/** BullMQ: a job for each leg, without order and without a journal; adder and worker side by side. */
export async function runBullmq({ servers, operations, killAt, fsync, ...rest }: BullmqOptions): Promise<BullmqRun> {
  await askRedis(rest.redisPort, 'CONFIG', 'SET', 'appendfsync', fsync);
  const args = { ...rest, targets: servers.map((server) => server.target) };
  let worker = await started({ ...args, side: 'worker' });
  const adder = await started({ ...args, side: 'adder' });
  let isAdded = false;
  const added = adder.next('added').then(() => {
    isAdded = true;
  });
  const all = operations * servers.length;
  const kills = [...killAt];
  const begun = performance.now();
  adder.send({ kind: 'go' });
  try {
    for (;;) {
      await delay(pollMs);
      const due = kills[0];
      if (due !== undefined && (await effects(servers)) >= due * all) {
        kills.shift();
        await worker.end('SIGKILL');
        worker = await started({ ...args, side: 'worker' });
      }
      if (isAdded && (await open(adder)) === 0) break;
    }
    await added;
    const seconds = (performance.now() - begun) / 1000;
    return { seconds, refused: all - (await effects(servers)) };
  } finally {
    await Promise.all([worker.end(), adder.end()]);
    await askRedis(rest.redisPort, 'CONFIG', 'SET', 'appendfsync', 'everysec');
  }
}
