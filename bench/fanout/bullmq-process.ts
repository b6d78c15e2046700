/** One side of the BullMQ run: adds a job for each leg, or works them off. Arguments: JSON of BullmqArgs. */
import { readFileSync } from 'node:fs';
import { Queue, Worker } from 'bullmq';
import type { BullmqArgs, BullmqOrder, BullmqReply } from './bullmq.ts';
import type { CallGroup } from './call-log.ts';
import { replayerOf } from './replay.ts';
import { timing } from './timing.ts';

const args = JSON.parse(process.argv[2] ?? '') as BullmqArgs;
const connection = { host: '127.0.0.1', port: args.redisPort, maxRetriesPerRequest: null };
const job = { removeOnComplete: true, removeOnFail: true };
const addersAtOnce = 50;

function tell(reply: BullmqReply): void {
  process.send?.(reply);
}

function work(): readonly Worker[] {
  return args.targets.map((target) => {
    const replayer = replayerOf(target, args.inFlight);
    const worker = new Worker<CallGroup>(target.id, ({ data }) => replayer.play(data), {
      connection,
      concurrency: args.inFlight,
      // As Tandem's lease and sweep: what a killed worker had is tried again as soon as there.
      lockDuration: timing.leaseMs,
      stalledInterval: timing.sweepMs,
      maxStalledCount: 10,
      autorun: false,
    });
    worker.on('failed', (_, error) => process.stderr.write(`${error.message}\n`));
    return worker;
  });
}

async function add(queues: readonly Queue<CallGroup>[]): Promise<void> {
  const lists = args.files.map((file) => JSON.parse(readFileSync(file, 'utf8')) as readonly CallGroup[]);
  const longest = Math.max(...lists.map((list) => list.length));
  let next = 0;
  async function lane(): Promise<void> {
    for (let at = next++; at < longest; at = next++) {
      await Promise.all(
        lists.map((list, index) => {
          const group = list[at];
          return group === undefined ? undefined : queues[index]?.add('leg', group, job);
        }),
      );
    }
  }
  await Promise.all(Array.from({ length: addersAtOnce }, lane));
  tell({ kind: 'added' });
}

async function tellOpen(queues: readonly Queue<CallGroup>[]): Promise<void> {
  const counts = await Promise.all(queues.map((queue) => queue.getJobCountByTypes('wait', 'active', 'delayed')));
  tell({ kind: 'open', count: counts.reduce((sum, count) => sum + count, 0) });
}

/** As Tandem's standby: loaded and connected, it begins when it is told to. */
async function standBy(): Promise<void> {
  const workers = work();
  await Promise.all(workers.map((worker) => worker.waitUntilReady()));
  process.on('message', ({ kind }: BullmqOrder) => {
    if (kind === 'go') for (const worker of workers) void worker.run();
  });
  tell({ kind: 'ready' });
}

if (args.side === 'worker') await standBy();
else {
  const queues = args.targets.map((target) => new Queue<CallGroup>(target.id, { connection }));
  process.on('message', ({ kind }: BullmqOrder) => void (kind === 'go' ? add(queues) : tellOpen(queues)));
  tell({ kind: 'ready' });
}
process.on('disconnect', () => process.exit(0));
