/** The control node's watch over the agents of file sync: asks each every ten seconds and writes down what it heard. */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { systemClock } from '../../clock.ts';
import type { MasterConfig } from '../../config.ts';
import { filesMetrics } from '../../filesync/figures.ts';
import { filesState, lookAround, type Watched } from '../../filesync/watch.ts';
import { loop } from '../../loop.ts';
import { openPlacement } from '../../operations/placement.ts';
import type { Metrics } from '../../routes/api/metrics.ts';
import type { Core } from '../core.ts';
import { tellLeftOut } from './left-out.ts';
import { endFinished } from './work.ts';

const everyMs = 10_000;

/** What of the configuration is about files. */
export interface FilesConfig {
  readonly stateDir: string;
  readonly masters: readonly Pick<MasterConfig, 'id' | 'name' | 'filesync'>[];
}

/** The masters whose agents this node may ask; none: it knows nothing of files. */
export function watchedOf(config: Pick<FilesConfig, 'masters'>): readonly Watched[] {
  return config.masters.flatMap(({ id, name, filesync }) =>
    filesync === undefined ? [] : [{ id, name, way: filesync }],
  );
}

/** Where the watch keeps what it knows. */
export function filesFolder(config: Pick<FilesConfig, 'stateDir'>): string {
  return join(config.stateDir, 'filesync');
}

/** Starts the watch, if there is anything to watch. Stops with the core. */
export async function startFiles(core: Core): Promise<void> {
  const { config, lifecycle, log, operations } = core;
  const watched = watchedOf(config);
  if (watched.length === 0) return;
  const folder = filesFolder(config);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  let state = await filesState.read(folder);
  // Only asked here: nothing is said, so there is nothing to note.
  const placement = openPlacement({ ...core.deps, reads: core.reads }, async () => {});
  const watching = loop({
    name: 'file sync',
    everyMs,
    clock: systemClock,
    log,
    signal: lifecycle.signal,
    async turn(signal) {
      state = await lookAround(watched, state, Date.now, signal);
      await filesState.write(folder, state);
      await endFinished(watched, state, (id) => operations.get(id), signal);
      await tellLeftOut(watched, state, () => placement.withoutFileSync(), signal);
    },
  });
  lifecycle.onClose('file sync watch', () => watching.ended);
}

/** The metrics with the agents' figures behind them, while a worker on this node looks at them. */
export function withFiles(metrics: Metrics, config: Pick<FilesConfig, 'stateDir'>): Metrics {
  return {
    ...metrics,
    async text() {
      const [own, state] = await Promise.all([metrics.text(), filesState.read(filesFolder(config))]);
      return state === undefined ? own : `${own}${own.endsWith('\n') ? '' : '\n'}${filesMetrics(state, Date.now())}`;
    },
  };
}
