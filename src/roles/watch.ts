/** The roles watch and witness: they need no web, no Redis, no SQL, and no master's credentials. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { systemClock } from '../clock.ts';
import type { NotifyConfig } from '../config-notify.ts';
import { loadNotifyConfig } from '../config-notify-file.ts';
import { loadWatchConfig, type WatchConfig, watchPlaces } from '../config-watch.ts';
import { Invalid, messageOf } from '../errors.ts';
import { declareChecks } from '../failover/checks/declare.ts';
import { checkKinds } from '../failover/checks/kinds/index.ts';
import { portalHandler } from '../failover/control/portal.ts';
import { type Handler, openSocket } from '../failover/control/socket.ts';
import { makePair } from '../failover/peers/pair.ts';
import { type PeerDoor, peerDoor } from '../failover/peers/serve.ts';
import { peerServer } from '../failover/peers/tls.ts';
import type { Publish } from '../failover/publish/model.ts';
import { lockFolder } from '../failover/state/lock.ts';
import { filesGate } from '../failover/vantage/files.ts';
import { openEyes } from '../failover/vantage/see.ts';
import type { Topology } from '../failover/verdict/topology.ts';
import { openWatcher, type Watcher } from '../failover/watch/open.ts';
import { openWarner, speaker, type Warner } from '../failover/watch/warner.ts';
import { askPlacement, journalBarrier, journalGate, tellJournal } from '../failover/watch/worker-api.ts';
import { closeOnSignals, createLifecycle, type Lifecycle } from '../lifecycle.ts';
import { createLogger, type Logger } from '../log.ts';
import { notifyFolder, openNotifier } from '../notify/open.ts';
import { projectRoot } from '../routes/shared/root.ts';
import { databasesGate } from './database-gate.ts';
import { listenServer } from './listen.ts';
import { openPublishing } from './publish.ts';

interface Opened {
  readonly config: WatchConfig;
  /** tandem.yaml; undefined: where it usually lies. */
  readonly file?: string | undefined;
  readonly log: Logger;
  readonly lifecycle: Lifecycle;
}

function fileOf(argv: readonly string[]): string | undefined {
  const at = argv.indexOf('--config');
  return at < 0 ? undefined : argv[at + 1];
}

/** Runs until a signal comes; whatever was opened is closed, also when opening fails half-way. */
async function until(
  argv: readonly string[],
  kind: 'watcher' | 'witness',
  open: (opened: Opened) => Promise<void>,
): Promise<number> {
  const file = fileOf(argv);
  const config = loadWatchConfig(file === undefined ? {} : { file });
  const own = config.places.find(({ id }) => id === config.node);
  if (own?.kind !== kind) {
    throw new Invalid(`This machine, ${config.node}, is configured as ${own?.kind ?? 'nothing'}, not as ${kind}.`);
  }
  const log = createLogger({ level: config.logLevel, redact: [] });
  const lifecycle = createLifecycle({ log });
  closeOnSignals(lifecycle, log, (code) => process.exit(code));
  try {
    await open({ config, file, log, lifecycle });
  } catch (error) {
    await lifecycle.closeAll();
    throw error;
  }
  await new Promise<void>((resolve) => lifecycle.signal.addEventListener('abort', () => resolve()));
  await lifecycle.closeAll();
  return 0;
}

async function openDoor({ config, log, lifecycle }: Opened, door: Omit<PeerDoor, 'log'>): Promise<void> {
  const server = peerServer(config.tls, peerDoor({ ...door, log }));
  const where = await listenServer(lifecycle, 'watch.listen', config.listen, server);
  log.info({ node: config.node, ...where }, 'listening');
}

/** The zones of this watcher; undefined when it publishes none. */
async function publishOf({ config, log, lifecycle }: Opened): Promise<Publish | undefined> {
  if (config.publish === undefined) return undefined;
  const publish = await openPublishing(config.publish, log);
  lifecycle.onClose('zones', () => publish.close());
  return publish;
}

/** Who tells people. A wrong `notify` keeps no watcher from watching, but it is said at every start. */
async function warnerOf({ config, file, log, lifecycle }: Opened): Promise<Warner | undefined> {
  let notify: NotifyConfig | undefined;
  try {
    notify = loadNotifyConfig(file === undefined ? {} : { file }).notify;
  } catch (error) {
    if (!(error instanceof Invalid)) throw error;
    const wrong = error.issues.map(({ path, message }) => `${path} ${message}`);
    log.error({ reason: messageOf(error), wrong }, 'nobody is warned from here');
    return undefined;
  }
  if (notify === undefined) {
    log.warn('nobody is warned from here: notify is not configured');
    return undefined;
  }
  const watchers = config.places.filter(({ kind }) => kind === 'watcher');
  const { peer, met } = speaker(watchers.findIndex(({ id }) => id === config.node));
  const notifier = await openNotifier({
    config: notify,
    node: config.node,
    folder: notifyFolder(config.dir),
    ...(watchers.length > 1 ? { peer } : {}),
    signal: lifecycle.signal,
    clock: systemClock,
    log,
  });
  lifecycle.onClose('notify', () => notifier.ended);
  return openWarner(notifier, met, log);
}

/** Opens the folder, locked, and the watcher on it; nothing runs yet. */
export async function openLocked(opened: Opened, isLong = false): Promise<Watcher> {
  const { config, log, lifecycle } = opened;
  const lock = await lockFolder(config.dir);
  lifecycle.onClose('watch lock', lock.release);
  const publish = await publishOf(opened);
  const { worker } = config;
  const gates = [
    ...(worker === undefined ? [] : [journalGate(worker)]),
    filesGate(config.places),
    databasesGate(config.stateDir, Date.now),
  ];
  if (isLong) await publish?.warm();
  const warner = isLong ? await warnerOf(opened) : undefined;
  return openWatcher({
    config,
    log,
    lifecycle,
    clock: systemClock,
    elapsed: () => performance.now(),
    random: Math.random,
    publish,
    warner,
    gates,
    barrier: worker === undefined ? undefined : journalBarrier(worker, systemClock),
    placement: worker === undefined ? undefined : (signal) => askPlacement(worker, signal),
    announce:
      worker === undefined
        ? undefined
        : async ({ active, epoch }, signal) => {
            await tellJournal(worker, active, epoch, false, AbortSignal.any([signal, AbortSignal.timeout(10_000)]));
          },
  });
}

/** `tandem watch pair DIR`: certificates for every watcher, witness and the portal. */
async function pair(argv: readonly string[]): Promise<number> {
  const [dir] = argv;
  if (dir === undefined || dir.startsWith('-')) {
    throw new Invalid('The folder is missing.', [], { hint: 'Example: tandem watch pair ./watch-certificates' });
  }
  const file = fileOf(argv);
  const folders = await makePair(dir, watchPlaces(file === undefined ? {} : { file }), Date.now());
  const lines = folders.map((folder) => `${folder}: copy it to watch/tls in the stateDir of that machine`);
  process.stdout.write(`${lines.join('\n')}\n${dir}/ca.key: keep it away from the machines\n`);
  return 0;
}

/** `tandem watch`. */
export function watchRole(argv: readonly string[]): Promise<number> {
  if (argv[0] === 'pair') return pair(argv.slice(1));
  return until(argv, 'watcher', async (opened) => {
    await startWatcher(opened);
  });
}

/** Opens a watcher with its two doors and begins its work; ended with the lifecycle. */
export async function startWatcher(opened: Opened): Promise<Watcher> {
  const watcher = await openLocked(opened, true);
  const { topology } = watcher.deps;
  await openDoor(opened, {
    self: opened.config.node,
    topology,
    exchange: watcher.answer,
    command: portalHandler(watcher.handle),
  });
  const socket = await openSocket(opened.config.socket, watcher.handle);
  opened.lifecycle.onClose('watch socket', socket.close);
  watcher.start();
  return watcher;
}

/** `tandem witness`. */
export function witnessRole(argv: readonly string[]): Promise<number> {
  return until(argv, 'witness', async (opened) => {
    const { config, lifecycle } = opened;
    const topology: Topology = { places: config.places };
    const instances = declareChecks(config, checkKinds);
    const see = openEyes({ instances, elapsed: () => performance.now(), now: Date.now, signal: lifecycle.signal });
    await openDoor(opened, { self: config.node, topology, see });
  });
}

/** The program that masters are given: bin/tandem-vantage, as this installation has it. */
export function vantageScript(): Promise<string> {
  return readFile(join(projectRoot(import.meta.url), 'bin', 'tandem-vantage'), 'utf8');
}

/** Commands where no watcher runs: the files, the other watcher, and one look at every check. */
export async function openHere(config: WatchConfig): Promise<{ handle: Handler; close: () => Promise<void> }> {
  const log = createLogger({ level: 'warn', redact: [] });
  const lifecycle = createLifecycle({ log });
  try {
    const watcher = await openLocked({ config, log, lifecycle });
    await watcher.lookOnce(lifecycle.signal);
    return { handle: watcher.handle, close: () => lifecycle.closeAll() };
  } catch (error) {
    await lifecycle.closeAll();
    throw error;
  }
}
