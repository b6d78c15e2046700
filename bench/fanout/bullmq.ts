import { type Child, startChild } from './child.ts';
import type { Target } from './servers.ts';

export interface BullmqArgs {
  readonly side: 'adder' | 'worker';
  readonly targets: readonly Target[];
  readonly files: readonly string[];
  readonly inFlight: number;
  readonly redisPort: number;
  /** Jobs of all queues together. */
  readonly total: number;
}

export type BullmqReply = { readonly kind: 'ready' } | { readonly kind: 'added' } | { readonly kind: 'done' };

type Side = Child<{ readonly kind: 'go' }, BullmqReply>;

/** Seconds that BullMQ takes: a job for each leg, without order and without a journal; adder and worker side by side. */
export async function runBullmq(args: Omit<BullmqArgs, 'side'>): Promise<number> {
  const worker: Side = startChild('./bullmq-process.ts', { ...args, side: 'worker' });
  const adder: Side = startChild('./bullmq-process.ts', { ...args, side: 'adder' });
  await Promise.all([worker.next('ready'), adder.next('ready')]);
  const done = worker.next('done');
  const started = performance.now();
  adder.send({ kind: 'go' });
  await done;
  const seconds = (performance.now() - started) / 1000;
  await Promise.all([worker.end(), adder.end()]);
  return seconds;
}
