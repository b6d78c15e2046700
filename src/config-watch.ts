/** The `watch` part of tandem.yaml: read by itself, so that nothing else that is wrong keeps a watcher from starting. */
import { dirname, join, resolve } from 'node:path';
import { z } from 'zod';
import { type LoadOptions, readRaw } from './config.ts';
import { issuesOf } from './config-checks.ts';
import { type Files, filesFrom } from './config-files.ts';
import { loadPublishConfig, type PublishConfig } from './config-publish.ts';
import { logSchema, nodeSchema } from './config-schema.ts';
import { type WatchSection, watchSection } from './config-watch-schema.ts';
import { Invalid, type Issue } from './errors.ts';

type Given = WatchSection['places'][number];

/** Where something can be reached by ssh with a forced command. */
export interface SshPlace {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  /** Absolute path of the private key. */
  readonly key: string;
  /** Absolute path of a known_hosts file: the only host keys that are believed. */
  readonly knownHosts: string;
}

/** An outside service that answers signed JSON. */
export interface ProbePlace {
  readonly url: string;
  readonly secret: string;
  /** PEM; undefined: the system's CAs. */
  readonly ca: string | undefined;
}

export interface WatchPlace {
  readonly id: string;
  readonly kind: Given['kind'];
  readonly site: string;
  /** Of masters: what is checked. */
  readonly address: string | undefined;
  /** Of watchers and witnesses: https://host:port. */
  readonly url: string | undefined;
  readonly ssh: SshPlace | undefined;
  readonly probe: ProbePlace | undefined;
}

/** The worker's JSON API, where the journal's view of a return comes from. */
export interface WorkerApi {
  readonly url: string;
  readonly token: string;
  readonly ca: string | undefined;
}

/** Everything that the roles watch and witness need; paths are absolute, files are read. */
export interface WatchConfig {
  readonly node: string;
  readonly stateDir: string;
  /** Own files of the watcher: `watch` in stateDir. */
  readonly dir: string;
  readonly socket: string;
  readonly logLevel: string;
  readonly listen: WatchSection['listen'];
  readonly tls: { readonly ca: string; readonly cert: string; readonly key: string };
  readonly places: readonly WatchPlace[];
  readonly anchors: WatchSection['anchors'];
  readonly checks: WatchSection['checks'];
  readonly timing: WatchSection['timing'];
  readonly limits: WatchSection['limits'];
  readonly returnGate: WatchSection['returnGate'];
  readonly fence: boolean;
  readonly worker: WorkerApi | undefined;
  /** undefined: this watcher publishes no zones. */
  readonly publish: PublishConfig | undefined;
}

const fileSchema = z.object({
  node: nodeSchema,
  stateDir: z.string().min(1).default('./var'),
  log: logSchema,
  watch: watchSection,
});

function placeOf(given: Given, files: Files): WatchPlace {
  const key = `watch.places.${given.id}`;
  const { ssh, probe } = given;
  return {
    id: given.id,
    kind: given.kind,
    site: given.site,
    address: given.address,
    url: given.url,
    ssh:
      ssh === undefined
        ? undefined
        : {
            host: ssh.host ?? given.address ?? '',
            port: ssh.port,
            user: ssh.user,
            key: files.path(ssh.key),
            knownHosts: files.path(ssh.knownHosts),
          },
    probe:
      probe === undefined
        ? undefined
        : {
            url: probe.url,
            secret: files.text(`${key}.probe.secretFile`, probe.secretFile),
            ca: probe.ca === undefined ? undefined : files.pem(`${key}.probe.ca`, probe.ca, 'CERTIFICATE'),
          },
  };
}

function tlsOf(given: WatchSection['tls'], dir: string, files: Files): WatchConfig['tls'] {
  const file = (name: string, own: string | undefined): string => own ?? join(dir, 'tls', name);
  return {
    ca: files.pem('watch.tls.ca', file('ca.crt', given.ca), 'CERTIFICATE'),
    cert: files.pem('watch.tls.cert', file('node.crt', given.cert), 'CERTIFICATE'),
    key: files.pem('watch.tls.key', file('node.key', given.key), 'PRIVATE KEY'),
  };
}

function workerOf(given: WatchSection['worker'], files: Files): WorkerApi | undefined {
  if (given === undefined) return undefined;
  return {
    url: given.url,
    token: files.text('watch.worker.tokenFile', given.tokenFile),
    ca: given.ca === undefined ? undefined : files.pem('watch.worker.ca', given.ca, 'CERTIFICATE'),
  };
}

/** What no single key can tell. */
function crossIssues(section: WatchSection, node: string): readonly Issue[] {
  const own = section.places.find(({ id }) => id === node);
  const ids = section.places.map(({ id }) => id);
  const twice = [...new Set(ids.filter((id, at) => ids.indexOf(id) !== at))];
  const here = `must hold this machine, ${node === '' ? 'which has no name' : node}, as watcher or witness`;
  return [
    ...twice.map((id) => ({ path: 'watch.places', message: `${id} stands there twice; each place needs its own id` })),
    ...(own === undefined || own.kind === 'master'
      ? [
          {
            path: 'watch.places',
            message: `${here}. Example: { id: s3, kind: watcher, site: dublin, url: https://…:2484 }`,
          },
        ]
      : []),
    ...(section.places.some(({ kind }) => kind === 'master')
      ? []
      : [
          {
            path: 'watch.places',
            message: 'must hold the masters. Example: { id: m1, kind: master, site: dublin, address: 192.0.2.10 }',
          },
        ]),
  ];
}

/** The ids of those who need a certificate: known before there is one. Throws Invalid. */
export function watchPlaces(options: LoadOptions = {}): readonly string[] {
  const { raw, file } = readRaw(options);
  const parsed = fileSchema.safeParse(raw);
  if (!parsed.success) {
    throw new Invalid(`${file ?? 'the environment'}: configuration is wrong`, issuesOf(parsed.error, raw));
  }
  return parsed.data.watch.places.flatMap(({ id, kind }) => (kind === 'master' ? [] : [id]));
}

/** Loads what a watcher or witness needs, and nothing else. Throws Invalid with an issue for every key that is wrong. */
export function loadWatchConfig(options: LoadOptions = {}): WatchConfig {
  const { raw, file } = readRaw(options);
  const where = file ?? 'the environment';
  const parsed = fileSchema.safeParse(raw);
  if (!parsed.success) throw new Invalid(`${where}: configuration is wrong`, issuesOf(parsed.error, raw));
  const { watch, node: machine, stateDir, log } = parsed.data;
  const files = filesFrom(file === undefined ? process.cwd() : dirname(resolve(file)));
  const node = watch.node ?? machine ?? '';
  const dir = join(files.path(stateDir), 'watch');
  const config: WatchConfig = {
    node,
    stateDir: files.path(stateDir),
    dir,
    socket: watch.socket === undefined ? join(dir, 'control.sock') : files.path(watch.socket),
    logLevel: log.level,
    listen: watch.listen,
    tls: tlsOf(watch.tls, dir, files),
    places: watch.places.map((place) => placeOf(place, files)),
    anchors: watch.anchors,
    checks: watch.checks,
    timing: watch.timing,
    limits: watch.limits,
    returnGate: watch.returnGate,
    fence: watch.fence,
    worker: workerOf(watch.worker, files),
    publish: loadPublishConfig(options),
  };
  const issues = [...crossIssues(watch, node), ...files.issues];
  if (issues.length > 0) throw new Invalid(`${where}: configuration is wrong`, issues);
  return config;
}
