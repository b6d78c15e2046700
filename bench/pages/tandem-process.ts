/** Tandem's web role with a worker beside it, and somebody who may sign in. Arguments: JSON with the configuration file. */
import { loadConfig } from '../../src/config.ts';
import { createLifecycle } from '../../src/lifecycle.ts';
import { createLogger } from '../../src/log.ts';
import { openCore, secretFields } from '../../src/roles/core.ts';
import { tlsOf } from '../../src/roles/listen.ts';
import { startWeb } from '../../src/roles/web.ts';
import { openWorker } from '../../src/roles/worker.ts';

export interface PagesArgs {
  readonly configFile: string;
  readonly password: string;
}

export type PagesReply = { readonly kind: 'ready'; readonly port: number; readonly ca: string };

// Cast: written by index.ts alone.
const { configFile, password } = JSON.parse(process.argv[2] ?? '') as PagesArgs;
const config = loadConfig({ file: configFile, env: {} });
const log = createLogger({ level: 'silent', redact: secretFields() });
const lifecycle = createLifecycle({ log });
const core = await openCore({ config, log, lifecycle, crash: () => {}, redisUrl: undefined });
await openWorker(core);
const { portal } = await startWeb(core, 'bench');
await core.auth.personAdd({ name: 'ana', role: 'owner', password });
process.send?.({ kind: 'ready', port: portal.port, ca: (await tlsOf(config)).cert });
process.on('SIGTERM', () => void lifecycle.closeAll().then(() => process.exit(0)));
process.on('disconnect', () => process.exit(0));
