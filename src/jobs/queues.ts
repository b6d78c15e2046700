/**
 * Bull is the alarm clock: a job says "look at these legs", carries only ids, and has a deterministic id that changes
 * with each attempt. All legs that become ready in one turn of the event loop share a job for each master, because a
 * wake-up costs more than a row. Losing Redis loses nothing: the sweep finds what no job woke.
 */
import Queue from 'bull';
import type { Redis } from 'ioredis';
import { z } from 'zod';
import type { Logger } from '../log.ts';
import type { Wake } from '../operations/deps.ts';
import { openRedis } from '../store/redis.ts';

/** Settings measured in worker and Redis crashes: a lost lock or a stall must only ever mean "look again". */
const SETTINGS = { lockDuration: 60_000, lockRenewTime: 15_000, stalledInterval: 10_000, maxStalledCount: 1_000_000 };
const JOB = { removeOnComplete: true, removeOnFail: true } as const;
/** Legs in one job; more make more jobs, so that two workers can share a long list. */
const LEGS_PER_JOB = 50;

/** Parsed again when it comes out of Redis: a job may be older than the program. */
const JobData = z.object({ legs: z.array(z.string()).max(LEGS_PER_JOB) });

export interface WakeQueues {
  /** Never throws and never waits: without Redis the sweep does it. */
  wake(legs: readonly Wake[]): void;
  /** Runs `handle` for each leg that a job names. */
  process(handle: (master: string, leg: string) => Promise<void>): void;
  state(): 'up' | 'away';
  /** Resolves once `state` is more than a first guess: Redis was reached, or was found to be away. */
  readonly known: Promise<unknown>;
  close(): Promise<void>;
}

interface QueueDeps {
  readonly url: string;
  readonly prefix: string;
  readonly masters: readonly string[];
  readonly log: Logger;
  /** Jobs that this process works on at once, for each master. */
  readonly jobsAtOnce: number;
}

/** Whether a connection stands, and when that is known for the first time. */
function followed(redis: Redis): { readonly isAway: () => boolean; readonly known: Promise<unknown> } {
  let away = true;
  redis.on('ready', () => {
    away = false;
  });
  redis.on('close', () => {
    away = true;
  });
  const known = new Promise((resolve) => {
    redis.once('ready', resolve).once('close', resolve);
  });
  return { isAway: () => away, known };
}

/** Opens a queue for each master. Producers fail at once when Redis is away, workers wait for its return. */
export function openQueues(deps: QueueDeps): WakeQueues {
  const clients: Redis[] = [];
  let closing = false;

  function client(kind: 'client' | 'subscriber' | 'bclient'): Redis {
    const redis = openRedis(deps.url, { role: kind === 'client' ? 'producer' : 'worker', log: deps.log });
    clients.push(redis);
    return redis;
  }

  const shared = { client: client('client'), subscriber: client('subscriber') };
  const connection = followed(shared.client);
  const queues = new Map(
    deps.masters.map((master) => {
      const queue = new Queue(`legs-${master}`, {
        prefix: deps.prefix,
        settings: SETTINGS,
        createClient: (kind) => (kind === 'bclient' ? client('bclient') : shared[kind]),
      });
      queue.on('error', (error) => {
        if (!closing) deps.log.debug({ master, reason: error.message }, 'queue trouble');
      });
      return [master, queue] as const;
    }),
  );

  const pending = new Map<string, Wake[]>();
  function flush(): void {
    for (const [master, wakes] of pending) {
      for (let at = 0; at < wakes.length; at += LEGS_PER_JOB) add(master, wakes.slice(at, at + LEGS_PER_JOB));
    }
    pending.clear();
  }

  function add(master: string, wakes: readonly Wake[]): void {
    const first = wakes[0];
    if (first === undefined || connection.isAway() || closing) return;
    const data = { legs: wakes.map((w) => w.leg) };
    queues
      .get(master)
      ?.add(data, { ...JOB, jobId: `${first.leg}:${first.turn}:${wakes.length}` })
      .catch((error: unknown) =>
        deps.log.debug({ master, reason: String(error) }, 'a wake-up was lost; the sweep makes up for it'),
      );
  }

  return {
    wake(legs) {
      if (pending.size === 0 && legs.length > 0) setImmediate(flush);
      for (const leg of legs) {
        const known = pending.get(leg.master);
        if (known === undefined) pending.set(leg.master, [leg]);
        else known.push(leg);
      }
    },
    process(handle) {
      for (const [master, queue] of queues) {
        queue
          .process(deps.jobsAtOnce, async (job) => {
            const { legs } = JobData.parse(job.data);
            await Promise.all(legs.map((leg) => handle(master, leg)));
          })
          .catch((error: unknown) => {
            if (!closing) deps.log.error({ master, reason: String(error) }, 'the queue stopped working');
          });
      }
    },
    state: () => (connection.isAway() ? 'away' : 'up'),
    known: connection.known,
    async close() {
      closing = true;
      await Promise.allSettled([...queues.values()].map((q) => q.close(true)));
      for (const redis of clients) redis.disconnect();
    },
  };
}
