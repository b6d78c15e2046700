/** Two simulated masters and the configuration that names them. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { type Child, startChild } from '../fanout/child.ts';
import type { MasterArgs, MasterReply } from './master-process.ts';

export interface SimulatedMaster {
  readonly id: string;
  /** How many calls it had since it started. */
  calls(): Promise<number>;
}

export interface Masters {
  readonly list: readonly SimulatedMaster[];
  configFile(): Promise<string>;
  close(): Promise<void>;
}

type Nothing = { readonly kind: 'stop' };

export async function startMasters(dir: string): Promise<Masters> {
  const places = [
    { id: 'm1', listen: '127.0.1.1' },
    { id: 'm2', listen: '127.0.1.2' },
  ];
  const started = await Promise.all(
    places.map(async ({ id, listen }) => {
      const args: MasterArgs = { id, listen, stateDir: join(dir, id) };
      const child: Child<Nothing, MasterReply> = startChild('../drift/master-process.ts', args);
      return { id, listen, child, ready: await child.next('ready') };
    }),
  );
  return {
    list: started.map(({ id, ready }) => ({ id, calls: () => callsOf(ready.controlUrl) })),
    async configFile() {
      const masters = started.map(({ id, ready }) => {
        const ca = join(dir, `${id}.pem`);
        writeFileSync(ca, ready.ca);
        const url = new URL(ready.whmUrl);
        const place = {
          hostname: `${id}.example.net`,
          connect: url.hostname,
          address: url.hostname,
          port: Number(url.port),
        };
        return { id, site: id, ...place, credentials: { user: 'root', token: ready.rootToken }, tls: { ca } };
      });
      const file = join(dir, 'tandem.yaml');
      writeFileSync(file, stringify({ node: 'bench', stateDir: join(dir, 'state'), masters }));
      return file;
    },
    async close() {
      for (const { child } of started) await child.end();
    },
  };
}

async function callsOf(controlUrl: string): Promise<number> {
  const response = await fetch(`${controlUrl}/_sim/calls?limit=1000000`);
  // The control port's own shape.
  const { calls } = (await response.json()) as { calls: readonly unknown[] };
  return calls.length;
}
