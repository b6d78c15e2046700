import { join } from 'node:path';
import type { Clock } from '../../clock.ts';
import type { WatchConfig, WatchPlace } from '../../config-watch.ts';
import { messageOf } from '../../errors.ts';
import { type Book, openBook } from '../checks/book.ts';
import { declareChecks, type Instance, targetsOf } from '../checks/declare.ts';
import { checkKinds } from '../checks/kinds/index.ts';
import { tcp } from '../checks/kinds/tcp.ts';
import { observeOnce } from '../checks/observer.ts';
import type { CommandDeps } from '../commands/deps.ts';
import { runCommand } from '../commands/index.ts';
import { nobodyWaits } from '../commands/place.ts';
import type { Handler } from '../control/socket.ts';
import { tlsLink, type Vantage, witnessVantage } from '../peers/links.ts';
import { peerClient } from '../peers/tls.ts';
import { defaultLimits } from '../safety.ts';
import { openStore } from '../state/store.ts';
import { probeVantage } from '../vantage/probe.ts';
import { sshFence, sshVantage } from '../vantage/ssh.ts';
import { placesOfKind, type Topology } from '../verdict/topology.ts';
import { openCarer } from './care.ts';
import { openCarrier } from './carry.ts';
import type { WatchDeps } from './deps.ts';
import { openFencer } from './fence.ts';
import type { GateProvider } from './gate.ts';
import { agreed, observerOf, startLoops } from './loops.ts';
import { answerExchange } from './meet.ts';
import type { Parts, WatcherOptions } from './parts.ts';
import { statusOf, type WatchStatus } from './status.ts';
import { newMemory } from './turn.ts';

/** Puts a watcher together from its configuration. */

export interface Watcher {
  readonly deps: WatchDeps;
  readonly book: Book;
  readonly handle: Handler;
  status(history: number): Promise<WatchStatus>;
  /** Starts checks and turns; without it only commands are answered. */
  start(): void;
  /** One look at every check: for commands where no watcher runs. */
  lookOnce(signal: AbortSignal): Promise<void>;
  answer: (theirs: Parameters<typeof answerExchange>[1]) => ReturnType<typeof answerExchange>;
}

function topologyOf(config: WatchConfig): Topology {
  return { places: config.places.map(({ id, kind, site }) => ({ id, kind, site })) };
}

/** Anchors are checks of no master, believed at once. */
function anchorInstances(config: WatchConfig): readonly Instance[] {
  const { timing } = config;
  return config.anchors.map(({ host, port }) => ({
    id: `anchor/${host}:${port}`,
    check: 'anchor',
    kind: 'tcp',
    master: undefined,
    host,
    vital: false,
    port,
    rule: { everyMs: timing.everyMs, retryMs: timing.everyMs, attempts: 1, jitter: timing.jitter },
    timeoutMs: timing.timeoutMs,
    parents: [],
    run: (address, around) => tcp.run(address, { port }, around),
  }));
}

/** Seen when any of them answered the last time it was asked, and that was not long ago. */
function anchorSeen(book: Book, config: WatchConfig, clock: Clock): boolean {
  const oldest = 2 * (config.timing.everyMs + config.timing.timeoutMs) + 5000;
  return book
    .all()
    .some(
      ({ instance, ranAt, state }) =>
        instance.check === 'anchor' && ranAt !== undefined && clock.now() - ranAt <= oldest && state.result === 'ok',
    );
}

function vantageOf(place: WatchPlace, options: WatcherOptions, instances: readonly Instance[]): readonly Vantage[] {
  const { config, lifecycle } = options;
  const targets = targetsOf(instances);
  if (place.kind === 'watcher' || place.id === config.node) return [];
  if (place.ssh !== undefined) return [sshVantage(place.id, place.ssh, targets)];
  if (place.probe !== undefined) return [probeVantage(place.id, place.probe, targets)];
  if (place.url === undefined) return [];
  const client = peerClient(place.id, place.url, config.tls);
  lifecycle.onClose(`witness ${place.id}`, () => client.close());
  return [witnessVantage(place.id, config.node, client)];
}

async function depsOf(options: WatcherOptions, book: Book, instances: readonly Instance[]): Promise<WatchDeps> {
  const { config, clock, log, lifecycle } = options;
  const store = await openStore({
    dir: config.dir,
    self: config.node,
    onLost: (error) => log.error({ reason: messageOf(error) }, 'history cannot be written'),
    now: clock.now(),
  });
  lifecycle.onClose('watch state', () => store.close());
  const peers = config.places.flatMap(({ id, kind, url }) => {
    if (kind !== 'watcher' || id === config.node || url === undefined) return [];
    const client = peerClient(id, url, config.tls);
    lifecycle.onClose(`watcher ${id}`, () => client.close());
    return [tlsLink(id, client)];
  });
  return {
    self: config.node,
    topology: topologyOf(config),
    store,
    book,
    anchor: () => anchorSeen(book, config, clock),
    peers,
    vantages: config.places.flatMap((place) => vantageOf(place, options, instances)),
    limits: { ...defaultLimits, ...config.limits },
    askMs: config.timing.askMs,
    within: (ms) => AbortSignal.timeout(ms),
    warner: options.warner,
    clock,
    log,
  };
}

/** What a watcher itself knows of a return: how long the checks have been green. */
function ownGate(book: Book, clock: Clock): GateProvider {
  return {
    name: 'checks',
    facts: async (master) => ({ greenMs: book.greenMs(master, clock.now()) ?? 'unknown' }),
  };
}

function commandsOf(parts: Parts, status: Watcher['status']): CommandDeps {
  const { options, deps, carrier, fencer, now, book } = parts;
  const { config, lifecycle } = options;
  return {
    watch: deps,
    memory: parts.memory,
    carrier,
    publish: options.publish,
    gates: [ownGate(book, options.clock), ...options.gates],
    barrier: options.barrier,
    returnLimits: config.returnGate,
    status,
    acknowledge: (check) => book.all().some(({ instance }) => instance.id === check) && book.acknowledge(check),
    addressOf: (master) => config.places.find(({ id }) => id === master)?.address,
    async carryOut() {
      const outcome = await carrier.step(lifecycle.signal);
      await fencer.step(agreed(parts), lifecycle.signal);
      const told = placesOfKind(deps.topology, 'master').flatMap(({ id }) => {
        const state = fencer.state(id);
        return state?.why === undefined ? [] : [`${id} could not be told to be ${state.wanted}: ${state.why}`];
      });
      return [...(outcome === undefined ? [] : [outcome.sentence]), ...told];
    },
    async free(master) {
      const fence = fencesOf(config).find((one) => one.master === master);
      if (fence === undefined) throw new RangeError(`${master} has no ssh in the configuration: it cannot be told`);
      const stands = deps.store.orders().reduce((most, { epoch }) => Math.max(most, epoch), 0);
      await fence.tell('unfence', stands, AbortSignal.timeout(config.timing.askMs * 5));
      now.turn = undefined;
    },
  };
}

function fencesOf(config: WatchConfig) {
  if (!config.fence) return [];
  return config.places.flatMap(({ id, kind, ssh }) =>
    kind === 'master' && ssh !== undefined ? [sshFence(id, ssh, config.node)] : [],
  );
}

/** Opens the watcher's files and links; `start` begins its work. Closed with the lifecycle. Throws Invalid. */
export async function openWatcher(options: WatcherOptions): Promise<Watcher> {
  const { config, clock, log } = options;
  const instances = declareChecks(config, options.kinds ?? checkKinds);
  const book = openBook([...instances, ...anchorInstances(config)], clock.now());
  // The book answers sights with the moment of the question.
  const deps = await depsOf(options, book, instances);
  const first = placesOfKind(deps.topology, 'master')[0]?.id ?? '';
  const { publish } = options;
  const carrier = openCarrier({ publish, store: deps.store, first, clock, log });
  const fencer = openFencer(deps, fencesOf(config));
  const carer = openCarer({ publish, store: deps.store, file: join(config.dir, 'ttl-care.json'), clock, log });
  const parts: Parts = {
    options,
    deps,
    book,
    memory: newMemory(),
    carrier,
    fencer,
    carer,
    now: { turn: undefined, running: false, waiting: nobodyWaits },
  };
  const status = async (history: number): Promise<WatchStatus> =>
    statusOf({
      deps,
      carrier,
      running: parts.now.running,
      turn: parts.now.turn,
      checks: book.all(),
      publishes: publish !== undefined,
      fence: (master) => fencer.state(master),
      history: await deps.store.history(history),
      waiting: parts.now.waiting,
    });
  const commands = commandsOf(parts, status);
  return {
    deps,
    book,
    status,
    handle: (command) => runCommand(commands, command),
    start: () => startLoops(parts, commands),
    lookOnce: (signal) => observeOnce(observerOf(parts, signal)),
    answer: (theirs) => answerExchange(deps, theirs),
  };
}
