/** The dbsync role: watches the databases of both masters. Needs the configuration alone, no journal and no Redis. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { systemClock } from '../clock.ts';
import { type Config, type LoadOptions, loadConfig } from '../config.ts';
import { folderIn } from '../dbsync/mariadb/folder.ts';
import { openPair } from '../dbsync/pair.ts';
import { hasPostgres, pgPairOf } from '../dbsync/postgres/pair.ts';
import { newPgMemory, pgTurn, stopFollowing } from '../dbsync/postgres/watch-turn.ts';
import { databasesState, metricsText } from '../dbsync/state-file.ts';
import { newMemory, turn } from '../dbsync/turn.ts';
import { closeOnSignals, createLifecycle, type Lifecycle } from '../lifecycle.ts';
import { createLogger, type Logger } from '../log.ts';
import { loop } from '../loop.ts';
import type { Metrics } from '../routes/api/metrics.ts';
import { activeMasters } from './active-masters.ts';
import { secretFields } from './core.ts';
import { limitsOf } from './databases/status-command.ts';

const everyMs = 1000;

/** Where the watch keeps what it knows. */
export function databasesFolder(config: Pick<Config, 'stateDir'>): string {
  return join(config.stateDir, 'dbsync');
}

function postgresFolder(config: Pick<Config, 'stateDir'>): string {
  return join(databasesFolder(config), 'postgres');
}

/** Starts the watches of the engines that are configured; they end with the lifecycle. Throws Invalid without any. */
export function startDbsync(config: Config, log: Logger, lifecycle: Lifecycle, options: LoadOptions = {}): void {
  const isPostgres = hasPostgres(config);
  // Without PostgreSQL, MariaDB's own check says what is missing.
  if (!isPostgres || config.masters.some((one) => one.mariadb !== undefined))
    startMariadb(config, log, lifecycle, options);
  if (isPostgres) startPostgres(config, log, lifecycle);
}

/** A watch that never got to its first look must not be taken for an engine that is not configured. */
async function claim(folder: string): Promise<void> {
  if ((await databasesState.read(folder)) !== undefined) return;
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const empty = { directions: [], servers: [], errant: 0, warnings: [], history: [], conflicts: 0 };
  await databasesState.write(folder, { at: Date.now(), ...empty });
}

function startPostgres(config: Config, log: Logger, lifecycle: Lifecycle): void {
  const stateFolder = postgresFolder(config);
  const memory = newPgMemory();
  const servers = pgPairOf(config, { watched: true });
  const deps = {
    ...{ servers, stateFolder, folder: folderIn(config.stateDir, Date.now) },
    ...{ clock: systemClock, log, lagWarnMs: limitsOf({ config }).lagWarnMs },
    warn: (warning: { code: string; sentence: string }, state: 'begins' | 'ends') =>
      log.warn({ event: warning.code, state, sentence: warning.sentence }, 'databases'),
  };
  let last = '';
  const watching = loop({
    ...{ name: 'dbsync postgres', everyMs, clock: systemClock, log, signal: lifecycle.signal },
    async turn() {
      await claim(stateFolder);
      const sentence = await pgTurn(deps, memory);
      const kinds = sentence.replaceAll(/\d/g, '');
      if (kinds !== last) log.info({ sentence }, 'databases');
      last = kinds;
      const state = await databasesState.read(stateFolder);
      if (state !== undefined)
        await writeFile(join(stateFolder, 'metrics.prom'), metricsText(state, Date.now(), 'tandem_pg'));
    },
  });
  lifecycle.onClose('dbsync postgres', async () => {
    await watching.ended;
    await stopFollowing(memory);
    await Promise.all(servers.map((one) => one.close()));
  });
}

function startMariadb(config: Config, log: Logger, lifecycle: Lifecycle, options: LoadOptions): void {
  const pair = openPair(config);
  const folder = databasesFolder(config);
  const memory = newMemory();
  const deps = {
    ...{ servers: pair.servers, folder, clock: systemClock, log, limits: limitsOf({ config }) },
    decides: config.databases.decideConflicts,
    active: activeMasters(options, Date.now),
    warn: (warning: { code: string; sentence: string }, state: 'begins' | 'ends') =>
      log.warn({ event: warning.code, state, sentence: warning.sentence }, 'databases'),
  };
  let last = '';
  const watching = loop({
    name: 'dbsync',
    everyMs,
    clock: systemClock,
    log,
    signal: lifecycle.signal,
    async turn() {
      await claim(folder);
      const sentence = await turn(deps, memory);
      const kinds = sentence.replaceAll(/\d/g, '');
      if (kinds !== last) log.info({ sentence }, 'databases');
      last = kinds;
      const state = await databasesState.read(folder);
      // For a node exporter's text file collector, where no web role serves the numbers.
      if (state !== undefined) await writeFile(join(folder, 'metrics.prom'), metricsText(state, Date.now()));
    },
  });
  lifecycle.onClose('dbsync', async () => {
    await watching.ended;
    await memory.conflicts.working;
    await memory.strangers.working;
    await pair.close();
  });
}

/** `tandem dbsync`: runs until it is told to stop. */
export async function dbsyncRole(argv: readonly string[]): Promise<number> {
  const at = argv.indexOf('--config');
  const file = at < 0 ? undefined : argv[at + 1];
  const options = file === undefined ? {} : { file };
  const config = loadConfig(options);
  const log = createLogger({ level: config.log.level, redact: secretFields() });
  const lifecycle = createLifecycle({ log });
  closeOnSignals(lifecycle, log, (code) => process.exit(code));
  startDbsync(config, log, lifecycle, options);
  await new Promise<void>((resolve) => lifecycle.signal.addEventListener('abort', () => resolve()));
  await lifecycle.closeAll();
  return 0;
}

/** The metrics with the databases' figures behind them, while a watch on this node writes them. */
export function withDatabases(metrics: Metrics, config: Pick<Config, 'stateDir'>): Metrics {
  return {
    ...metrics,
    async text() {
      const [own, state, postgres] = await Promise.all([
        metrics.text(),
        databasesState.read(databasesFolder(config)),
        databasesState.read(postgresFolder(config)),
      ]);
      const parts = [
        ...(state === undefined ? [] : [metricsText(state, Date.now())]),
        ...(postgres === undefined ? [] : [metricsText(postgres, Date.now(), 'tandem_pg')]),
      ];
      return parts.length === 0 ? own : `${own}${own.endsWith('\n') ? '' : '\n'}${parts.join('')}`;
    },
  };
}
