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

/** As the keeper of Tandem's worker. */
const standbyAfterMs = 5000;

const delay = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

async function started(args: BullmqArgs): Promise<Side> {
  const side: Side = startChild('./bullmq-process.ts', args);
  await side.next('ready');
  return side;
}

interface Keeping {
  /** SIGKILL to the worker; its standby begins at once, as Tandem's does, and another one is loaded. */
  kill(): Promise<void>;
  end(): Promise<unknown>;
}

/** Begins when it is told to: a worker that works, and a second one that is loaded and connected. */
async function startKeeping(args: BullmqArgs): Promise<Keeping & { begin(): void }> {
  let [worker, standby] = await Promise.all([started(args), started(args)]);
  let loading: Promise<void> | undefined;
  async function load(): Promise<void> {
    await delay(standbyAfterMs);
    standby = await started(args);
  }
  return {
    begin: () => worker.send({ kind: 'go' }),
    async kill() {
      await loading;
      await worker.end('SIGKILL');
      worker = standby;
      worker.send({ kind: 'go' });
      loading = load();
    },
    async end() {
      await loading;
      await Promise.all([worker.end(), standby.end()]);
    },
  };
}

async function open(adder: Side): Promise<number> {
  const reply = adder.next('open');
  adder.send({ kind: 'open' });
  return (await reply).count;
}

/** BullMQ: a job for each leg, without order and without a journal; adder and worker side by side. Answers the seconds. */
export async function runBullmq({ servers, operations, killAt, fsync, ...rest }: BullmqOptions): Promise<number> {
  await askRedis(rest.redisPort, 'CONFIG', 'SET', 'appendfsync', fsync);
  const args = { ...rest, targets: servers.map((server) => server.target) };
  const keeping = await startKeeping({ ...args, side: 'worker' });
  const adder = await started({ ...args, side: 'adder' });
  let isAdded = false;
  const added = adder.next('added').then(() => {
    isAdded = true;
  });
  const all = operations * servers.length;
  const kills = [...killAt];
  const begun = performance.now();
  keeping.begin();
  adder.send({ kind: 'go' });
  try {
    for (;;) {
      await delay(pollMs);
      const due = kills[0];
      if (due !== undefined && (await effects(servers)) >= due * all) {
        kills.shift();
        await keeping.kill();
      }
      if (isAdded && (await open(adder)) === 0) break;
    }
    await added;
    return (performance.now() - begun) / 1000;
  } finally {
    await Promise.all([keeping.end(), adder.end()]);
    await askRedis(rest.redisPort, 'CONFIG', 'SET', 'appendfsync', 'everysec');
  }
}
