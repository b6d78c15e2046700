/** The roles web and worker, in one process or in two. Each loads only what it needs: a worker is back sooner. */
import { fork } from 'node:child_process';
import { type Config, loadConfig } from '../config.ts';
import { closeOnSignals, createLifecycle, type Lifecycle } from '../lifecycle.ts';
import { createLogger, type Logger } from '../log.ts';
import type { Core } from './core.ts';
import { crashAt } from './crash.ts';
import { openKeeper } from './keeper.ts';
import { beKept, isKept, KEPT } from './kept.ts';
import { redisForRole } from './redis.ts';

function configOf(argv: readonly string[]): string | undefined {
  const at = argv.indexOf('--config');
  return at < 0 ? undefined : argv[at + 1];
}

interface Base {
  readonly config: Config;
  readonly log: Logger;
  readonly lifecycle: Lifecycle;
}

/**
 * Runs until it is told to stop: `tandem web`, `tandem worker`, `tandem web worker`. Answers the exit code; throws what
 * says why it could not start.
 */
export async function serve(argv: readonly string[], first: 'web' | 'worker', version: string): Promise<number> {
  const asked = new Set([first, ...argv]);
  const file = configOf(argv);
  const config = loadConfig(file === undefined ? {} : { file });
  const isWorkerAlone = asked.has('worker') && !asked.has('web');
  if (isWorkerAlone && !isKept(argv) && config.worker.standby && config.crashAt === undefined) {
    return keep(config, argv);
  }
  const { secretFields } = await import('./core.ts');
  const log = createLogger({ level: config.log.level, redact: secretFields() });
  const lifecycle = createLifecycle({ log });
  closeOnSignals(lifecycle, log, (code) => process.exit(code));
  const base = { config, log, lifecycle };
  try {
    if (isKept(argv)) await beKept(lifecycle, (redisUrl) => prepareWorker(base, redisUrl), beginWorker);
    else await open(base, asked, version);
  } catch (error) {
    await lifecycle.closeAll();
    throw error;
  }
  await new Promise<void>((resolve) => lifecycle.signal.addEventListener('abort', () => resolve()));
  await lifecycle.closeAll();
  return 0;
}

async function open(base: Base, asked: ReadonlySet<string>, version: string): Promise<void> {
  const core = await coreOf(base, await redisForRole(base.config, base.log, base.lifecycle));
  if (asked.has('web')) {
    const { startWeb } = await import('./web.ts');
    core.log.info({ ...(await startWeb(core, version)) }, 'listening');
  }
  if (asked.has('worker')) await beginWorker(await loadWorker(core));
}

async function coreOf({ config, log, lifecycle }: Base, redisUrl: string | undefined): Promise<Core> {
  const { openCore } = await import('./core.ts');
  return openCore({ config, log, lifecycle, crash: crashAt(config.crashAt), redisUrl });
}

async function loadWorker(core: Core) {
  const [{ openWorker }, { startNotify }, { openLegJournal }] = await Promise.all([
    import('./worker.ts'),
    import('./notify.ts'),
    import('./leg-journal.ts'),
  ]);
  return { core, legs: openLegJournal(core), openWorker, startNotify };
}

/** Everything but the work: the standby of a worker opens journal, Redis and clients, and touches nothing. */
async function prepareWorker(base: Base, redisUrl: string | undefined) {
  return loadWorker(await coreOf(base, redisUrl));
}

async function beginWorker(loaded: Awaited<ReturnType<typeof loadWorker>>): Promise<void> {
  const { core, legs, openWorker, startNotify } = loaded;
  await openWorker(core, legs);
  // A worker also warns: it knows what the masters said last.
  await startNotify(core);
}

const CLOSE_MS = 120_000;

/** A keeper with a worker and its standby as children. An embedded Redis is the keeper's, so that it outlives a worker. */
async function keep(config: Config, argv: readonly string[]): Promise<number> {
  const log = createLogger({ level: config.log.level, redact: [] });
  // Each part of a child has its own limit, and they come one after the other.
  const lifecycle = createLifecycle({ log, limitMs: CLOSE_MS });
  closeOnSignals(lifecycle, log, (code) => process.exit(code));
  try {
    const redisUrl = await redisForRole(config, log, lifecycle);
    // Told to stop while Redis started: then there is nothing to keep.
    if (lifecycle.signal.aborted) return 0;
    const [, program = ''] = process.argv;
    const keeper = openKeeper({ fork: () => fork(program, ['worker', ...argv, KEPT]), redisUrl, log });
    lifecycle.onClose('worker', () => keeper.close());
    return await keeper.ended;
  } finally {
    await lifecycle.closeAll();
  }
}
