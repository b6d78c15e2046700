import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Clock } from '../clock.ts';
import type { Master, Masters } from '../masters.ts';
import { type Simulator, type SimulatorOptions, startSimulator } from '../simulator/index.ts';
import type { Step, Values } from './model.ts';
import { openProbe, type Probe, type ProbeTarget } from './probe.ts';
import { type OpenSide, openSide } from './side.ts';

export interface VerifyDeps {
  readonly target: ProbeTarget & Master;
  readonly masters: Masters;
  /** Stops the run: what was made is still taken away. */
  readonly signal?: AbortSignal;
  /** What is played; the whole contract when left out. */
  readonly contract?: readonly Step[];
  /** Changes the simulator that is compared with. */
  readonly simulator?: Partial<SimulatorOptions>;
  readonly clock?: Clock;
  /** Makes private RSA keys, PEM. Default: real ones, which take a while. */
  readonly newKey?: () => Promise<string>;
  /** Pause between looks of the cleaning up, ms. Default 5000. */
  readonly pauseMs?: number;
}

/** What both sides of a run share. */
export interface Scene {
  readonly deps: VerifyDeps;
  readonly values: Values;
  readonly signal: AbortSignal;
}

/** A server ready to be played to, over connections of its own: the caller closes the probe. */
export function sideOn(
  target: ProbeTarget,
  { deps, values, signal }: Scene,
): { readonly probe: Probe; readonly side: OpenSide } {
  const probe = openProbe(target);
  const { target: master, masters } = deps;
  return { probe, side: openSide({ probe, values, master, masters, signal }) };
}

/** The simulator as a target: it stands for the master, so it has the same name and address. */
function simulatedTarget(deps: VerifyDeps, simulator: Simulator): ProbeTarget {
  const { hostname } = deps.target;
  const [whmUrl, cpanelUrl] = [new URL(simulator.whmUrl), new URL(simulator.cpanelUrl)];
  return {
    id: 'simulator',
    hostname,
    connect: whmUrl.hostname,
    port: Number(whmUrl.port),
    cpanelPort: Number(cpanelUrl.port),
    credentials: { kind: 'token', user: 'root', token: simulator.rootToken },
    tls: { kind: 'ca', pem: simulator.ca },
    concurrency: 1,
  };
}

/** Runs `work` against a fresh simulator of that version and licence, of which nothing is left afterwards. */
export async function withSimulator<T>(
  scene: Scene,
  like: { readonly version: string; readonly seats: number },
  work: (side: OpenSide) => Promise<T>,
): Promise<T> {
  const { deps } = scene;
  const stateDir = await mkdtemp(join(tmpdir(), 'tandem-verify-'));
  try {
    const { id, hostname, address } = deps.target;
    const simulator = await startSimulator({
      ...{ id, hostname, address, stateDir, version: like.version },
      ...(Number.isFinite(like.seats) && like.seats > 0 ? { seats: like.seats } : {}),
      ...deps.simulator,
    });
    const { probe, side } = sideOn(simulatedTarget(deps, simulator), scene);
    try {
      return await work(side);
    } finally {
      probe.close();
      await simulator.close();
    }
  } finally {
    await rm(stateDir, { recursive: true, force: true });
  }
}
