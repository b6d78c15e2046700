import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { askAll } from '../../src/failover/publish/ask.ts';
import { bindPublisher } from '../../src/failover/publish/bind.ts';
import { powerDnsBindPublisher } from '../../src/failover/publish/powerdns-bind.ts';
import type { Publisher } from '../../src/failover/publish/publisher.ts';
import { zoneList } from '../../src/failover/publish/zone-list.ts';
import { startPowerDns } from '../../test/redis/failover/name-servers.ts';
import { freePort, type Running, run, untilReady } from '../../test/support/processes.ts';

type Program = readonly [string, ...string[]];

/** A real BIND on 127.0.0.1. */
interface Bind {
  readonly running: Running;
  readonly port: number;
  readonly rndc: Program;
}

/** Name servers that read a zone directory. */
export type Kind = 'bind' | 'powerdns';

/** One of them, and how to speak with it. */
export type Served = Pick<Bind, 'running' | 'port'> &
  ({ readonly kind: 'bind'; readonly rndc: Program } | { readonly kind: 'powerdns'; readonly control: Program });

export async function startBind(
  dir: string,
  zonesDir: string,
  zones: readonly string[],
  isDynamic: boolean,
): Promise<Bind> {
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

/** The server of this kind with these zones; `dir` is for its own files. */
export async function serve(kind: Kind, dir: string, zonesDir: string, zones: readonly string[]): Promise<Served> {
  if (kind === 'bind') return { kind, ...(await startBind(dir, zonesDir, zones, false)) };
  return { kind, ...(await startPowerDns({ name: kind, dir, zonesDir, zones })) };
}

/** A publisher of its zones that also keeps the list of them. */
export function publisherOf(served: Served, dir: string, zonesDir: string): Publisher {
  const servers = [{ name: 's3', address: '127.0.0.1', port: served.port, keepsSerial: true }];
  const common = { name: served.kind, servers, list: { file: join(dir, 'zones.conf'), dir: zonesDir } };
  return served.kind === 'bind'
    ? bindPublisher({ ...common, rndc: served.rndc })
    : powerDnsBindPublisher({ ...common, control: served.control });
}
