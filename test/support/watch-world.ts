/** Masters, watchers and witnesses on this machine, joined by links that can be cut, one for each pair and direction. */

import { once } from 'node:events';
import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { stringify } from 'yaml';
import type { WatchersConfig } from '../../src/config-watchers.ts';
import type { CommandInput, CommandResult } from '../../src/failover/control/schema.ts';
import { tellWatcher } from '../../src/failover/control/socket.ts';
import { makePair } from '../../src/failover/peers/pair.ts';
import type { Place } from '../../src/failover/verdict/topology.ts';
import type { WatchStatus } from '../../src/failover/watch/status.ts';
import { type Link, openLink } from './link.ts';
import { type Build, buildScript } from './process-node.ts';
import { freePort, type Running, run, tempDir } from './processes.ts';

type LinkState = Parameters<Link['set']>[0];

export interface World {
  readonly dir: string;
  /** Both directions between two places. */
  link(a: string, b: string, state: LinkState): void;
  /** Power: a master's port closes, a watcher or witness is killed. */
  kill(id: string): Promise<void>;
  start(id: string): Promise<void>;
  status(id: string): Promise<WatchStatus>;
  tell(id: string, command: CommandInput): Promise<CommandResult>;
  configFile(id: string): string;
  /** How a portal reaches the watchers: straight, past all links. */
  readonly watchers: WatchersConfig;
  /** The same as the watch section of a web role's configuration. */
  readonly portalSection: Readonly<Record<string, unknown>>;
  output(id: string): string;
  close(): Promise<void>;
}

export interface WorldOptions {
  readonly places: readonly Place[];
  /** Laid over the watch section of everybody, or of each by its id. */
  readonly watch?: Readonly<Record<string, unknown>> | ((id: string) => Readonly<Record<string, unknown>>);
  /** The notify section of everybody. */
  readonly notify?: Readonly<Record<string, unknown>>;
}

const timing = { everyMs: 300, retryMs: 100, timeoutMs: 1500, attempts: 3, turnMs: 200, askMs: 1500 };

async function listener(port: number): Promise<Server> {
  const server = createServer((socket) => {
    socket.on('error', () => {});
    socket.end('220 here\r\n');
  }).listen(port, '127.0.0.1');
  await once(server, 'listening');
  return server;
}

/** Compiles the child once for a test file. */
export function buildWatcher(): Promise<Build> {
  return buildScript('watch-child');
}

/** Starts everything that stands in the list. The caller closes it. */
export async function openWorld(build: Build, { places, watch = {}, notify }: WorldOptions): Promise<World> {
  const home = tempDir('watch');
  const ports = new Map<string, number>();
  for (const { id } of [...places, { id: 'anchor' }]) ports.set(id, await freePort());
  const portOf = (id: string): number => ports.get(id) ?? 0;
  const askers = places.filter(({ kind }) => kind !== 'master');
  const links = new Map<string, Link>();
  for (const { id: from } of askers) {
    for (const to of ports.keys()) {
      if (to !== from) links.set(`${from} ${to}`, await openLink('127.0.0.1', portOf(to)));
    }
  }
  const pairDir = join(home.path, 'pair');
  await makePair(
    pairDir,
    askers.map(({ id }) => id),
    Date.now(),
  );
  const listeners = new Map<string, Server>();
  const running = new Map<string, Running>();
  const dirOf = (id: string): string => join(home.path, id);
  const configFile = (id: string): string => join(home.path, `${id}.yaml`);

  function configOf(self: string): unknown {
    const via = (to: string): number => links.get(`${self} ${to}`)?.port ?? portOf(to);
    return {
      node: self,
      stateDir: dirOf(self),
      ...(notify === undefined ? {} : { notify }),
      watch: {
        listen: { host: '127.0.0.1', port: portOf(self) },
        places: places.map(({ id, kind, site }) =>
          kind === 'master'
            ? { id, kind, site, address: '127.0.0.1' }
            : { id, kind, site, url: `https://127.0.0.1:${via(id)}` },
        ),
        // An anchor counts as seen when it takes a connection, which a link always does.
        anchors: [{ host: '127.0.0.1', port: portOf('anchor') }],
        // A master is a port here, so each has its own check.
        checks: places
          .filter(({ kind }) => kind === 'master')
          .map(({ id }) => ({ id: `mail-${id}`, kind: 'smtp', masters: [id], port: via(id), vital: true })),
        timing,
        ...(typeof watch === 'function' ? watch(self) : watch),
      },
    };
  }

  async function start(id: string): Promise<void> {
    const place = places.find((one) => one.id === id);
    if (place === undefined || place.kind === 'master') {
      listeners.set(id, await listener(portOf(id)));
      return;
    }
    const child = run(process.execPath, [
      build.script,
      place.kind === 'witness' ? 'witness' : 'watch',
      '--config',
      configFile(id),
    ]);
    running.set(id, child);
  }

  async function kill(id: string): Promise<void> {
    await running.get(id)?.end('SIGKILL');
    running.delete(id);
    const server = listeners.get(id);
    listeners.delete(id);
    if (server === undefined) return;
    server.close();
    await once(server, 'close');
  }

  for (const { id } of askers) {
    mkdirSync(join(dirOf(id), 'watch'), { recursive: true });
    cpSync(join(pairDir, id), join(dirOf(id), 'watch', 'tls'), { recursive: true });
    writeFileSync(configFile(id), stringify(configOf(id)));
  }
  for (const id of ports.keys()) await start(id);
  const tell = (id: string, command: CommandInput) => tellWatcher(join(dirOf(id), 'watch', 'control.sock'), command);

  const urlOf = (id: string): string => `https://127.0.0.1:${portOf(id)}`;
  const portalFile = (name: string): string => join(pairDir, 'portal', name);
  const portalTls = { ca: portalFile('ca.crt'), cert: portalFile('node.crt'), key: portalFile('node.key') };

  return {
    dir: home.path,
    link(a, b, state) {
      for (const way of [`${a} ${b}`, `${b} ${a}`]) links.get(way)?.set(state);
    },
    watchers: {
      places,
      watchers: places.flatMap(({ id, kind }) => (kind === 'watcher' ? [{ id, url: urlOf(id) }] : [])),
      tls: portalTls,
    },
    portalSection: {
      listen: { host: '127.0.0.1' },
      portal: portalTls,
      anchors: [{ host: '127.0.0.1', port: portOf('anchor') }],
      places: places.map(({ id, kind, site }) =>
        kind === 'master' ? { id, kind, site, address: '127.0.0.1' } : { id, kind, site, url: urlOf(id) },
      ),
    },
    kill,
    start,
    tell,
    configFile,
    output: (id) => running.get(id)?.output() ?? '',
    // The document comes from the same program.
    status: async (id) => (await tell(id, { command: 'status' })).data as WatchStatus,
    async close() {
      for (const id of ports.keys()) await kill(id);
      for (const one of links.values()) await one.close();
      home.remove();
    },
  };
}
