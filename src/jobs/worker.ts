/**
 * A worker: takes wake-ups, runs legs, keeps its leases alive, shares the masters' slots with other workers, tells
 * what it knows of the masters, and sweeps. Knows ids, not WHM.
 */
import type { Clock } from '../clock.ts';
import type { Logger } from '../log.ts';
import { type Loop, loop } from '../loop.ts';
import { deliverSafely } from '../operations/deliver.ts';
import type { Deps, Wake } from '../operations/deps.ts';
import type { LegJournal } from '../operations/leg-journal.ts';
import { openedOperations } from '../operations/opened.ts';
import { openReach, type Reach } from '../operations/reach.ts';
import { sweep } from '../operations/recover.ts';
import type { Runner } from '../operations/run.ts';
import { verifyDue } from '../operations/verify.ts';
import { openAcquaintance } from './acquaint.ts';
import { openPool, type Pool } from './pool.ts';
import { openPresence } from './presence.ts';
import type { WakeQueues } from './queues.ts';

export interface WorkerDeps {
  readonly core: Deps;
  /** Writes what goes well with a leg. */
  readonly legs: LegJournal;
  readonly queues: WakeQueues;
  /** Name of this control node, and this worker's own id. */
  readonly node: string;
  readonly id: string;
  /** Calls in flight on each master, over all workers together. */
  readonly concurrency: Readonly<Record<string, number>>;
  readonly probeMs: number;
  readonly clock: Clock;
  readonly log: Logger;
}

export interface Worker {
  readonly id: string;
  readonly reach: Reach;
  /** Legs that became ready in this very process: run here when there is room, without a job. Says what it took. */
  take(legs: readonly Wake[]): readonly Wake[];
  /** Finishes what is under way, gives leases and slots back. */
  close(): Promise<void>;
}

const HEARTBEAT_MS = 2000;

/** Long enough for the sweep to give a sick master's operations another lead. */
function restOf({ sweepMs, backoffMs }: Deps['timing']): { first: number; most: number } {
  const first = Math.max(3 * sweepMs, backoffMs.first);
  return { first, most: Math.max(first, backoffMs.most) };
}

/**
 * Ready legs beyond this many are left to the queue, where another worker may take them. Many, because a job costs as
 * much as half a leg, and the sweep of a worker with nothing to do finds what waits here.
 */
const ROOM = 1000;

/** Starts a worker. */
export async function startWorker(deps: WorkerDeps): Promise<Worker> {
  const { core, id, log, clock } = deps;
  const reach = openReach(core, () => Date.now(), restOf(core.timing));
  const presence = openPresence({ core, id, node: deps.node, concurrency: deps.concurrency, reach, log });
  let live = 0;
  const ids = core.masters.list.map((m) => m.id);
  const { runner, pools } = openPools(deps, reach, () => live === 1);
  let sweeping: Loop | undefined;
  const { tell } = presence;
  const acquaintance = openAcquaintance({ core, reach, log, now: Date.now, tell, onKnown: () => sweeping?.wake() });
  const usable = (master: string) => reach.of(master).state === 'reachable' && acquaintance.knows(master);
  const hasRoom = (master: string) => poolOf(pools, master).size < ROOM;

  async function handle(master: string, leg: string): Promise<void> {
    // A master that is away is parked without jobs: its legs wait in the journal, and the probe finds its return.
    if (usable(master)) await pools.get(master)?.run(leg);
  }
  const beat = async () => {
    live = await presence.beat(pools);
  };
  const turnOfSweep = () => sweep(runner, hasRoom);
  const stop = new AbortController();
  await presence.arrive();
  await beat();
  deps.queues.process(handle);
  const every = (name: string, everyMs: number, turn: () => Promise<unknown>) =>
    loop({ name, everyMs, jitter: 0.2, turn, signal: stop.signal, clock, log });
  sweeping = every('sweep', core.timing.sweepMs, turnOfSweep);
  // Each master has its own: one that lets us wait for an answer must not delay the other one's return.
  const eachEvery = (name: string, turn: (master: string) => Promise<void>) =>
    new Map(ids.map((master) => [master, every(name, deps.probeMs, () => turn(master))]));
  const acquainting = eachEvery('acquaint', acquaintance.turn);
  const loops = [
    sweeping,
    ...acquainting.values(),
    ...eachEvery('probe', reach.probe).values(),
    every('heartbeat', HEARTBEAT_MS, beat),
    every('verify', core.timing.sweepMs, () => verifyDue(core, usable)),
    every('poll', core.timing.pollMs, async () => {
      // Without Redis nobody wakes us: then the sweep is the clock.
      if (deps.queues.state() === 'away') await turnOfSweep();
    }),
  ];
  reach.onChange((master, state) => {
    acquaintance.changed(master, state);
    if (state.state === 'reachable') acquainting.get(master)?.wake();
  });

  return {
    id,
    reach,
    take: (legs) => legs.filter((leg) => takeOne(pools, usable, handle, leg)),
    async close() {
      stop.abort();
      await Promise.all([...pools.values()].map((p) => p.drain()));
      await Promise.all(loops.map((l) => l.ended));
      await presence.leave();
    },
  };
}

/** What runs legs, and the pools in which it does. */
function openPools({ core, legs, id }: WorkerDeps, reach: Reach, isAlone: () => boolean) {
  const runner: Runner = {
    ...core,
    legs,
    reach,
    opened: openedOperations(),
    owner: id,
    isAlone,
    enter: (master) => poolOf(pools, master).enter(),
    reserve: (master) => poolOf(pools, master).reserve(),
  };
  const pools: ReadonlyMap<string, Pool> = new Map(
    core.masters.list.map((m) => [m.id, openPool(async (leg) => void (await deliverSafely(runner, leg)))]),
  );
  return { runner, pools };
}

function takeOne(
  pools: ReadonlyMap<string, Pool>,
  usable: (master: string) => boolean,
  handle: (master: string, leg: string) => Promise<void>,
  wake: Wake,
): boolean {
  const pool = pools.get(wake.master);
  if (pool === undefined || !usable(wake.master)) return false;
  // What the sweep finds and this worker has already in hand needs no job.
  if (pool.has(wake.leg)) return true;
  if (pool.size >= ROOM) return false;
  void handle(wake.master, wake.leg);
  return true;
}

function poolOf(pools: ReadonlyMap<string, Pool>, master: string): Pool {
  const pool = pools.get(master);
  if (pool === undefined) throw new RangeError(`no master is called ${master}`);
  return pool;
}
