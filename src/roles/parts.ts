/** What commands work with. They end soon, so they start no Redis and no worker. */
import { loadConfig } from '../config.ts';
import { loadPublishConfig } from '../config-publish.ts';
import { createLifecycle } from '../lifecycle.ts';
import { createLogger } from '../log.ts';
import { mastersOf, withOwnLabels } from '../masters.ts';
import type { verifyMaster } from '../verify/verify.ts';
import { openCore, secretFields } from './core.ts';
import { driftOf } from './drift.ts';
import { redisForCommand } from './redis.ts';

/**
 * Opens the parts from a configuration; `untilTold` gives the signal that ends a long verification. Throws Invalid for a
 * wrong configuration, Unreachable for an absent journal; what was opened by then is closed.
 */
export async function openParts(file: string | undefined, untilTold: () => AbortSignal) {
  const named = file === undefined ? {} : { file };
  const config = loadConfig(named);
  const log = createLogger({ level: 'warn', redact: secretFields() });
  const lifecycle = createLifecycle({ log });
  try {
    const core = await openCore({ config, log, lifecycle, crash: () => {}, redisUrl: redisForCommand(config) });
    return {
      operations: core.operations,
      reads: core.reads,
      auth: core.auth,
      archives: core.archives,
      drift: driftOf(core),
      doctor: async () => (await import('./doctor.ts')).doctor(core, redisForCommand(config), loadPublishConfig(named)),
      async verify(id: string, options: Parameters<typeof verifyMaster>[1]) {
        const { targetOf, verifyMaster: verify } = await import('../verify/verify.ts');
        // All actions are tried, also one that is not used here.
        const masters = mastersOf(withOwnLabels(config.masters), config.addressPairs);
        return verify({ target: targetOf(config.masters, id), masters, signal: untilTold() }, options);
      },
      close: () => lifecycle.closeAll(),
    };
  } catch (error) {
    await lifecycle.closeAll();
    throw error;
  }
}
