import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { askAll } from '../../src/failover/publish/ask.ts';
import { zoneList } from '../../src/failover/publish/zone-list.ts';
import { freePort, type Running, run, untilReady } from '../../test/support/processes.ts';

/** A real BIND on 127.0.0.1. */
export interface Server {
  readonly running: Running;
  readonly port: number;
  readonly rndc: readonly [string, ...string[]];
}

export async function startBind(
  dir: string,
  zonesDir: string,
  zones: readonly string[],
  isDynamic: boolean,
): Promise<Server> {
  mkdirSync(dir, { recursive: true });
  const [port, control] = [await freePort(), await freePort()];
  const key = 'key "rk" { algorithm hmac-sha256; secret "c2VjcmV0IGZvciB0ZXN0cyBvbmx5IQ=="; };';
  const list = zoneList(zonesDir, zones);
  const updates = list.replaceAll('type master;', 'type master; allow-update { 127.0.0.1; };');
  writeFileSync(join(dir, 'zones.conf'), isDynamic ? updates : list);
  const server = `options { default-key "rk"; default-server 127.0.0.1; default-port ${control}; };`;
  writeFileSync(join(dir, 'rndc.conf'), `${key}\n${server}\n`);
  writeFileSync(
    join(dir, 'named.conf'),
    `${key}
controls { inet 127.0.0.1 port ${control} allow { 127.0.0.1; } keys { "rk"; }; };
options {
  directory "${dir}"; pid-file "${dir}/named.pid"; session-keyfile "${dir}/session.key"; lock-file none;
  listen-on port ${port} { 127.0.0.1; }; listen-on-v6 { none; };
  recursion no; dnssec-validation no; minimal-responses yes; notify no;
};
include "${dir}/zones.conf";
`,
  );
  const running = run('/usr/sbin/named', ['-g', '-c', join(dir, 'named.conf')]);
  const { signal } = new AbortController();
  const last = zones.at(-1) ?? '';
  await untilReady(
    running,
    async () => {
      const asked = { address: '127.0.0.1', port, signal, tries: 1, timeoutMs: 500 };
      const [heard] = await askAll([{ name: last, type: 'SOA' }], asked);
      return heard?.kind === 'serial';
    },
    180_000,
  );
  return { running, port, rndc: ['/usr/sbin/rndc', '-c', join(dir, 'rndc.conf')] };
}
