/** Two real MariaDB servers with TLS, a delay proxy between them, and what configures them. */
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Connection, createConnection } from 'mysql2/promise';
import { selfSigned } from '../../../src/certificates.ts';
import { systemClock } from '../../../src/clock.ts';
import { openServer, type Server } from '../../../src/dbsync/mariadb/connect.ts';
import { folderIn } from '../../../src/dbsync/mariadb/folder.ts';
import type { Wishes } from '../../../src/dbsync/mariadb/safety.ts';
import { fileLines, wantedSettings } from '../../../src/dbsync/mariadb/settings.ts';
import { type SetupResult, setUpMariadb } from '../../../src/dbsync/mariadb/setup.ts';
import type { Side } from '../../../src/dbsync/model.ts';
import { makeRsaKey } from '../../../src/simulator/modules/rsa-keys.ts';
import { installMariadb, logFileSize } from '../../support/mariadb.ts';
import { freePort, missing, type Running, run, tempDir, untilReady } from '../../support/processes.ts';
import { type DelayProxy, startDelayProxy } from './delay-proxy.ts';

export interface PairMember {
  readonly side: Side;
  readonly server: Server;
  /** The other master reaches this one through it. */
  readonly proxy: DelayProxy;
  readonly dir: string;
  sql(statement: string, values?: readonly unknown[]): Promise<readonly Record<string, unknown>[]>;
  kill(): Promise<void>;
  start(extra?: readonly string[]): Promise<void>;
}

export interface TestPair {
  readonly members: readonly [PairMember, PairMember];
  readonly servers: readonly [Server, Server];
  readonly stateDir: string;
  stop(): Promise<void>;
}

function asUser(): string[] {
  return process.getuid?.() === 0 ? ['--user=root'] : [];
}

async function launch(dir: string, port: number, extra: readonly string[]): Promise<Running> {
  const conf = join(dir, 'conf');
  const temporary = join(dir, 'tmp');
  // A server that starts tidies its temporary folder: in a shared one it takes another's tables away.
  mkdirSync(temporary, { recursive: true });
  const child = run('/usr/sbin/mariadbd', [
    ...[
      `--defaults-file=${join(dir, 'my.cnf')}`,
      `--tmpdir=${temporary}`,
      `--datadir=${join(dir, 'data')}`,
      `--socket=${join(dir, 'sock')}`,
    ],
    ...[`--pid-file=${join(dir, 'pid')}`, `--port=${port}`, '--bind-address=127.0.0.1', '--skip-name-resolve'],
    ...[logFileSize, '--innodb-buffer-pool-size=32M', '--performance-schema=off'],
    ...['--character-set-server=utf8mb4', '--key-buffer-size=1M', ...asUser(), ...extra],
  ]);
  mkdirSync(conf, { recursive: true });
  await untilReady(child, () =>
    createConnection({ socketPath: join(dir, 'sock'), user: 'root', maxPreparedStatements: 1 }).then(
      async (connection) => {
        await connection.end();
        return true;
      },
      () => false,
    ),
  );
  return child;
}

/** The settings and certificates that `db setup` would install, so that it need restart nothing. */
async function configure(folder: string, n: number): Promise<void> {
  const made = await selfSigned({ names: ['127.0.0.1'], days: 10, keyType: 'rsa', key: makeRsaKey() });
  writeFileSync(join(folder, 'ca.pem'), made.cert);
  writeFileSync(join(folder, 'cert.pem'), made.cert);
  writeFileSync(join(folder, 'key.pem'), made.key);
  const lines = wantedSettings({ serverId: n, domain: n, offset: n }).flatMap(fileLines);
  const tls = ['ca', 'cert', 'key'].map((name) => `ssl_${name} = ${join(folder, `${name}.pem`)}`);
  writeFileSync(join(folder, 'tandem.cnf'), `[mysqld]\n${[...lines, ...tls].join('\n')}\n`);
}

export interface PairOptions {
  /** One way. */
  readonly delayMs?: number;
  /** The servers have their settings already. */
  readonly configured?: boolean;
  /** Told of each server's folder before anything is in it, such as to mount a small disk there. */
  readonly made?: (folder: string, n: number) => void;
  /** Further options of server 1 and 2. */
  readonly extra?: (n: number) => readonly string[];
}

async function member(root: string, n: number, options: PairOptions): Promise<PairMember & { end(): Promise<void> }> {
  const dir = join(root, `m${n}`);
  mkdirSync(dir, { recursive: true });
  options.made?.(dir, n);
  mkdirSync(join(dir, 'conf'), { recursive: true });
  chmodSync(dir, 0o700);
  writeFileSync(join(dir, 'my.cnf'), `[mysqld]\n!includedir ${join(dir, 'conf')}/\n`);
  if (options.configured === true) await configure(join(dir, 'conf'), n);
  await installMariadb(join(dir, 'data'));
  const port = await freePort();
  let extras: readonly string[] = options.extra?.(n) ?? [];
  let running = await launch(dir, port, extras);
  const proxy = await startDelayProxy(port, options.delayMs ?? 0);
  const side: Side = {
    id: `m${n}`,
    name: `M${n}`,
    number: n,
    hosts: [`m${n}.example.com`],
    access: {
      socket: join(dir, 'sock'),
      host: '127.0.0.1',
      port,
      user: 'root',
      peer: { host: '127.0.0.1', port: proxy.port },
      from: '127.0.0.1',
      directory: join(dir, 'conf'),
      // The archive comes on standard input; the server is asked to end and the test's own watcher starts it again.
      configure: [
        'sh',
        '-c',
        `tar -xf - -C '${join(dir, 'conf')}' && kill "$(cat '${join(dir, 'pid')}')" && while [ -e '${join(dir, 'pid')}' ]; do sleep 0.1; done`,
      ],
    },
  };
  const server = openServer(side);
  let stopping = false;
  let starting: Promise<void> | undefined;
  const watch = (one: Running): void => {
    void one.exited.then(() => {
      // As systemd would after `systemctl restart`.
      if (!stopping && one === running && one.child.exitCode === 0) starting = start(extras);
    });
  };
  async function start(extra: readonly string[] = extras): Promise<void> {
    extras = extra;
    running = await launch(dir, port, extra);
    watch(running);
  }
  watch(running);
  return {
    side,
    server,
    proxy,
    dir,
    async sql(statement, values = []) {
      const connection: Connection = await createConnection({ socketPath: join(dir, 'sock'), user: 'root' });
      try {
        const [rows] = await connection.query(statement, [...values]);
        return Array.isArray(rows) ? (rows as Record<string, unknown>[]) : [];
      } finally {
        await connection.end();
      }
    },
    async kill() {
      await running.end('SIGKILL');
    },
    start,
    async end() {
      stopping = true;
      await starting;
      await server.close();
      await proxy.close();
      await running.end('SIGKILL');
    },
  };
}

/** Starts both, empty and, unless configured, as Debian ships them: no log, no TLS, the same server id. */
export async function startPair(options: PairOptions = {}): Promise<TestPair> {
  const lacking = missing('mariadbd');
  if (lacking !== undefined) throw new Error(lacking);
  const dir = tempDir('tandem-pair');
  const [a, b] = await Promise.all([member(dir.path, 1, options), member(dir.path, 2, options)]);
  return {
    members: [a, b],
    servers: [a.server, b.server],
    stateDir: join(dir.path, 'state'),
    async stop() {
      await Promise.all([a.end(), b.end()]);
      dir.remove();
    },
  };
}

/** Runs the setup, agreeing to everything. `crash`: throws when that point is reached, as a kill would end it. */
export function setUp(
  pair: TestPair,
  options: {
    readonly tell?: (line: string) => void;
    readonly wishes?: Wishes;
    readonly crash?: string;
    readonly decides?: boolean;
  } = {},
): Promise<SetupResult> {
  const { tell = () => {}, wishes = {}, crash, decides = false } = options;
  return setUpMariadb(
    {
      servers: pair.servers,
      folder: folderIn(pair.stateDir, Date.now),
      clock: systemClock,
      panel: async () => [undefined, undefined],
      tell,
      agree: async () => true,
      crash(point) {
        if (point === crash) throw new Error(`crash at ${point}`);
      },
      decides,
    },
    wishes,
    { dryRun: false },
  );
}
