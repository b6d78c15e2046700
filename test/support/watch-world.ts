/**
 * Masters, watchers and witnesses on this machine, each at a loopback address of its own with the ports that it has in
 * life, joined by links that can be cut, one for each pair and direction.
 */

import { randomInt } from 'node:crypto';
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
import { type Endpoint, type Link, openLink } from './link.ts';
import { type Build, buildScript } from './process-node.ts';
import { type Running, run, tempDir } from './processes.ts';

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

/** The ports that a watcher and a mail server have in life; the latter's is root's alone. */
const ports = { watcher: 2484, mail: process.getuid?.() === 0 ? 25 : 2525 };

async function listener({ port, host }: Endpoint): Promise<Server> {
  const server = createServer((socket) => {
    socket.on('error', () => {});
    socket.end('220 here\r\n');
  }).listen(port, host);
  await once(server, 'listening');
  return server;
}

/** Addresses of one world, 127.x.y.1 to 253; nobody else takes them while its claim is held. */
interface Net {
  /** Of a machine. */
  of(id: string): string;
  /** Where one machine finds another: the link between the two. */
  way(from: string, to: string): string;
  close(): Promise<void>;
}

async function openNet(ids: readonly string[]): Promise<Net> {
  if (ids.length > 14) throw new RangeError('a world has room for fourteen machines');
  const nth = (id: string): number => ids.indexOf(id) + 1;
  for (;;) {
    const net = `127.${randomInt(16, 250)}.${randomInt(0, 256)}`;
    const claim = await listener({ host: `${net}.254`, port: ports.watcher }).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE') return undefined;
      throw error;
    });
    if (claim === undefined) continue;
    return {
      of: (id) => `${net}.${nth(id)}`,
      way: (from, to) => `${net}.${16 * nth(from) + nth(to)}`,
      async close() {
        claim.close();
        await once(claim, 'close');
      },
    };
  }
}

/** Compiles the child once for a test file. */
export function buildWatcher(): Promise<Build> {
  return buildScript('watch-child');
}

/** Starts everything that stands in the list. The caller closes it. */
export async function openWorld(build: Build, { places, watch = {}, notify }: WorldOptions): Promise<World> {
  const home = tempDir('watch');
  const askers = places.filter(({ kind }) => kind !== 'master');
  const ids = [...places.map(({ id }) => id), 'anchor'];
  const net = await openNet(ids);
  const listens = (id: string): boolean => askers.some((one) => one.id === id);
  const endpointOf = (id: string): Endpoint => ({
    host: net.of(id),
    port: listens(id) ? ports.watcher : ports.mail,
  });
  const links = new Map<string, Link>();
  for (const { id: from } of askers) {
    for (const { id: to } of places.filter(({ id }) => id !== from)) {
      const there = endpointOf(to);
      links.set(`${from} ${to}`, await openLink({ ...there, host: net.way(from, to) }, there));
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
    const via = (to: string): string => (to === self ? net.of(to) : net.way(self, to));
    return {
      node: self,
      stateDir: dirOf(self),
      ...(notify === undefined ? {} : { notify }),
      watch: {
        listen: endpointOf(self),
        places: places.map(({ id, kind, site }) =>
          kind === 'master'
            ? { id, kind, site, address: via(id) }
            : { id, kind, site, url: `https://${via(id)}:${ports.watcher}` },
        ),
        // Straight: an anchor counts as seen when it takes a connection, which a link that is cut does too.
        anchors: [{ host: net.of('anchor'), port: ports.mail }],
        checks: places
          .filter(({ kind }) => kind === 'master')
          .map(({ id }) => ({ id: `mail-${id}`, kind: 'smtp', masters: [id], port: ports.mail, vital: true })),
        timing,
        ...(typeof watch === 'function' ? watch(self) : watch),
      },
    };
  }

  async function start(id: string): Promise<void> {
    const place = places.find((one) => one.id === id);
    if (place === undefined || place.kind === 'master') {
      listeners.set(id, await listener(endpointOf(id)));
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
  for (const id of ids) await start(id);
  const tell = (id: string, command: CommandInput) => tellWatcher(join(dirOf(id), 'watch', 'control.sock'), command);

  const urlOf = (id: string): string => `https://${net.of(id)}:${ports.watcher}`;
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
      anchors: [{ host: net.of('anchor'), port: ports.mail }],
      places: places.map(({ id, kind, site }) =>
        kind === 'master' ? { id, kind, site, address: net.of(id) } : { id, kind, site, url: urlOf(id) },
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
      for (const id of ids) await kill(id);
      for (const one of links.values()) await one.close();
      await net.close();
      home.remove();
    },
  };
}
