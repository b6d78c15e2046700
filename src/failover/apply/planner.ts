import { openThread } from '../../thread.ts';
import { type Chunk, type ChunkDone, type Commit, commitChunk, planChunk } from './chunk.ts';
import { type MoveConfig, rulesOf } from './rules.ts';

export type ToPlanner =
  | { readonly kind: 'plan'; readonly id: number; readonly chunk: Chunk }
  | { readonly kind: 'commit'; readonly id: number; readonly commit: Commit }
  | { readonly kind: 'warm'; readonly id: number };

type Ask =
  | { readonly kind: 'plan'; readonly chunk: Chunk }
  | { readonly kind: 'commit'; readonly commit: Commit }
  | { readonly kind: 'warm' };

interface FromPlanner {
  readonly id: number;
  readonly result?: ChunkDone | undefined;
  readonly error?: string;
}

/** Plans and writes chunks. Threads pay from some hundred zones on; below, the process itself is faster. */
export interface Planner {
  plan(chunk: Chunk): Promise<ChunkDone>;
  commit(commit: Commit): Promise<void>;
  /** Starts what a switch should not have to wait for. */
  warm(): Promise<void>;
  close(): Promise<void>;
}

/** Plans in this very thread. */
export function inlinePlanner(config: MoveConfig): Planner {
  const rules = rulesOf(config);
  return { plan: (chunk) => planChunk(chunk, rules), commit: commitChunk, warm: async () => {}, close: async () => {} };
}

interface Thread {
  ask(message: Ask): Promise<ChunkDone | undefined>;
  load: number;
  close(): Promise<void>;
}

/** Room for what a zone leaves behind: with the usual 16 MB a tenth of the time goes into clearing it away, MB. */
const resourceLimits = { maxYoungGenerationSizeMb: 64 };

function startThread(config: MoveConfig): Thread {
  const worker = openThread('./failover/apply/planner-thread', config, { resourceLimits });
  const waiting = new Map<number, { resolve(done: ChunkDone | undefined): void; reject(error: Error): void }>();
  let count = 0;
  const failAll = (error: Error): void => {
    for (const one of waiting.values()) one.reject(error);
    waiting.clear();
  };
  worker.on('message', ({ id, result, error }: FromPlanner) => {
    const one = waiting.get(id);
    waiting.delete(id);
    thread.load--;
    if (error === undefined) one?.resolve(result);
    else one?.reject(new Error(error));
  });
  worker.on('error', failAll);
  worker.on('exit', () => failAll(new Error('a planning thread ended')));
  const thread: Thread = {
    load: 0,
    ask(message) {
      thread.load++;
      const id = ++count;
      return new Promise((resolve, reject) => {
        waiting.set(id, { resolve, reject });
        worker.postMessage({ ...message, id });
      });
    },
    async close() {
      await worker.terminate();
    },
  };
  return thread;
}

/** Chunks from this size on go to the threads. */
const threadsFrom = 200;

/**
 * Plans in threads of its own, each with a few chunks on their way so that reckoning and the disk work at once. They are
 * started by the first large chunk; small ones are done at once, in the process itself.
 */
export function threadPlanner(config: MoveConfig, threads: number, from = threadsFrom): Planner {
  const inline = inlinePlanner(config);
  let all: readonly Thread[] = [];
  const start = (): void => {
    if (all.length === 0) all = Array.from({ length: threads }, () => startThread(config));
  };
  const ask = async (message: Ask): Promise<ChunkDone | undefined> => {
    start();
    const [first, ...others] = all;
    if (first === undefined) throw new RangeError('a planner needs at least one thread');
    return await others.reduce((best, one) => (one.load < best.load ? one : best), first).ask(message);
  };
  return {
    async plan(chunk) {
      if (chunk.items.length < from) return await inline.plan(chunk);
      const done = await ask({ kind: 'plan', chunk });
      if (done === undefined) throw new Error('a planning thread answered nothing');
      return done;
    },
    async commit(commit) {
      if (all.length === 0) await inline.commit(commit);
      else await ask({ kind: 'commit', commit });
    },
    async warm() {
      start();
      await Promise.all(all.map((one) => one.ask({ kind: 'warm' })));
    },
    async close() {
      await Promise.all(all.map((one) => one.close()));
    },
  };
}
