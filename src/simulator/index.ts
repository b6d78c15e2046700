/** Starts one simulated server. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Logger } from 'pino';
import { selfSigned } from '../certificates.ts';
import { createAuth } from './auth.ts';
import { type BackingOptions, createBacking } from './backing.ts';
import { realServers } from './backing-servers.ts';
import { type Calls, createCalls } from './calls.ts';
import { type ControlParts, controlHandler } from './control.ts';
import { declaredFunctions } from './declared.ts';
import { createEngine, type Engine } from './engine.ts';
import { createFaults, type Faults } from './faults.ts';
import { hostFiles } from './files.ts';
import type { Host, Module } from './handler.ts';
import { createHost } from './host.ts';
import { tableParams } from './known-params.ts';
import { type MailOptions, mailOf, type SimulatedMail } from './mail/index.ts';
import { obeyArchiveOrder } from './modules/archives.ts';
import { modules as allModules } from './modules/index.ts';
import { databaseView, obeyDatabaseOrder } from './modules/mysql-control.ts';
import { openPorts, type Ports } from './ports.ts';
import { createReferee, type Referee } from './referee.ts';
import { createRegistry } from './registry.ts';
import { seed } from './seed.ts';
import { openListener } from './server.ts';
import { createService } from './service.ts';
import { type Change, createState } from './state.ts';
import { openStore, type Store } from './store.ts';
import { createTimers, type Timers } from './timers.ts';
import { usages } from './usage.ts';

export interface SimulatorOptions {
  /** 'm1': also makes host-specific values differ from another simulator's. */
  readonly id: string;
  /** Kept across restarts; made when missing. */
  readonly stateDir: string;
  /** Address to listen on. Default 127.0.0.1. */
  readonly listen?: string;
  /** 0 (default) takes a free port. */
  readonly whmPort?: number;
  readonly cpanelPort?: number;
  /** Port of the control server on `listen`; default 0. */
  readonly control?: number;
  /** Where the control server listens, when elsewhere. */
  readonly controlAddress?: string;
  /** Default '11.134.0.20'. */
  readonly version?: string;
  readonly hostname?: string;
  /** Main shared IPv4 address; default: `listen`. */
  readonly address?: string;
  /** Addresses that accounts can have for themselves. */
  readonly dedicated?: readonly string[];
  readonly nameservers?: readonly string[];
  /** Licence seats; left out: no bound. */
  readonly seats?: number;
  /** The first uid given out; default: differs by id. */
  readonly uidStart?: number;
  /** Password strength asked for, 0 to 100; default 65. */
  readonly minimumStrength?: number;
  readonly rootPassword?: string;
  readonly rootToken?: string;
  readonly now?: () => number;
  readonly random?: () => number;
  readonly log?: Logger;
  /** IMAP and submission over TLS by Debian's Dovecot; a port of 0 takes a free one. Left out: no mail is served. */
  readonly mail?: MailOptions;
  /** Real servers that hold this one's databases. Faults do not reach them: a call with a fault leaves them as they are. */
  readonly databases?: BackingOptions;
  /** For tests of the simulator itself. */
  readonly modules?: readonly Module[];
}

export interface Simulator {
  readonly whmUrl: string;
  readonly cpanelUrl: string;
  readonly controlUrl: string;
  /** PEM of the certificate that clients must trust. */
  readonly ca: string;
  readonly rootToken: string;
  readonly rootPassword: string;
  /** For a referee in the same process. */
  readonly engine: Engine;
  /** Where mail was asked for. */
  readonly mail?: SimulatedMail;
  close(): Promise<void>;
}

async function certificate(
  dir: string,
  names: readonly [string, ...string[]],
): Promise<{ readonly cert: string; readonly key: string }> {
  const [certFile, keyFile] = [join(dir, 'cert.pem'), join(dir, 'key.pem')];
  if (existsSync(certFile) && existsSync(keyFile)) {
    return { cert: readFileSync(certFile, 'utf8'), key: readFileSync(keyFile, 'utf8') };
  }
  const made = await selfSigned({ names, days: 3650 });
  writeFileSync(keyFile, made.key, { mode: 0o600 });
  writeFileSync(certFile, made.cert);
  return made;
}

function hostOf(options: SimulatorOptions, listen: string): Host {
  return createHost({
    id: options.id,
    hostname: options.hostname ?? `${options.id}.example.net`,
    version: options.version ?? '11.134.0.20',
    addresses: [options.address ?? listen, ...(options.dedicated ?? [])],
    files: hostFiles(join(options.stateDir, 'files')),
    ...(options.now === undefined ? {} : { now: options.now }),
    ...(options.random === undefined ? {} : { random: options.random }),
  });
}

interface Core {
  readonly engine: Engine;
  readonly store: Store;
  readonly referee: Referee;
  /** Told after each change that is kept. */
  onChanges(listener: (changes: readonly Change[]) => void): void;
}

/** Builds the engine over the state on disk. */
function coreOf(options: SimulatorOptions, listen: string): Core {
  const state = createState();
  const store = openStore(options.stateDir, state);
  const referee = createReferee(store.effects);
  const registry = createRegistry(options.modules ?? allModules, tableParams, declaredFunctions());
  const listeners: ((changes: readonly Change[]) => void)[] = [];
  const persist: Store['persist'] = (changes, effect) => {
    store.persist(changes, effect);
    for (const listener of listeners) listener(changes);
  };
  const engine = createEngine({ state, host: hostOf(options, listen), registry, referee, persist });
  return { engine, store, referee, onChanges: (listener) => listeners.push(listener) };
}

interface Running {
  readonly core: Core;
  readonly ports: Ports;
  readonly faults: Faults;
  readonly calls: Calls;
  readonly timers: Timers;
  readonly about: Readonly<Record<string, unknown>>;
  readonly onError: (error: unknown) => void;
}

/** What the control port may do to a running server. */
function controlParts({ core, ports, faults, calls, timers, about, onError }: Running): ControlParts {
  async function backUp(id: number): Promise<void> {
    faults.clear(id);
    if (!faults.list().some((f) => f.kind === 'down')) await ports.up();
  }
  return {
    faults,
    calls,
    referee: core.referee,
    state: core.engine.state,
    databases: {
      view: () => databaseView(core.engine.state),
      obey: (order) => core.engine.change(() => obeyDatabaseOrder(core.engine.state, order)),
    },
    setArchives: (order) => core.engine.change(() => obeyArchiveOrder(core.engine.state, order)),
    setUsage: (usage) => core.engine.change(() => core.engine.state.of(usages).set(usage.user, usage)),
    about: () => about,
    async down(fault) {
      await ports.down();
      if (fault.ms > 0) timers.later(fault.ms, () => void backUp(fault.id).catch(onError));
    },
    up: ports.up,
    replace(dump) {
      core.engine.state.replace(dump);
      core.store.snapshot();
    },
  };
}

/** Starts a server and its control port. Everything it holds is given back by close(). Rejects when a port is taken. */
export async function startSimulator(options: SimulatorOptions): Promise<Simulator> {
  const listen = options.listen ?? '127.0.0.1';
  const core = coreOf(options, listen);
  try {
    return await start(options, listen, core);
  } catch (error) {
    core.store.close();
    throw error;
  }
}

async function start(options: SimulatorOptions, listen: string, core: Core): Promise<Simulator> {
  const { engine, store } = core;
  const { host } = engine;
  const root = seed(engine, options);
  const tls = await certificate(options.stateDir, [host.hostname, listen, 'localhost', '127.0.0.1']);
  const [faults, calls, timers] = [createFaults(), createCalls(), createTimers()];
  const onError = (error: unknown): void => options.log?.error({ err: error }, 'simulator failed on a request');
  const reals = realServers(options.databases ?? {});
  const backing = reals.length === 0 ? {} : { backing: createBacking(engine, reals) };
  const service = createService({ engine, auth: createAuth(engine), faults, calls, later: timers.later, ...backing });
  const { whmPort = 0, cpanelPort = 0, controlAddress = listen } = options;
  const uploads = host.files?.uploads;
  const ports = await openPorts({
    address: listen,
    whmPort,
    cpanelPort,
    tls,
    service,
    onError,
    ...(uploads === undefined ? {} : { uploads }),
  });
  const urls = { whmUrl: `https://${listen}:${ports.whm}`, cpanelUrl: `https://${listen}:${ports.cpanel}` };
  const about = { id: options.id, version: host.version, hostname: host.hostname, ...urls, ...root };
  const parts = controlParts({ core, ports, faults, calls, timers, about, onError });
  const where = { address: controlAddress, port: options.control ?? 0 };
  const control = await openListener(where, controlHandler(parts, onError)).catch(async (error: unknown) => {
    await ports.down();
    throw error;
  });
  const mail = await mailOf(options, { engine, tls, listen, onChanges: core.onChanges }).catch(
    async (error: unknown) => {
      await Promise.all([ports.down(), control.down()]);
      throw error;
    },
  );
  async function close(): Promise<void> {
    timers.close();
    await Promise.all([ports.down(), control.down(), mail?.close()]);
    store.close();
  }
  const controlUrl = `http://${controlAddress}:${control.port}`;
  return { ...urls, ...root, controlUrl, ca: tls.cert, engine, ...(mail === undefined ? {} : { mail }), close };
}
