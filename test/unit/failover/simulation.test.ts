import { describe, expect, it } from 'vitest';
import { defaultLimits } from '../../../src/failover/safety.ts';
import { singleFaults } from '../../../src/failover/verdict/fault-table.ts';
import { activeOf, orderId, standing } from '../../../src/failover/verdict/orders.ts';
import { placesOfKind, type Topology } from '../../../src/failover/verdict/topology.ts';
import { customersReach, type Fault } from '../../../src/failover/verdict/world.ts';
import { give } from '../../../src/failover/watch/turn.ts';
import { randomOf } from '../../support/chance.ts';
import { type Node, SimWorld } from './sim-world.ts';
import { threeSites, topologies } from './topologies.ts';

const many = Number(process.env['TANDEM_TEST_SEEDS'] ?? 2);
const seeds = Array.from({ length: many }, (_, at) => at + 1);
const minute = 60_000;
/** Detection, exchange and all delays together. */
const lagMs = 20_000;

/** When customers last could not reach a master. */
function outages(world: SimWorld) {
  const last = new Map<string, number>();
  return {
    look() {
      for (const { id } of placesOfKind(world.topology, 'master')) {
        if (!customersReach(world.topology, world.faults, id)) last.set(id, world.time.now);
      }
    },
    wasOut: (id: string, at: number) => at - (last.get(id) ?? Number.NEGATIVE_INFINITY) <= lagMs,
  };
}

function start(topology: Topology, seed: number, limits = {}): SimWorld {
  const world = new SimWorld(topology, randomOf(seed), { ...defaultLimits, ...limits });
  for (const { id } of world.nodes) world.boot(id);
  return world;
}

function pick<T>(world: SimWorld, list: readonly T[]): T {
  // Lists here are never empty.
  return list[Math.floor(world.random() * list.length)] as T;
}

function activeAt(world: SimWorld, id: string): unknown {
  const stands = standing(world.get(id).disk.stored.map(({ order }) => order));
  return stands.kind === 'conflict' ? stands : activeOf(stands, 'm1');
}

/** One fault after the other, each healed before the next, with time to be seen. */
function singleFaultPlan(world: SimWorld, end: number): void {
  for (let at = 10_000; at < end - 3 * minute; ) {
    const stands = 2000 + world.random() * 2 * minute;
    const watcher = world.random() < 0.25 ? pick(world, world.nodes).id : undefined;
    const fault = pick(world, singleFaults(world.topology));
    world.time.at(at, () => {
      if (watcher === undefined) world.faults = [fault];
      else world.crash(watcher);
    });
    world.time.at(at + stands, () => {
      world.faults = [];
      if (watcher !== undefined) world.boot(watcher);
    });
    at += stands + 30_000 + world.random() * minute;
  }
}

describe.each(topologies)('%s, one fault at a time, with delays, crashes and wrong clocks', (_, topology) => {
  it.each(seeds)('never switches away from a master that customers reach (seed %i)', async (seed) => {
    const world = start(topology, seed, { holdDownMs: 0, perDay: 1000 });
    const out = outages(world);
    const end = 10 * minute;
    singleFaultPlan(world, end);
    let checked = 0;
    await world.time.runUntil(end, () => {
      out.look();
      for (; checked < world.given.length; checked += 1) {
        const { order, at } = world.given[checked] as (typeof world.given)[number];
        expect(out.wasOut(order.from, at), `${orderId(order)} at ${at}: ${order.evidence.join('; ')}`).toBe(true);
      }
    });
    expect(activeAt(world, 's3')).toEqual(activeAt(world, 's4'));
  });
});

/** A person at one watcher, who asks nobody. */
function command(world: SimWorld, node: Node): void {
  const [from, to] = world.random() < 0.5 ? (['m1', 'm2'] as const) : (['m2', 'm1'] as const);
  const account = world.random() < 0.3 ? 'bob' : undefined;
  const kind = world.random() < 0.5 ? 'switch' : 'return';
  if (node.up) void give(node.deps, { kind, from, to, account, by: node.id, evidence: [] });
}

function strike(world: SimWorld, what: number): void {
  const node = pick(world, world.nodes);
  if (what < 0.45) world.faults = [...world.faults, pick(world, singleFaults(world.topology))].slice(-3);
  else if (what < 0.65) world.faults = world.faults.slice(1);
  else if (what >= 0.8) command(world, node);
  else if (node.up) world.crash(node.id);
  else world.boot(node.id);
}

/** Several faults at once, crashes, and people who contradict each other. */
function chaosPlan(world: SimWorld, end: number): void {
  for (let at = 5000; at < end; at += 2000 + world.random() * 20_000) {
    const what = world.random();
    world.time.at(at, () => strike(world, what));
  }
}

describe.each(topologies)('%s, anything at any time', (_, topology) => {
  it.each(seeds)(
    'both watchers say the same soon after they hear each other, and no order is lost (seed %i)',
    async (seed) => {
      const world = start(topology, seed + 1000, { holdDownMs: 0, perDay: 1000 });
      const durable = new Set<string>();
      const end = 8 * minute;
      chaosPlan(world, end);
      const look = (): void => {
        const now = world.nodes.map(({ disk }) => new Set(disk.stored.map(({ order }) => orderId(order))));
        for (const ids of now) for (const id of ids) durable.add(id);
      };
      await world.time.runUntil(end, look);
      world.faults = [];
      for (const node of world.nodes) if (!node.up) world.boot(node.id);
      await world.time.runUntil(end + lagMs, look);
      for (const { disk } of world.nodes) {
        expect([...disk.stored].map(({ order }) => orderId(order)).sort()).toEqual([...durable].sort());
      }
      expect(activeAt(world, 's3')).toEqual(activeAt(world, 's4'));
      expect(activeAt(world, 's3')).not.toHaveProperty('heads');
    },
  );
});

describe('deaths and flapping', () => {
  it.each(seeds)('a death with everything else well is always answered (seed %i)', async (seed) => {
    const world = start(threeSites, seed + 2000);
    const dies = 20_000 + world.random() * 10_000;
    world.time.at(dies, () => {
      world.faults = [
        pick(world, [
          { kind: 'host', id: 'm1' },
          { kind: 'site', site: 'A' },
        ] as const satisfies readonly Fault[]),
      ];
    });
    await world.time.runUntil(dies + lagMs, () => {});
    expect(activeAt(world, 's4')).toEqual({ pair: 'm2', accounts: {} });
  });

  it.each(seeds)('masters that die in turn do not flap names (seed %i)', async (seed) => {
    const world = start(threeSites, seed + 3000);
    for (let at = 20_000, n = 0; at < 25 * minute; at += 45_000, n += 1) {
      world.time.at(at, () => {
        world.faults = [{ kind: 'host', id: n % 2 === 0 ? 'm1' : 'm2' }];
      });
    }
    await world.time.runUntil(25 * minute, () => {});
    const switches = new Set(world.given.map(({ order }) => `${order.epoch} ${order.from}`));
    expect(switches.size).toBeGreaterThan(0);
    expect(switches.size).toBeLessThanOrEqual(2);
  });
});
