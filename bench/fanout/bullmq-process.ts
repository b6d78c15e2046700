/** One side of the BullMQ run: adds a job for each leg, or works them off. Arguments: JSON of BullmqArgs. */
import { readFileSync } from 'node:fs';
import { Queue, Worker } from 'bullmq';
import type { BullmqArgs, BullmqReply } from './bullmq.ts';
import type { CallGroup } from './call-log.ts';
import { replayerOf } from './replay.ts';

const args = JSON.parse(process.argv[2] ?? '') as BullmqArgs;
const connection = { host: '127.0.0.1', port: args.redisPort, maxRetriesPerRequest: null };
const job = { removeOnComplete: true, removeOnFail: true };
const addersAtOnce = 50;

function tell(reply: BullmqReply): void {
  process.send?.(reply);
}

function work(): readonly Worker[] {
  let left = args.total;
  return args.targets.map((target) => {
    const replayer = replayerOf(target, args.inFlight);
    const worker = new Worker<CallGroup>(target.id, ({ data }) => replayer.play(data), {
      connection,
      concurrency: args.inFlight,
    });
    worker.on('completed', () => {
      if (--left === 0) tell({ kind: 'done' });
    });
    worker.on('failed', (_, error) => process.stderr.write(`${error.message}\n`));
    return worker;
  });
}

async function add(): Promise<void> {
  const queues = args.targets.map((target) => new Queue<CallGroup>(target.id, { connection }));
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
  await Promise.all(queues.map((queue) => queue.close()));
  tell({ kind: 'added' });
}

if (args.side === 'worker') {
  await Promise.all(work().map((worker) => worker.waitUntilReady()));
  tell({ kind: 'ready' });
} else {
  process.once('message', () => void add());
  tell({ kind: 'ready' });
}
process.on('disconnect', () => process.exit(0));
