import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { NoWatcher } from '../../src/failover/control/socket.ts';
import type { WatchStatus } from '../../src/failover/watch/status.ts';
import { buildWatcher, openWorld, type World } from '../../test/support/watch-world.ts';
import { threeSites } from '../../test/unit/failover/topologies.ts';
import { type BenchOptions, rounded } from '../result.ts';
import { type Kind, type Served, serve } from './servers.ts';
import { from, makeZones, to } from './zones.ts';

/** From a master's death until every zone is answered by both name servers: two watchers, a witness, 3 s checks. */

export interface Fault {
  readonly zones: number;
  /** Until both watchers' name servers answer for every zone, seconds. */
  readonly seconds: number;
  /** Of them, until the order was given. */
  readonly order: number;
  /** Each watcher's own steps after it. */
  readonly steps: Readonly<Record<string, Readonly<Record<string, number>>>>;
}

const watchers = ['s3', 's4'] as const;

async function until<T>(what: string, longestMs: number, look: () => Promise<T | undefined>): Promise<T> {
  const end = performance.now() + longestMs;
  for (;;) {
    // A watcher that is still starting has no door yet.
    const found = await look().catch((error: unknown) => {
      if (error instanceof NoWatcher) return undefined;
      throw error;
    });
    if (found !== undefined) return found;
    if (performance.now() > end) throw new Error(`not within ${longestMs / 1000} s: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

function both(world: World): Promise<readonly WatchStatus[]> {
  return Promise.all(watchers.map((id) => world.status(id)));
}

/** As watchers are whenever nothing happened for a minute: what a switch would write is on the disk. */
async function writtenAhead(dirs: readonly string[], zones: number): Promise<void> {
  const count = (dir: string): number => {
    const ready = join(dir, '.tandem-ready');
    return existsSync(ready) ? readdirSync(ready).length : 0;
  };
  await until('both watchers have written ahead', 600_000, async () =>
    dirs.every((dir) => count(dir) >= zones) ? true : undefined,
  );
  // The last of them are synced after they are written, which takes longer the more there are.
  await new Promise((resolve) => setTimeout(resolve, 1000 + 0.4 * zones));
}

async function measure(world: World, zones: number, longestMs: number): Promise<Fault> {
  await until('both watchers see both masters', longestMs, async () =>
    (await both(world)).every(({ light }) => light === 'redundant') ? true : undefined,
  );
  const begun = Date.now();
  await world.kill('m1');
  const states = await until('both name servers answer', longestMs, async () => {
    const found = await both(world);
    return found.every(({ publish }) => publish?.last?.outcome.kind === 'done') ? found : undefined;
  });
  const after = (iso: string | undefined): number => rounded((Date.parse(iso ?? '') - begun) / 1000, 2);
  const steps = states.map(({ node, publish }) => {
    const took = publish?.last?.outcome.steps.map(({ name, seconds }) => [name, rounded(seconds, 2)]) ?? [];
    return [node, Object.fromEntries(took)] as const;
  });
  return {
    zones,
    seconds: Math.max(...states.map(({ publish }) => after(publish?.last?.at))),
    order: Math.min(...states.map(({ orders }) => after(orders[0]?.at))),
    steps: Object.fromEntries(steps),
  };
}

/** The watcher's section for its name server. */
function serverOf(name: string, served: Served): Readonly<Record<string, unknown>> {
  const answers = [{ name, address: '127.0.0.1', port: served.port }];
  const how = served.kind === 'bind' ? { rndc: [...served.rndc] } : { control: [...served.control] };
  return { name: served.kind, kind: served.kind, ...how, answers };
}

interface FaultOptions {
  readonly kind: Kind;
  readonly zones: number;
  readonly longestMs: number;
}

/** Starts everything, takes M1's power away, and waits; throws what did not happen within `longestMs`. */
export async function faultToAnswer(
  { dir, say }: BenchOptions,
  { kind, zones, longestMs }: FaultOptions,
): Promise<Fault> {
  const build = await buildWatcher();
  const dirOf = (id: string): string => join(dir, `fault-${kind}-${id}`);
  const servers = await Promise.all(
    watchers.map(async (id) => {
      const names = makeZones(dirOf(id), zones);
      return [id, await serve(kind, join(dir, `fault-${kind}-server-${id}`), dirOf(id), names)] as const;
    }),
  );
  const of = new Map<string, Served>(servers);
  const world = await openWorld(build, {
    places: threeSites.places,
    watch: (id) => {
      const served = of.get(id);
      const timing = { everyMs: 3000, retryMs: 500, timeoutMs: 1500, attempts: 3, turnMs: 500, askMs: 1500 };
      if (served === undefined) return { timing };
      const pairs = [
        { m1: from.four, m2: to.four },
        { m1: from.six, m2: to.six },
      ];
      // The child is compiled without the threads' own file; with two watchers on one machine each has a core anyway.
      const rest = { patienceMs: 60_000, threads: 0, servers: [serverOf(id, served)] };
      return { timing, publish: { zones: dirOf(id), pairs, ...rest } };
    },
  });
  try {
    await writtenAhead(watchers.map(dirOf), zones);
    const fault = await measure(world, zones, longestMs).catch((error: unknown) => {
      say(watchers.map((id) => world.output(id).slice(-2000)).join('\n'));
      throw error;
    });
    say(
      `${zones} zones, ${kind}, M1 dies: ordered after ${fault.order} s, all answered by both after ${fault.seconds} s`,
    );
    return fault;
  } finally {
    await world.close();
    await Promise.all(servers.map(([, { running }]) => running.end('SIGKILL')));
  }
}
