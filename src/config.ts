import { existsSync, readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { dirname, resolve } from 'node:path';
import { parseDocument } from 'yaml';
import { crossChecks, issuesOf } from './config-checks.ts';
import { applyEnvironment, isGroup, type Raw } from './config-environment.ts';
import { type Files, filesFrom } from './config-files.ts';
import { type FilesWay, filesWayOf } from './config-filesync.ts';
import { type NotifyConfig, notifyOf } from './config-notify.ts';
import { type FileConfig, fileSchema } from './config-schema.ts';
import type { DatabaseAccess, Trust } from './config-types.ts';
import { type WatchersConfig, watchersOf } from './config-watchers.ts';
import { type MailServer, mailServerOf, type WebmailConfig, webmailOf } from './config-webmail.ts';
import { Invalid, type Issue, messageOf } from './errors.ts';
import type { AddressPair, Master } from './masters.ts';

export type { Trust } from './config-types.ts';

export type Credentials =
  | { readonly kind: 'token'; readonly user: string; readonly token: string }
  | { readonly kind: 'password'; readonly user: string; readonly password: string };

/** How archives of accounts leave a master and come back. Paths are absolute. */
export type ArchiveWay =
  | {
      readonly kind: 'ssh';
      readonly user: string;
      readonly port: number;
      readonly keyFile: string;
      readonly knownHostsFile: string;
      readonly directory: string;
    }
  | { readonly kind: 'folder'; readonly path: string; readonly directory: string };

export interface MasterConfig extends Master {
  readonly port: number;
  readonly cpanelPort: number;
  /** Address to dial instead of `hostname`, which stays the name that the certificate must have. */
  readonly connect?: string;
  readonly credentials: Credentials;
  readonly tls: Trust;
  /** Most calls in flight. */
  readonly concurrency: number;
  readonly archives?: ArchiveWay;
  /** undefined: Tandem knows nothing of its files. */
  readonly filesync?: FilesWay;
  /** Its IMAP and submission, for webmail. */
  readonly mail: MailServer;
  /** undefined: Tandem does not look after its databases. */
  readonly mariadb?: DatabaseAccess;
  /** undefined: Tandem does not look after its PostgreSQL databases. */
  readonly postgres?: DatabaseAccess;
}

export type JournalConfig =
  | { readonly kind: 'sqlite'; readonly file: string }
  | {
      readonly kind: 'mariadb';
      readonly host: string;
      readonly port: number;
      readonly user: string;
      readonly password: string;
      readonly database: string;
      /** PEM; present: TLS is used and this CA trusted. */
      readonly ca?: string;
    };

type Plain = Pick<
  FileConfig,
  | 'nodes'
  | 'ownNames'
  | 'stateDir'
  | 'crashAt'
  | 'redis'
  | 'portal'
  | 'passthrough'
  | 'metrics'
  | 'uidRange'
  | 'timing'
  | 'worker'
  | 'archives'
  | 'drift'
  | 'log'
  | 'databases'
  | 'serviceNames'
>;

/** The whole configuration, checked; paths are absolute, files are read. Frozen. */
export interface Config extends Readonly<Plain> {
  readonly masters: readonly MasterConfig[];
  readonly addressPairs: readonly AddressPair[];
  readonly keyFile: string;
  readonly node: string;
  readonly journal: JournalConfig;
  readonly tls:
    | { readonly kind: 'self-signed' }
    | { readonly kind: 'files'; readonly cert: string; readonly key: string };
  /** undefined: nobody is warned. */
  readonly notify?: NotifyConfig;
  /** undefined: there is no webmail. */
  readonly webmail?: WebmailConfig;
  /** How the portal reaches the watchers; undefined: none are configured. */
  readonly watchers?: WatchersConfig;
}

export interface LoadOptions {
  /** Default: TANDEM_CONFIG, else tandem.yaml in the working directory if there is one. */
  readonly file?: string;
  /** Default: the process's own environment. */
  readonly env?: NodeJS.ProcessEnv;
}

function readYaml(file: string): Raw {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    const hint = 'Name the file with --config, or copy tandem.example.yaml to tandem.yaml.';
    throw new Invalid(`${file} cannot be read: ${messageOf(error)}`, [], { cause: error, hint });
  }
  const document = parseDocument(text);
  const problems = document.errors.map((error) => ({ path: '', message: error.message.trimEnd() }));
  if (problems.length > 0) throw new Invalid(`${file} is not YAML`, problems);
  const raw: unknown = document.toJS() ?? {};
  if (!isGroup(raw)) throw new Invalid(`${file} must hold keys and values. Example: nodes: 1`);
  return raw;
}

function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null) {
    for (const below of Object.values(value)) deepFreeze(below);
    Object.freeze(value);
  }
  return value;
}

function credentialsOf(given: FileConfig['masters'][number]['credentials'], key: string, files: Files): Credentials {
  const { user, token, tokenFile, password, passwordFile } = given;
  if (token !== undefined) return { kind: 'token', user, token };
  if (tokenFile !== undefined) return { kind: 'token', user, token: files.text(`${key}.tokenFile`, tokenFile) };
  if (password !== undefined) return { kind: 'password', user, password };
  return { kind: 'password', user, password: files.text(`${key}.passwordFile`, passwordFile ?? '') };
}

function wayOf(given: ArchiveWay, files: Files): ArchiveWay {
  if (given.kind === 'folder') return { ...given, path: files.path(given.path) };
  return { ...given, keyFile: files.path(given.keyFile), knownHostsFile: files.path(given.knownHostsFile) };
}

type GivenMaster = FileConfig['masters'][number];

function databaseOf(
  master: GivenMaster,
  given: NonNullable<GivenMaster['mariadb']>,
  key: string,
  files: Files,
): DatabaseAccess {
  const { socket, host = master.connect ?? master.hostname, port, user, password, passwordFile, ca } = given;
  const secret = password ?? (passwordFile === undefined ? undefined : files.text(`${key}.passwordFile`, passwordFile));
  return {
    ...(socket === undefined ? {} : { socket }),
    ...{ host, port, user, directory: given.directory },
    ...(secret === undefined ? {} : { password: secret }),
    ...(ca === undefined ? {} : { ca: files.pem(`${key}.ca`, ca, 'CERTIFICATE') }),
    peer: { host: given.peerHost ?? host, port: given.peerPort ?? port },
    from: given.from ?? master.address,
    ...(given.configure === undefined ? {} : { configure: given.configure }),
    ...(given.files === undefined ? {} : { files: given.files }),
  };
}

function postgresOf(
  master: GivenMaster,
  given: NonNullable<GivenMaster['postgres']>,
  key: string,
  files: Files,
): DatabaseAccess {
  const { restart, ...kept } = given;
  return databaseOf(
    master,
    { ...kept, directory: '/', ...(restart === undefined ? {} : { configure: restart }) },
    key,
    files,
  );
}

function masterOf(given: FileConfig['masters'][number], files: Files): MasterConfig {
  const { credentials, tls, connect, name, archives, filesync, mariadb, postgres, mail, ...kept } = given;
  const key = `masters.${given.id}`;
  const trust: Trust =
    tls.fingerprint === undefined
      ? { kind: 'ca', pem: files.pem(`${key}.tls.ca`, tls.ca ?? '', 'CERTIFICATE') }
      : { kind: 'pin', fingerprint256: tls.fingerprint };
  return {
    ...kept,
    name: name ?? given.id.toUpperCase(),
    ...(connect === undefined ? {} : { connect }),
    ...(archives === undefined ? {} : { archives: wayOf(archives, files) }),
    ...(filesync === undefined ? {} : { filesync: filesWayOf(filesync, connect ?? given.hostname, files) }),
    credentials: credentialsOf(credentials, `${key}.credentials`, files),
    ...(mariadb === undefined ? {} : { mariadb: databaseOf(given, mariadb, `${key}.mariadb`, files) }),
    ...(postgres === undefined ? {} : { postgres: postgresOf(given, postgres, `${key}.postgres`, files) }),
    tls: trust,
    mail: mailServerOf(
      mail,
      { hostname: given.hostname, tls: trust, ...(connect === undefined ? {} : { connect }) },
      files,
      `${key}.mail`,
    ),
  };
}

function journalOf(given: FileConfig['journal'], stateDir: string, files: Files): JournalConfig {
  if (given.kind === 'sqlite')
    return { kind: 'sqlite', file: files.path(given.file ?? resolve(stateDir, 'journal.sqlite')) };
  const { passwordFile, password, ca, ...kept } = given;
  return {
    ...kept,
    password: password ?? files.text('journal.passwordFile', passwordFile ?? ''),
    ...(ca === undefined ? {} : { ca: files.pem('journal.ca', ca, 'CERTIFICATE') }),
  };
}

function tlsOf(given: FileConfig['tls'], files: Files): Config['tls'] {
  if (given.kind === 'self-signed') return given;
  const cert = files.pem('tls.cert', given.cert, 'CERTIFICATE');
  return { kind: 'files', cert, key: files.pem('tls.key', given.key, 'PRIVATE KEY') };
}

function assemble(given: FileConfig, files: Files): Config {
  const stateDir = files.path(given.stateDir);
  const { notify, watch, webmail, ...kept } = given;
  return {
    ...kept,
    ...(notify === undefined ? {} : { notify: notifyOf(notify, files) }),
    ...(webmail === undefined ? {} : { webmail: webmailOf(webmail, given.passthrough.host, files) }),
    ...(watch === undefined ? {} : { watchers: watchersOf(watch, stateDir, files) }),
    stateDir,
    keyFile: given.keyFile === undefined ? resolve(stateDir, 'key') : files.path(given.keyFile),
    node: given.node ?? hostname().split('.')[0] ?? 'tandem',
    masters: given.masters.map((master) => masterOf(master, files)),
    journal: journalOf(given.journal, stateDir, files),
    tls: tlsOf(given.tls, files),
  };
}

/** The keys as file and environment give them, before anything but the environment's names is checked. */
export interface RawConfig {
  readonly raw: Raw;
  readonly file: string | undefined;
  /** Variables that name no key. */
  readonly unknown: readonly Issue[];
}

/** Reads the file and lays the environment over it. Throws Invalid when the file is no YAML. */
export function readRaw(options: LoadOptions = {}): RawConfig {
  const env = options.env ?? process.env;
  const named = options.file ?? env['TANDEM_CONFIG'];
  const file = named ?? (existsSync('tandem.yaml') ? 'tandem.yaml' : undefined);
  const raw = file === undefined ? {} : readYaml(file);
  return { raw, file, unknown: applyEnvironment(raw, env) };
}

/**
 * Reads tandem.yaml and the environment (`TANDEM_` and the key in upper snake case, a master by its id:
 * TANDEM_MASTERS_M1_CREDENTIALS_TOKEN), which wins. Relative paths are taken from the file's directory. Throws Invalid
 * with an issue for every key that is wrong.
 */
export function loadConfig(options: LoadOptions = {}): Config {
  const { raw, file, unknown } = readRaw(options);
  const where = file ?? 'the environment';
  const parsed = fileSchema.safeParse(raw);
  if (!parsed.success)
    throw new Invalid(`${where}: configuration is wrong`, [...issuesOf(parsed.error, raw), ...unknown]);
  const files = filesFrom(file === undefined ? process.cwd() : dirname(resolve(file)));
  const config = assemble(parsed.data, files);
  const issues = [...unknown, ...crossChecks(parsed.data), ...files.issues];
  if (issues.length > 0) throw new Invalid(`${where}: configuration is wrong`, issues);
  return deepFreeze(config);
}
