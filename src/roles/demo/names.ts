/** S3 and S4 of the demo: two watchers, each with a name server of its own, that follow the simulated masters. */
import { cp, mkdir, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { stringify } from 'yaml';
import { loadWatchConfig } from '../../config-watch.ts';
import { makePair } from '../../failover/peers/pair.ts';
import { askAll } from '../../failover/publish/ask.ts';
import type { Watcher } from '../../failover/watch/open.ts';
import type { Lifecycle } from '../../lifecycle.ts';
import type { Logger } from '../../log.ts';
import type { Simulator } from '../../simulator/index.ts';
import { startWatcher } from '../watch.ts';
import { findBind, startNameServer } from './name-server.ts';
import { type Places, ports } from './places.ts';

export const watcherIds = ['s3', 's4'] as const;
export type WatcherId = (typeof watcherIds)[number];

/** What the story asks and tells. */
export interface Names {
  readonly watchers: Readonly<Record<WatcherId, Watcher>>;
  /** Each watcher's own configuration, for the command line. */
  readonly configFiles: Readonly<Record<WatcherId, string>>;
  /** The addresses that a watcher's name server answers for a name. */
  ask(id: WatcherId, name: string): Promise<readonly string[]>;
}

export interface NamesOptions {
  readonly stateDir: string;
  readonly places: Places;
  readonly sims: Readonly<Record<'m1' | 'm2', Simulator>>;
  readonly log: Logger;
  readonly lifecycle: Lifecycle;
}

/** The part of `watch` that everybody has, the web role too. */
export function watchSection(places: Places): Readonly<Record<string, unknown>> {
  return {
    listen: { host: places.tandem, port: ports.watch },
    places: [
      { id: 'm1', kind: 'master', site: 'London', address: places.m1 },
      { id: 'm2', kind: 'master', site: 'Amsterdam', address: places.m2 },
      { id: 's3', kind: 'watcher', site: 'London', url: `https://${places.s3}:${ports.watch}` },
      { id: 's4', kind: 'watcher', site: 'Amsterdam', url: `https://${places.s4}:${ports.watch}` },
    ],
    // Nothing is outside of a demo: the portal stands for the rest of the world.
    anchors: [{ host: places.tandem, port: ports.portal }],
  };
}

/** Certificates of the watchers, and the portal's in its state directory. Before the portal starts. */
export async function makeCertificates(stateDir: string): Promise<void> {
  const pair = join(stateDir, 'pair');
  await makePair(pair, watcherIds, Date.now());
  await cp(join(pair, 'portal'), join(stateDir, 'state', 'watch', 'portal'), { recursive: true });
  for (const id of watcherIds) await cp(join(pair, id), join(stateDir, id, 'watch', 'tls'), { recursive: true });
}

/** Quick, and without the half hour of green checks that a real return waits for. */
const timing = { everyMs: 500, retryMs: 200, timeoutMs: 1000, turnMs: 300, askMs: 1500 };
const returnGate = { greenMs: 2000 };
const checks = [
  { id: 'whm', kind: 'tcp', port: ports.whm, vital: true },
  { id: 'cpanel', kind: 'tcp', port: ports.cpanel, vital: true },
];

/** Tokens and certificates that a watcher reads, beside its configuration. */
export interface Secrets {
  readonly token: string;
  readonly certificate: string;
}

/** Once, before either reads them: who writes a file anew empties it first. */
async function writeSecrets({ stateDir, sims }: NamesOptions, secrets: Secrets): Promise<void> {
  await writeFile(join(stateDir, 'worker.token'), secrets.token, { mode: 0o600 });
  await writeFile(join(stateDir, 'portal.pem'), secrets.certificate);
  for (const master of ['m1', 'm2'] as const)
    await writeFile(join(stateDir, `${master}.token`), sims[master].rootToken, { mode: 0o600 });
}

async function writeConfig(
  id: WatcherId,
  { stateDir, places }: NamesOptions,
  rndc: readonly string[],
): Promise<string> {
  const masters = (['m1', 'm2'] as const).map((master) => {
    const to = { hostname: `${master}.example.net`, connect: places[master], port: ports.whm };
    return { id: master, ...to, tokenFile: `${master}.token`, ca: `${master}-ca.pem` };
  });
  const answers = [{ name: id, address: places.dns.host, port: places.dns[id] }];
  const publish = {
    zones: join(id, 'zones'),
    pairs: [{ m1: places.m1, m2: places.m2 }],
    masters,
    pullMs: 1000,
    guardMs: 300,
    threads: 0,
    servers: [{ kind: 'bind', name: id, rndc: [...rndc], list: join(id, 'zones.conf'), answers }],
  };
  const watch = {
    ...watchSection(places),
    listen: { host: places[id], port: ports.watch },
    timing,
    returnGate,
    checks,
    worker: { url: `https://${places.tandem}:${ports.portal}`, tokenFile: 'worker.token', ca: 'portal.pem' },
    publish,
  };
  const file = join(stateDir, `${id}.yaml`);
  await writeFile(file, stringify({ node: id, stateDir: id, watch }), { mode: 0o600 });
  return file;
}

async function openOne(
  id: WatcherId,
  options: NamesOptions,
  bind: { readonly named: string; readonly rndc: string },
): Promise<{ readonly watcher: Watcher; readonly file: string }> {
  const { stateDir, places, lifecycle, log } = options;
  const dir = resolve(stateDir, id);
  await mkdir(join(dir, 'zones'), { recursive: true });
  const server = { ...bind, dir: join(dir, 'bind'), list: join(dir, 'zones.conf') };
  const control = { host: places[id], port: ports.rndc };
  const rndc = await startNameServer({ ...server, address: places.dns.host, port: places.dns[id], control }, lifecycle);
  const file = await writeConfig(id, options, rndc);
  const watcher = await startWatcher({ config: loadWatchConfig({ file, env: {} }), file, log, lifecycle });
  return { watcher, file };
}

/** Starts both; undefined where BIND is not installed. */
export async function openNames(options: NamesOptions, secrets: Secrets): Promise<Names | undefined> {
  const bind = await findBind();
  if (bind === undefined) return undefined;
  await writeSecrets(options, secrets);
  const [s3, s4] = await Promise.all([openOne('s3', options, bind), openOne('s4', options, bind)]);
  return {
    watchers: { s3: s3.watcher, s4: s4.watcher },
    configFiles: { s3: s3.file, s4: s4.file },
    async ask(id, name) {
      const signal = AbortSignal.timeout(5000);
      const { dns } = options.places;
      const at = { address: dns.host, port: dns[id], signal };
      const [heard] = await askAll([{ name, type: 'A' }], at);
      return heard?.kind === 'values' ? heard.values : [];
    },
  };
}
