import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { askAll } from '../../../src/failover/publish/ask.ts';
import type { NameServer } from '../../../src/failover/publish/publisher.ts';
import { zoneList } from '../../../src/failover/publish/zone-list.ts';
import { freePort, type Running, run, untilReady } from '../../support/processes.ts';

/** Real name servers on 127.0.0.1 and ports of their own, as a watcher runs them. */

export const secret = 'c2VjcmV0IGZvciB0ZXN0cyBvbmx5IQ==';

export interface Started extends NameServer {
  readonly running: Running;
}

export interface Bind extends Started {
  readonly rndc: readonly [string, ...string[]];
}

async function answers(server: Pick<NameServer, 'address' | 'port'>, zone: string): Promise<boolean> {
  const { signal } = new AbortController();
  const [heard] = await askAll([{ name: zone, type: 'SOA' }], { ...server, signal, tries: 1, timeoutMs: 300 });
  return heard?.kind === 'serial';
}

interface BindOptions {
  readonly name: string;
  /** Own files. */
  readonly dir: string;
  readonly zonesDir: string;
  readonly zones: readonly string[];
  /** Lines in `options { }`. */
  readonly options?: string;
  /** Replaces the zone statements. */
  readonly statements?: string;
  readonly port?: number;
}

/** Starts BIND with these zones and waits until it answers for the last one. */
export async function startBind(given: BindOptions): Promise<Bind> {
  const { name, dir, zonesDir, zones } = given;
  mkdirSync(dir, { recursive: true });
  const [port, control] = [given.port ?? (await freePort()), await freePort()];
  const key = `key "rk" { algorithm hmac-sha256; secret "${secret}"; };`;
  writeFileSync(join(dir, 'zones.conf'), given.statements ?? zoneList(zonesDir, zones));
  writeFileSync(
    join(dir, 'rndc.conf'),
    `${key}\noptions { default-key "rk"; default-server 127.0.0.1; default-port ${control}; };\n`,
  );
  writeFileSync(
    join(dir, 'named.conf'),
    `${key}
controls { inet 127.0.0.1 port ${control} allow { 127.0.0.1; } keys { "rk"; }; };
options {
  directory "${dir}"; pid-file "${dir}/named.pid"; session-keyfile "${dir}/session.key"; lock-file none;
  listen-on port ${port} { 127.0.0.1; }; listen-on-v6 { none; };
  recursion no; dnssec-validation no; minimal-responses yes; allow-transfer { 127.0.0.1; };
  notify-rate 500; startup-notify-rate 500; notify-delay 0; transfers-out 100;
  ${given.options ?? 'notify no;'}
};
include "${dir}/zones.conf";
`,
  );
  const running = run('/usr/sbin/named', ['-g', '-n', '1', '-c', join(dir, 'named.conf')]);
  const server = { name, address: '127.0.0.1', port, keepsSerial: true };
  const last = zones.at(-1) ?? '';
  await untilReady(running, () => (last === '' ? Promise.resolve(true) : answers(server, last)));
  return { ...server, running, rndc: ['/usr/sbin/rndc', '-c', join(dir, 'rndc.conf')] };
}

export interface PowerDns extends Started {
  readonly control: readonly [string, ...string[]];
}

/** Starts PowerDNS with its bind backend. */
export async function startPowerDns(given: BindOptions): Promise<PowerDns> {
  const { name, dir, zonesDir, zones } = given;
  mkdirSync(dir, { recursive: true });
  const port = await freePort();
  writeFileSync(join(dir, 'zones.conf'), zoneList(zonesDir, zones));
  writeFileSync(
    join(dir, 'pdns.conf'),
    `launch=bind
bind-config=${dir}/zones.conf
bind-check-interval=0
local-address=127.0.0.1
local-port=${port}
socket-dir=${dir}
guardian=no
daemon=no
zone-cache-refresh-interval=0
loglevel=3
disable-syslog=yes
${given.options ?? ''}
`,
  );
  const running = run('/usr/sbin/pdns_server', [`--config-dir=${dir}`]);
  const server = { name, address: '127.0.0.1', port, keepsSerial: true };
  await untilReady(running, () => answers(server, zones.at(-1) ?? ''));
  return { ...server, running, control: ['/usr/bin/pdns_control', `--socket-dir=${dir}`] };
}

/** Starts NSD as a secondary of a server on 127.0.0.1. */
export async function startNsd(
  dir: string,
  primary: { readonly port: number },
  zones: readonly string[],
  port: number,
): Promise<Started> {
  mkdirSync(dir, { recursive: true });
  writeFileSync(
    join(dir, 'nsd.conf'),
    `server:
  ip-address: 127.0.0.1
  port: ${port}
  username: ""
  chroot: ""
  zonesdir: "${dir}"
  zonelistfile: "${dir}/zone.list"
  database: ""
  pidfile: "${dir}/nsd.pid"
  xfrdfile: "${dir}/xfrd.state"
  xfrdir: "${dir}"
  xfrd-reload-timeout: 1
  server-count: 1
remote-control:
  control-enable: no
${zones
  .map(
    (zone) => `zone:
  name: "${zone}"
  zonefile: "${zone}.zone"
  allow-notify: 127.0.0.1 NOKEY
  request-xfr: 127.0.0.1@${primary.port} NOKEY
`,
  )
  .join('')}`,
  );
  const running = run('/usr/sbin/nsd', ['-d', '-c', join(dir, 'nsd.conf')]);
  const server = { name: 'nsd', address: '127.0.0.1', port, keepsSerial: true };
  await untilReady(running, () => answers(server, zones.at(-1) ?? ''));
  return { ...server, running };
}

/** Starts Knot as a secondary of a server on 127.0.0.1. */
export async function startKnot(
  dir: string,
  primary: { readonly port: number },
  zones: readonly string[],
  port: number,
): Promise<Started> {
  mkdirSync(dir, { recursive: true });
  writeFileSync(
    join(dir, 'knot.conf'),
    `server:
    listen: 127.0.0.1@${port}
    rundir: ${dir}
    udp-workers: 1
    tcp-workers: 1
    background-workers: 1
control:
    listen: ${dir}/knot.sock
database:
    storage: ${dir}/db
remote:
  - id: primary
    address: 127.0.0.1@${primary.port}
acl:
  - id: notify
    address: 127.0.0.1
    action: notify
template:
  - id: default
    storage: ${dir}/zones
    master: primary
    acl: notify
    zonefile-sync: -1
    zonefile-load: none
    journal-content: all
zone:
${zones.map((zone) => `  - domain: ${zone}\n`).join('')}`,
  );
  for (const one of ['zones', 'db']) mkdirSync(join(dir, one), { recursive: true });
  const running = run('/usr/sbin/knotd', ['-c', join(dir, 'knot.conf')]);
  const server = { name: 'knot', address: '127.0.0.1', port, keepsSerial: true };
  await untilReady(running, () => answers(server, zones.at(-1) ?? ''));
  return { ...server, running };
}
