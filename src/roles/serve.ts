/** The roles web and worker, in one process or in two. Each loads only what it needs: a worker is back sooner. */
import { loadConfig } from '../config.ts';
import { closeOnSignals, createLifecycle } from '../lifecycle.ts';
import { createLogger } from '../log.ts';
import { openCore, secretFields } from './core.ts';
import { crashAt } from './crash.ts';
import { redisForRole } from './redis.ts';

function configOf(argv: readonly string[]): string | undefined {
  const at = argv.indexOf('--config');
  return at < 0 ? undefined : argv[at + 1];
}

/**
 * Runs until it is told to stop: `tandem web`, `tandem worker`, `tandem web worker`. Answers the exit code; throws what
 * says why it could not start.
 */
export async function serve(argv: readonly string[], first: 'web' | 'worker', version: string): Promise<number> {
  const asked = new Set([first, ...argv]);
  const file = configOf(argv);
  const config = loadConfig(file === undefined ? {} : { file });
  const log = createLogger({ level: config.log.level, redact: secretFields() });
  const lifecycle = createLifecycle({ log });
  closeOnSignals(lifecycle, log, (code) => process.exit(code));
  try {
    const redisUrl = await redisForRole(config, log, lifecycle);
    const core = await openCore({ config, log, lifecycle, crash: crashAt(config.crashAt), redisUrl });
    if (asked.has('web')) {
      const { startWeb } = await import('./web.ts');
      core.log.info({ ...(await startWeb(core, version)) }, 'listening');
    }
    if (asked.has('worker')) {
      const [{ openWorker }, { startNotify }] = await Promise.all([import('./worker.ts'), import('./notify.ts')]);
      await openWorker(core);
      // A worker also warns: it knows what the masters said last.
      await startNotify(core);
    }
  } catch (error) {
    await lifecycle.closeAll();
    throw error;
  }
  await new Promise<void>((resolve) => lifecycle.signal.addEventListener('abort', () => resolve()));
  await lifecycle.closeAll();
  return 0;
}
