/** Starts one simulated server. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Logger } from 'pino';
import { selfSigned } from '../certificates.ts';
import { createAuth } from './auth.ts';
import { createCalls } from './calls.ts';
import { controlHandler } from './control.ts';
import { createEngine, type Engine } from './engine.ts';
import { createFaults } from './faults.ts';
import type { Host, Module } from './handler.ts';
import { createHost } from './host.ts';
import { tableParams } from './known-params.ts';
import { modules as allModules } from './modules/index.ts';
import { createReferee } from './referee.ts';
import { createRegistry } from './registry.ts';
import { seed } from './seed.ts';
import { httpHandler, type Listener, openListener } from './server.ts';
import { createService, type Service } from './service.ts';
import { createState } from './state.ts';
import { openStore, type Store } from './store.ts';
import { createTimers } from './timers.ts';

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
  /** How many different DKIM keys are made before they repeat. */
  readonly rsaKeys?: number;
  readonly log?: Logger;
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
    ...(options.now === undefined ? {} : { now: options.now }),
    ...(options.random === undefined ? {} : { random: options.random }),
    ...(options.rsaKeys === undefined ? {} : { rsaKeys: options.rsaKeys }),
  });
}

interface Ports {
  readonly whm: Listener;
  readonly cpanel: Listener;
}

async function openPorts(
  options: SimulatorOptions,
  listen: string,
  tls: { readonly key: string; readonly cert: string },
  service: Service,
  onError: (error: unknown) => void,
): Promise<Ports> {
  const whm = await openListener(
    { address: listen, port: options.whmPort ?? 0, tls },
    httpHandler('whm', service, onError),
  );
  const cpanel = await openListener(
    { address: listen, port: options.cpanelPort ?? 0, tls },
    httpHandler('cpanel', service, onError),
  );
  return { whm, cpanel };
}

/** Builds the engine over the state on disk. */
function engineOf(
  options: SimulatorOptions,
  listen: string,
): { readonly engine: Engine; readonly store: Store; readonly referee: ReturnType<typeof createReferee> } {
  const state = createState();
  const store = openStore(options.stateDir, state);
  const referee = createReferee(store.effects, store.keepEffect);
  const registry = createRegistry(options.modules ?? allModules, tableParams);
  const engine = createEngine({ state, host: hostOf(options, listen), registry, referee, persist: store.persist });
  return { engine, store, referee };
}

/** Starts a server and its control port. Everything it holds is given back by close(). */
export async function startSimulator(options: SimulatorOptions): Promise<Simulator> {
  const listen = options.listen ?? '127.0.0.1';
  const { engine, store, referee } = engineOf(options, listen);
  const { rootToken, rootPassword } = seed(engine, options);
  const tls = await certificate(options.stateDir, [engine.host.hostname, listen, 'localhost', '127.0.0.1']);
  const [faults, calls, timers] = [createFaults(), createCalls(), createTimers()];
  const onError = (error: unknown): void => options.log?.error({ err: error }, 'simulator failed on a request');
  const service = createService({ engine, auth: createAuth(engine), faults, calls, later: timers.later });
  const ports = await openPorts(options, listen, tls, service, onError);
  const down = async (): Promise<void> => void (await Promise.all([ports.whm.down(), ports.cpanel.down()]));
  const up = async (): Promise<void> => void (await Promise.all([ports.whm.up(), ports.cpanel.up()]));
  const urls = { whmUrl: `https://${listen}:${ports.whm.port}`, cpanelUrl: `https://${listen}:${ports.cpanel.port}` };
  const handler = controlHandler(
    {
      faults,
      calls,
      referee,
      state: engine.state,
      about: () => ({
        id: options.id,
        version: engine.host.version,
        hostname: engine.host.hostname,
        ...urls,
        rootToken,
      }),
      down(ms) {
        down().catch(onError);
        if (ms > 0) timers.later(ms, () => void up().then(() => dropDownFaults(faults), onError));
      },
      up: () => void up().catch(onError),
      replace(dump) {
        engine.state.replace(dump);
        store.snapshot();
      },
    },
    onError,
  );
  const controlAddress = options.controlAddress ?? listen;
  const control = await openListener({ address: controlAddress, port: options.control ?? 0 }, handler);
  return {
    ...urls,
    controlUrl: `http://${controlAddress}:${control.port}`,
    ca: tls.cert,
    rootToken,
    rootPassword,
    engine,
    async close() {
      timers.close();
      await Promise.all([down(), control.down()]);
      store.close();
    },
  };
}

function dropDownFaults(faults: ReturnType<typeof createFaults>): void {
  for (const fault of faults.list()) if (fault.kind === 'down' && fault.ms > 0) faults.clear(fault.id);
}
