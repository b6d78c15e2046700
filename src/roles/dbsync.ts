/** The dbsync role: watches the databases of both masters. Needs the configuration alone, no journal and no Redis. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { systemClock } from '../clock.ts';
import { type Config, loadConfig } from '../config.ts';
import { openPair } from '../dbsync/pair.ts';
import { metricsText, readState } from '../dbsync/state-file.ts';
import { newMemory, turn } from '../dbsync/turn.ts';
import { closeOnSignals, createLifecycle, type Lifecycle } from '../lifecycle.ts';
import { createLogger, type Logger } from '../log.ts';
import { loop } from '../loop.ts';
import type { Metrics } from '../routes/api/metrics.ts';
import { secretFields } from './core.ts';
import { limitsOf } from './databases/status-command.ts';

const everyMs = 1000;

/** Where the watch keeps what it knows. */
export function databasesFolder(config: Pick<Config, 'stateDir'>): string {
  return join(config.stateDir, 'dbsync');
}

/** Starts the watch; it ends with the lifecycle. */
export function startDbsync(config: Config, log: Logger, lifecycle: Lifecycle): void {
  const pair = openPair(config);
  const folder = databasesFolder(config);
  const memory = newMemory();
  const deps = {
    ...{ servers: pair.servers, folder, clock: systemClock, log, limits: limitsOf({ config }) },
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
      const sentence = await turn(deps, memory);
      const kinds = sentence.replaceAll(/\d/g, '');
      if (kinds !== last) log.info({ sentence }, 'databases');
      last = kinds;
      const state = await readState(folder);
      // For a node exporter's text file collector, where no web role serves the numbers.
      if (state !== undefined) await writeFile(join(folder, 'metrics.prom'), metricsText(state, Date.now()));
    },
  });
  lifecycle.onClose('dbsync', async () => {
    await watching.ended;
    await pair.close();
  });
}

/** `tandem dbsync`: runs until it is told to stop. */
export async function dbsyncRole(argv: readonly string[]): Promise<number> {
  const at = argv.indexOf('--config');
  const file = at < 0 ? undefined : argv[at + 1];
  const config = loadConfig(file === undefined ? {} : { file });
  const log = createLogger({ level: config.log.level, redact: secretFields() });
  const lifecycle = createLifecycle({ log });
  closeOnSignals(lifecycle, log, (code) => process.exit(code));
  startDbsync(config, log, lifecycle);
  await new Promise<void>((resolve) => lifecycle.signal.addEventListener('abort', () => resolve()));
  await lifecycle.closeAll();
  return 0;
}

/** The metrics with the databases' figures behind them, while a watch on this node writes them. */
export function withDatabases(metrics: Metrics, config: Pick<Config, 'stateDir'>): Metrics {
  return {
    ...metrics,
    async text() {
      const [own, state] = await Promise.all([metrics.text(), readState(databasesFolder(config))]);
      return state === undefined ? own : `${own}${own.endsWith('\n') ? '' : '\n'}${metricsText(state, Date.now())}`;
    },
  };
}
