/**
 * Watchers in a world that is only a list: a clock that jumps from event to event, links with delays, hosts that fail,
 * processes that die between any two awaits, clocks that are wrong. The same seed is the same run.
 */
import { pino } from 'pino';
import type { PeerLink, Vantage } from '../../../src/failover/peers/links.ts';
import type { Exchange } from '../../../src/failover/peers/protocol.ts';
import { newerPlacement, noPlacement, type Placement } from '../../../src/failover/placement/model.ts';
import { mergeNotes, type Note, withNote } from '../../../src/failover/state/notes.ts';
import type { Store, Stored } from '../../../src/failover/state/store.ts';
import { mergeOrders, type Order, orderId } from '../../../src/failover/verdict/orders.ts';
import { type Place, placesOfKind, type Topology } from '../../../src/failover/verdict/topology.ts';
import type { Sight } from '../../../src/failover/verdict/verdict.ts';
import { type Fault, isUp, reaches } from '../../../src/failover/verdict/world.ts';
import type { WatchDeps } from '../../../src/failover/watch/deps.ts';
import { answerExchange } from '../../../src/failover/watch/meet.ts';
import { type Memory, newMemory, takeTurn } from '../../../src/failover/watch/turn.ts';

interface Event {
  readonly at: number;
  readonly order: number;
  run(): void;
}

/** Time that passes only when nothing else is left to do. */
export class Timeline {
  now = 0;
  private readonly events: Event[] = [];
  private count = 0;

  at(time: number, run: () => void): void {
    this.count += 1;
    this.events.push({ at: Math.max(time, this.now), order: this.count, run });
    this.events.sort((a, b) => a.at - b.at || a.order - b.order);
  }

  sleep(ms: number): Promise<void> {
    return new Promise((resolve) => this.at(this.now + ms, resolve));
  }

  async runUntil(end: number, after: () => void): Promise<void> {
    for (let next = this.events[0]; next !== undefined && next.at <= end; next = this.events[0]) {
      this.events.shift();
      this.now = next.at;
      next.run();
      // Everything that follows at once happens before time passes on.
      await new Promise((resolve) => setImmediate(resolve));
      after();
    }
    this.now = end;
  }
}

/** What is on a watcher's disk; it survives the process. */
interface Disk {
  stored: readonly Stored[];
  notes: readonly Note[];
  placement: Placement;
}

export interface Node {
  readonly id: string;
  readonly disk: Disk;
  readonly skewMs: number;
  /** Grows with each start; what belongs to an older one is dead. */
  life: number;
  up: boolean;
  deps: WatchDeps;
  memory: Memory;
}

/** Never resolves: what a dead process was waiting for. */
const never = (): Promise<never> => new Promise(() => {});

export class SimWorld {
  readonly time = new Timeline();
  readonly nodes: Node[] = [];
  faults: Fault[] = [];
  readonly given: { readonly order: Order; readonly at: number; readonly by: string }[] = [];
  private readonly lastChange = new Map<string, { reach: boolean; since: number }>();

  readonly topology: Topology;
  readonly random: () => number;
  readonly limits: WatchDeps['limits'];

  constructor(topology: Topology, random: () => number, limits: WatchDeps['limits']) {
    this.topology = topology;
    this.random = random;
    this.limits = limits;
    for (const { id } of placesOfKind(topology, 'watcher')) this.nodes.push(this.makeNode(id));
  }

  get(id: string): Node {
    const found = this.nodes.find((node) => node.id === id);
    if (found === undefined) throw new RangeError(id);
    return found;
  }

  reach(from: string, to: string): boolean {
    const alive = (id: string): boolean => this.nodes.find((node) => node.id === id)?.up ?? true;
    return alive(from) && alive(to) && reaches(this.topology, this.faults, from, to);
  }

  /** A hard state is believed only after it has stood for a while, a little different for each watcher. */
  private sight(from: string, to: string): Sight {
    const reach = this.reach(from, to);
    const key = `${from} ${to}`;
    const last = this.lastChange.get(key);
    if (last === undefined || last.reach !== reach) this.lastChange.set(key, { reach, since: this.time.now });
    const stood = this.time.now - (this.lastChange.get(key)?.since ?? 0);
    if (reach) return stood >= 1000 || last === undefined ? 'serving' : 'suspect';
    return stood >= 4000 + (from.charCodeAt(1) % 3) * 1000 ? 'gone' : 'suspect';
  }

  private sees(from: string): Record<string, boolean> {
    const masters = placesOfKind(this.topology, 'master').filter(({ id }) => id !== from);
    return Object.fromEntries(masters.map(({ id }) => [id, this.reach(from, id)]));
  }

  /** One way over a link; false when it is lost. */
  private async travel(from: string, to: string): Promise<boolean> {
    if (!this.reach(from, to)) return false;
    await this.time.sleep(1 + this.random() * this.random() * 900);
    return this.reach(from, to);
  }

  private ask<T>(from: string, to: string, question: () => Promise<T>): Promise<T | undefined> {
    const limit = this.time.sleep(2000).then(() => undefined);
    const way = (async () => {
      if (!(await this.travel(from, to))) return never();
      const answer = await question();
      return (await this.travel(to, from)) ? answer : never();
    })();
    return Promise.race([way, limit]);
  }

  private storeOf(node: Pick<Node, 'id' | 'disk'>, life: number, isAlive: (life: number) => boolean): Store {
    const { disk } = node;
    // A write reaches the disk or does not; a process that died meanwhile never hears.
    const write = async (work: () => void): Promise<void> => {
      if (!isAlive(life)) return never();
      await this.time.sleep(this.random() * 20);
      if (!isAlive(life)) return never();
      work();
      await this.time.sleep(this.random() * 5);
      if (!isAlive(life)) return never();
    };
    return {
      stored: () => disk.stored,
      orders: () =>
        mergeOrders(
          [],
          disk.stored.map(({ order }) => order),
        ),
      damaged: 0,
      async add(orders, now) {
        let fresh: readonly Order[] = [];
        await write(() => {
          const known = new Set(disk.stored.map(({ order }) => orderId(order)));
          fresh = mergeOrders([], orders).filter((order) => !known.has(orderId(order)));
          disk.stored = [...disk.stored, ...fresh.map((order) => ({ order, heardAt: now }))];
        });
        return fresh;
      },
      notes: () => disk.notes,
      placement: () => disk.placement,
      setPlacement: (placement) =>
        write(() => {
          disk.placement = newerPlacement(disk.placement, placement);
        }),
      addNotes: (notes) =>
        write(() => {
          disk.notes = mergeNotes(disk.notes, notes);
        }),
      say: (key, value) =>
        write(() => {
          disk.notes = withNote(disk.notes, node.id, key, value);
        }),
      tell: async () => {},
      history: async () => [],
      close: async () => {},
    };
  }

  private depsOf(node: Node): WatchDeps {
    const { life, id } = node;
    const isAlive = (mine: number): boolean => node.up && node.life === mine;
    const store = this.storeOf(node, life, isAlive);
    const add: Store['add'] = async (orders, now) => {
      const fresh = await store.add(orders, now);
      for (const order of fresh) if (order.node === id) this.given.push({ order, at: this.time.now, by: id });
      return fresh;
    };
    const peers = placesOfKind(this.topology, 'watcher')
      .filter((place) => place.id !== id)
      .map(
        ({ id: other }): PeerLink => ({
          id: other,
          exchange: async (mine) => {
            const answer = await this.ask<Exchange>(id, other, async () => {
              const peer = this.get(other);
              // What travels is bytes: nothing of one process is seen by the other.
              return peer.up ? structuredClone(await answerExchange(peer.deps, structuredClone(mine))) : never();
            });
            if (!isAlive(life)) return never();
            return answer === undefined ? { kind: 'silent', why: 'late' } : { kind: 'answered', value: answer };
          },
        }),
      );
    const vantages = this.topology.places
      .filter(({ kind }) => kind !== 'watcher')
      .map(
        ({ id: other }: Place): Vantage => ({
          id: other,
          see: async () => {
            const sees = await this.ask(id, other, async () => this.sees(other));
            if (!isAlive(life)) return never();
            return sees === undefined
              ? { kind: 'silent', why: 'late' }
              : { kind: 'answered', value: { from: other, sees } };
          },
        }),
      );
    const site = this.topology.places.find((place) => place.id === id)?.site;
    return {
      self: id,
      topology: this.topology,
      store: { ...store, add },
      book: {
        sights: () =>
          Object.fromEntries(placesOfKind(this.topology, 'master').map((m) => [m.id, this.sight(id, m.id)])),
        greenMs: () => undefined,
      },
      anchor: () =>
        !this.faults.some((fault) => (fault.kind === 'uplink' || fault.kind === 'anchor') && fault.site === site),
      peers,
      vantages,
      limits: this.limits,
      askMs: 2000,
      within: () => new AbortController().signal,
      clock: { now: () => this.time.now + node.skewMs + 1_800_000_000_000, sleep: (ms) => this.time.sleep(ms) },
      log: pino({ level: 'silent' }),
    };
  }

  private makeNode(id: string): Node {
    const skewMs = this.random() < 0.5 ? 0 : Math.round((this.random() - 0.5) * 600_000);
    const node = {
      id,
      disk: { stored: [], notes: [], placement: noPlacement },
      skewMs,
      life: 0,
      up: false,
    } as unknown as Node;
    node.memory = newMemory();
    return node;
  }

  boot(id: string): void {
    const node = this.get(id);
    node.life += 1;
    node.up = true;
    node.memory = newMemory();
    node.deps = this.depsOf(node);
    void this.live(node, node.life);
  }

  crash(id: string): void {
    this.get(id).up = false;
  }

  private async live(node: Node, life: number): Promise<void> {
    while (node.up && node.life === life) {
      if (isUp(this.topology, this.faults, node.id)) await takeTurn(node.deps, node.memory);
      await this.time.sleep(800 + this.random() * 400);
    }
  }
}
