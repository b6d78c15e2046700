/** Two real PostgreSQL servers with a delay proxy between them. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import { expect } from 'vitest';
import { systemClock } from '../../../src/clock.ts';
import { folderIn } from '../../../src/dbsync/mariadb/folder.ts';
import type { SetupResult } from '../../../src/dbsync/mariadb/setup.ts';
import type { Side } from '../../../src/dbsync/model.ts';
import { openPgServer, type PgServer } from '../../../src/dbsync/postgres/connect.ts';
import { type Running, runDirection } from '../../../src/dbsync/postgres/direction.ts';
import type { LinkDeps } from '../../../src/dbsync/postgres/link.ts';
import { wantedPgSettings } from '../../../src/dbsync/postgres/settings.ts';
import { setUpPostgres } from '../../../src/dbsync/postgres/setup.ts';
import { createLogger } from '../../../src/log.ts';
import { type Running as Child, freePort, missing, run, untilReady } from '../../support/processes.ts';
import { type DelayProxy, startDelayProxy } from './delay-proxy.ts';
import { asServer, bin, installPostgres, memoryDir, own, reachable } from './pg-install.ts';

export interface PgMember {
  readonly side: Side;
  readonly server: PgServer;
  /** The other master reaches this one through it. */
  readonly proxy: DelayProxy;
  /** One statement as a role on a database; rows as the driver reads them. */
  sql(database: string, statement: string, as?: string): Promise<readonly Record<string, unknown>[]>;
  kill(): Promise<void>;
  start(): Promise<void>;
}

export interface PgTestPair {
  readonly members: readonly [PgMember, PgMember];
  readonly servers: readonly [PgServer, PgServer];
  readonly stateDir: string;
  stop(): Promise<void>;
}

async function launch(dir: string, port: number): Promise<Child> {
  const [first = '', ...rest] = [
    ...asServer().before,
    join(bin, 'postgres'),
    ...['-D', join(dir, 'data'), '-p', String(port), '-h', '127.0.0.1', '-k', dir],
    // Tests kill processes, not machines.
    ...['-c', 'shared_buffers=16MB', '-c', 'wal_sync_method=fdatasync', '-c', 'log_checkpoints=off'],
  ];
  const child = run(first, rest);
  await untilReady(child, async () => {
    const client = new pg.Client({ host: dir, port, user: 'postgres', database: 'postgres' });
    client.on('error', () => {});
    try {
      await client.connect();
      await client.end();
      return true;
    } catch {
      return false;
    }
  });
  return child;
}

function configure(dir: string, databases: number): void {
  // Releases from before 15.19 have no such setting, and refuse to start with it.
  const settings = execFileSync(join(bin, 'postgres'), ['--describe-config'], { encoding: 'utf8' });
  const known = settings.includes('output_plugin_libraries')
    ? { output_plugin_libraries: { value: 'pgoutput,test_decoding', pending: false } }
    : {};
  const lines = wantedPgSettings(known, { databases, keepMegabytes: 500 }).map((one) => `${one.name} = '${one.value}'`);
  writeFileSync(join(dir, 'data', 'postgresql.auto.conf'), `${lines.join('\n')}\n`);
}

export interface PgPairOptions {
  /** One way. */
  readonly delayMs?: number;
  /** The servers have their settings already, for so many databases. */
  readonly configured?: number;
}

async function member(root: string, n: number, options: PgPairOptions): Promise<PgMember & { end(): Promise<void> }> {
  const dir = join(root, `m${n}`);
  mkdirSync(dir, { recursive: true });
  own(dir);
  await installPostgres(join(dir, 'data'));
  if (options.configured !== undefined) configure(dir, options.configured);
  const port = await freePort();
  let running = await launch(dir, port);
  const proxy = await startDelayProxy(port, options.delayMs ?? 0);
  const pid = join(dir, 'data', 'postmaster.pid');
  const side: Side = {
    ...{ id: `m${n}`, name: `M${n}`, number: n, hosts: [`m${n}.example.com`] },
    access: {
      ...{ socket: dir, host: '127.0.0.1', port, user: 'postgres', from: '127.0.0.1', directory: dir },
      peer: { host: '127.0.0.1', port: proxy.port },
      configure: [
        'sh',
        '-c',
        `was=$(head -n 1 '${pid}') && kill -INT "$was" && while kill -0 "$was" 2>/dev/null; do sleep 0.1; done`,
      ],
    },
  };
  const server = openPgServer(side);
  let stopping = false;
  let starting: Promise<void> | undefined;
  async function start(): Promise<void> {
    running = await launch(dir, port);
    watch(running);
  }
  function watch(one: Child): void {
    void one.exited.then(() => {
      // As systemd would after `systemctl restart`.
      if (!stopping && one === running && one.child.exitCode === 0) starting = start();
    });
  }
  watch(running);
  return {
    ...{ side, server, proxy, start },
    async sql(database, statement, as = 'postgres') {
      const client = new pg.Client({ host: dir, port, user: as, database });
      client.on('error', () => {});
      await client.connect();
      try {
        const answer: unknown = await client.query(statement);
        const last = Array.isArray(answer) ? answer.at(-1) : answer;
        return (last as pg.QueryResult<Record<string, unknown>>).rows;
      } finally {
        await client.end();
      }
    },
    kill: () => running.end('SIGKILL'),
    async end() {
      stopping = true;
      await starting;
      await proxy.close();
      await running.end('SIGQUIT');
    },
  };
}

/** Starts both, empty; unless configured as initdb leaves them: no TLS, no logical log. */
export async function startPgPair(options: PgPairOptions = {}): Promise<PgTestPair> {
  const lacking = missing(join(bin, 'postgres'));
  if (lacking !== undefined) throw new Error(lacking);
  const dir = memoryDir();
  reachable(dir.path);
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

/** What linking takes. `crash`: throws when that point is reached, as a kill would end it. */
export function linkDeps(
  pair: PgTestPair,
  options: { readonly tell?: (line: string) => void; readonly crash?: string } = {},
): LinkDeps {
  return {
    servers: pair.servers,
    folder: folderIn(pair.stateDir, Date.now),
    clock: systemClock,
    tell: options.tell ?? (() => {}),
    crash(point: string) {
      if (point === options.crash) throw new Error(`crash at ${point}`);
    },
  };
}

/** Runs the setup, agreeing to everything. */
export function setUpPg(
  pair: PgTestPair,
  options: {
    readonly tell?: (line: string) => void;
    readonly crash?: string;
    readonly from?: string;
    readonly databases?: number;
    readonly dryRun?: boolean;
  } = {},
): Promise<SetupResult> {
  const limits = { databases: options.databases ?? 10, keepMegabytes: 500 };
  const { dryRun = false } = options;
  return setUpPostgres({ ...linkDeps(pair, options), limits, agree: async () => true }, options.from, { dryRun });
}

/** A server as it is reached over the long way. */
export function farAway(one: PgMember): PgServer {
  return openPgServer({ ...one.side, access: { ...one.side.access, socket: '127.0.0.1', port: one.proxy.port } });
}

/** Carries databases both ways until it is stopped; each master is read over the long way. */
export function carryAll(
  pair: PgTestPair,
  databases: readonly string[],
): {
  readonly running: readonly Running[];
  stop(): Promise<void>;
} {
  const [a, b] = pair.members;
  const log = createLogger({ level: 'warn', redact: [] });
  const ways = [
    [farAway(a), b.server],
    [farAway(b), a.server],
  ] as const;
  const running = databases.flatMap((database) =>
    ways.map(([from, to]) => runDirection({ from, to, database, clock: systemClock, log })),
  );
  return {
    running,
    async stop() {
      await Promise.all(running.map((one) => one.stop()));
    },
  };
}

/** Waits until the first value of the first row is as expected. */
export async function arrivesOn(on: PgMember, database: string, statement: string, expected: unknown): Promise<void> {
  const first = async (): Promise<unknown> => {
    try {
      return Object.values((await on.sql(database, statement))[0] ?? {})[0];
    } catch (error) {
      return error;
    }
  };
  await expect.poll(first, { timeout: 30_000, interval: 100 }).toEqual(expected);
}
