import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Ds } from '../../../src/failover/publish/dnssec.ts';
import { startSimulator } from '../../../src/simulator/index.ts';
import { type ArgValue, whm } from '../../../src/whm/call.ts';
import { openWhmClient, type WhmClient } from '../../../src/whm/client.ts';
import { testLog } from '../../support/log.ts';

/** A simulated master that makes keys for its zones. */
export interface KeyMaster {
  readonly client: WhmClient;
  /** Another line to it; whoever asked for it closes it. */
  line(): WhmClient;
  /** What it answers; throws what it refuses. */
  call(fn: string, args: Record<string, ArgValue>): Promise<unknown>;
  /** What it says that the registrar must show. */
  ds(zone: string): Promise<readonly Ds[]>;
  close(): Promise<void>;
}

interface KeyMasterOptions {
  readonly id: string;
  /** Its files go into a folder here. */
  readonly base: string;
  readonly listen: string;
  /** Each with an account of its own, called by its first three letters. */
  readonly zones: readonly string[];
}

/** Starts one; the caller closes it. */
export async function startKeyMaster({ id, base, listen, zones }: KeyMasterOptions): Promise<KeyMaster> {
  const stateDir = join(base, id);
  mkdirSync(stateDir, { recursive: true });
  const sim = await startSimulator({ id, stateDir, listen, minimumStrength: 30 });
  const { hostname: connect, port } = new URL(sim.whmUrl);
  const target = {
    ...{ id, hostname: `${id}.example.net`, connect, port: Number(port), concurrency: 4 },
    credentials: { kind: 'token', user: 'root', token: sim.rootToken },
    tls: { kind: 'ca', pem: sim.ca },
  } as const;
  const line = (): WhmClient => openWhmClient(target, { log: testLog().log });
  const client = line();
  const call = async (fn: string, args: Record<string, ArgValue>): Promise<unknown> => {
    const outcome = await client.call(whm(fn, args));
    if (outcome.kind !== 'done') throw new Error(`${fn}: ${outcome.reason}`);
    return outcome.data;
  };
  for (const domain of zones)
    await call('createacct', { username: domain.slice(0, 3), domain, password: 'Xy7-long-enough-9z', plan: 'default' });
  return {
    client,
    line,
    call,
    async ds(zone) {
      const told = (await call('fetch_ds_records_for_domains', { domain: zone })) as {
        domains: { ds_records: { keys: Record<string, Record<string, unknown>> } }[];
      };
      return Object.values(told.domains[0]?.ds_records.keys ?? {}).flatMap((key) => {
        const digests = key['digests'] as { algo_num: number; digest: string }[];
        return digests.map(({ algo_num: digestType, digest }) => ({
          keyTag: Number(key['key_tag']),
          algorithm: Number(key['algo_num']),
          digestType,
          digest: Buffer.from(digest, 'hex'),
        }));
      });
    },
    async close() {
      await client.close();
      await sim.close();
    },
  };
}
