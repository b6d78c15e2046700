/** Two simulated masters, a journal, and a worker in this process: what most honest tests of the core need. */

import { chmod, mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { type Config, loadConfig } from '../../src/config.ts';
import type { Worker } from '../../src/jobs/worker.ts';
import { createLifecycle, type Lifecycle } from '../../src/lifecycle.ts';
import { createLogger } from '../../src/log.ts';
import type { Crash } from '../../src/operations/crash-points.ts';
import type { Actor } from '../../src/operations/model.ts';
import { type Core, openCore, secretFields } from '../../src/roles/core.ts';
import { openWorker } from '../../src/roles/worker.ts';
import type { BackingOptions } from '../../src/simulator/backing.ts';
import { type Simulator, type SimulatorOptions, startSimulator } from '../../src/simulator/index.ts';
import { makeRsaKey } from '../../src/simulator/modules/rsa-keys.ts';
import { tempDir } from './processes.ts';

export const root: Actor = { kind: 'person', name: 'test', scope: 'all', role: 'owner', address: '127.0.0.1' };

export interface PairOptions {
  /** Settings of tandem.yaml on top of the test's own. */
  readonly config?: Record<string, unknown>;
  readonly redisUrl?: string;
  readonly crash?: Crash;
  readonly simulator?: Partial<SimulatorOptions>;
  /** What one of them has of its own, by id. */
  readonly each?: Readonly<Record<string, Partial<SimulatorOptions>>>;
  /** Real servers behind a simulated master, by its id. */
  readonly databases?: Readonly<Record<string, BackingOptions>>;
  /** More of a master in tandem.yaml, by its id. */
  readonly masters?: Readonly<Record<string, Record<string, unknown>>>;
  /** Default true. */
  readonly worker?: boolean;
  /** The way to a master's archives; default: its folder. */
  readonly archives?: (id: string) => Record<string, unknown>;
  /** Where the simulated masters' folder of archives really is, by id. */
  readonly archiveFolders?: Readonly<Record<string, string>>;
}

export interface TestPair {
  readonly dir: string;
  readonly m1: Simulator;
  readonly m2: Simulator;
  readonly sims: Readonly<Record<string, Simulator>>;
  readonly config: Config;
  /** The file that `config` was read from, for processes of their own. */
  readonly configFile: string;
  readonly core: Core;
  readonly worker: Worker | undefined;
  /** Another core over the same journal and masters, as a second process would have it. */
  another(options?: {
    worker?: boolean;
    crash?: Crash;
  }): Promise<{ core: Core; worker: Worker | undefined; close(): Promise<void> }>;
  close(): Promise<void>;
}

/** Times that let a test see minutes of life in seconds. */
export const quick = {
  leaseMs: 1500,
  sweepMs: 200,
  pollMs: 50,
  leadDoubtSeconds: 1,
  longestSeconds: 1,
  probeMs: 100,
  verifyAfterMs: 300,
  waitSeconds: 5,
  backoffMs: { first: 100, most: 500 },
} as const;

/** Starts everything on free ports of loopback. */
export async function startPair(options: PairOptions = {}): Promise<TestPair> {
  const { path: dir, remove } = tempDir();
  // Mail belongs to the accounts' own numbers, and its server must get through to it.
  if (options.simulator?.mail !== undefined) await chmod(dir, 0o711);
  const sims: Record<string, Simulator> = {};
  for (const id of ['m1', 'm2']) {
    const stateDir = join(dir, id);
    await mkdir(stateDir, { recursive: true });
    const folder = options.archiveFolders?.[id];
    if (folder !== undefined) {
      await mkdir(folder, { recursive: true });
      await mkdir(join(stateDir, 'files', 'home'), { recursive: true });
      await symlink(folder, join(stateDir, 'files', 'home', 'tandem-archives'));
    }
    sims[id] = await startSimulator({
      id,
      stateDir,
      listen: id === 'm1' ? '127.0.1.1' : '127.0.1.2',
      minimumStrength: 30,
      ...options.simulator,
      ...options.each?.[id],
      databases: options.databases?.[id] ?? {},
    });
  }
  const { m1, m2 } = sims;
  if (m1 === undefined || m2 === undefined) throw new Error('the simulators did not start');
  const configFile = join(dir, 'tandem.yaml');
  await writeFile(configFile, stringify(await settings(dir, { m1, m2 }, options)));
  const config = loadConfig({ file: configFile, env: {} });
  const opened: Lifecycle[] = [];
  // Real keys are a third of what tests of accounts cost, and say no more than these.
  const dkimKey = () => Promise.resolve(makeRsaKey());

  async function another(own: { worker?: boolean; crash?: Crash } = {}) {
    const log = createLogger({ level: process.env['TANDEM_TEST_LOG'] ?? 'silent', redact: secretFields() });
    const lifecycle = createLifecycle({ log });
    opened.push(lifecycle);
    const crash = own.crash ?? (() => {});
    const core = await openCore({ config, log, lifecycle, crash, redisUrl: options.redisUrl, dkimKey });
    const worker = own.worker === false ? undefined : await openWorker(core);
    return { core, worker, close: () => lifecycle.closeAll() };
  }

  const first = await another({
    ...(options.worker === undefined ? {} : { worker: options.worker }),
    ...(options.crash === undefined ? {} : { crash: options.crash }),
  });
  return {
    dir,
    m1,
    m2,
    sims: { m1, m2 },
    config,
    configFile,
    core: first.core,
    worker: first.worker,
    another,
    async close() {
      for (const lifecycle of opened) await lifecycle.closeAll();
      await Promise.all([m1.close(), m2.close()]);
      remove();
    },
  };
}

async function settings(
  dir: string,
  sims: Record<string, Simulator>,
  options: PairOptions,
): Promise<Record<string, unknown>> {
  const masters = [];
  for (const [id, sim] of Object.entries(sims)) {
    const ca = join(dir, `${id}-ca.pem`);
    await writeFile(ca, sim.ca);
    const url = new URL(sim.whmUrl);
    masters.push({
      id,
      site: id === 'm1' ? 'london' : 'amsterdam',
      hostname: `${id}.example.net`,
      connect: url.hostname,
      address: url.hostname,
      port: Number(url.port),
      cpanelPort: Number(new URL(sim.cpanelUrl).port),
      concurrency: 10,
      credentials: { user: 'root', token: sim.rootToken },
      tls: { ca },
      ...(sim.mail === undefined
        ? {}
        : { mail: { imapPort: sim.mail.imapPort, submissionPort: sim.mail.submissionPort } }),
      ...options.masters?.[id],
      archives: options.archives?.(id) ?? { path: join(dir, id, 'files', 'home', 'tandem-archives') },
    });
  }
  return { node: 's3', stateDir: join(dir, 'state'), masters, ownNames: false, timing: quick, ...options.config };
}

/** Sets a fault on a simulator, through its control port. */
export async function fault(sim: Simulator, value: Record<string, unknown>): Promise<void> {
  const response = await fetch(`${sim.controlUrl}/_sim/faults`, { method: 'POST', body: JSON.stringify(value) });
  if (!response.ok) throw new Error(`fault refused: ${await response.text()}`);
}

/** Takes all faults off, and puts the ports back. */
export async function heal(sim: Simulator): Promise<void> {
  await fetch(`${sim.controlUrl}/_sim/faults`, { method: 'DELETE' });
}
