import { join } from 'node:path';
import { type Masters, mastersOf, withOwnLabels } from '../../../src/masters.ts';
import { type Simulator, type SimulatorOptions, startSimulator } from '../../../src/simulator/index.ts';
import { makeRsaKey } from '../../../src/simulator/modules/rsa-keys.ts';
import type { VerifyDeps } from '../../../src/verify/scene.ts';
import { type Check, type VerifyOptions, verifyMaster } from '../../../src/verify/verify.ts';
import { tempDir } from '../../support/processes.ts';

/** A simulator in the place of a real master. */
export interface Stage {
  readonly master: Simulator;
  readonly dir: string;
  readonly target: VerifyDeps['target'];
  verify(options?: Partial<VerifyOptions>, deps?: Partial<VerifyDeps>): Promise<readonly Check[]>;
  /** Names of accounts, packages and tokens that are on the master now. */
  left(): readonly string[];
  fault(value: Record<string, unknown>): Promise<void>;
  close(): Promise<void>;
}

/** Real keys were two fifths of what these tests cost. */
export const newKey = () => Promise.resolve(makeRsaKey());

/** Starts it on loopback with free ports. */
export async function openStage(options: Partial<SimulatorOptions> = {}): Promise<Stage> {
  const { path: dir, remove } = tempDir();
  const master = await startSimulator({
    ...{ id: 'm1', hostname: 'm1.example.net', listen: '127.0.1.1', stateDir: join(dir, 'm1') },
    ...options,
  });
  const [url, cpanel] = [new URL(master.whmUrl), new URL(master.cpanelUrl)];
  const target = {
    id: 'm1',
    name: 'M1',
    site: 'london',
    hostname: 'm1.example.net',
    connect: url.hostname,
    address: url.hostname,
    port: Number(url.port),
    cpanelPort: Number(cpanel.port),
    credentials: { kind: 'token', user: 'root', token: master.rootToken },
    tls: { kind: 'ca', pem: master.ca },
    concurrency: 5,
  } as const;
  const other = { ...target, id: 'm2', name: 'M2', hostname: 'm2.example.net', address: '127.0.1.2' };
  const masters: Masters = mastersOf(withOwnLabels([target, other]));
  const before = new Set(rowsOf(master));
  return {
    master,
    dir,
    target,
    verify: (own = {}, deps = {}) =>
      verifyMaster({ target, masters, newKey, pauseMs: 20, ...deps }, { readOnly: false, progress: () => {}, ...own }),
    left: () => rowsOf(master).filter((row) => !before.has(row)),
    async fault(value) {
      const response = await fetch(`${master.controlUrl}/_sim/faults`, { method: 'POST', body: JSON.stringify(value) });
      if (!response.ok) throw new Error(await response.text());
    },
    async close() {
      await master.close();
      remove();
    },
  };
}

/** What a trial could leave: rows of these tables. */
function rowsOf(master: Simulator): readonly string[] {
  const dump = master.engine.state.dump();
  return ['accounts', 'packages', 'tokens', 'featureLists', 'domains', 'zones'].flatMap((table) =>
    Object.keys(dump[table] ?? {}).map((key) => `${table} ${key}`),
  );
}
