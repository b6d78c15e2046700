/** Tandem's web role with a worker beside it, as on a control node. Arguments: JSON with the configuration file. */
import { loadConfig } from '../../src/config.ts';
import { createLifecycle } from '../../src/lifecycle.ts';
import { createLogger } from '../../src/log.ts';
import { openCore, secretFields } from '../../src/roles/core.ts';
import { startWeb } from '../../src/roles/web.ts';
import { openWorker } from '../../src/roles/worker.ts';

export interface TandemArgs {
  readonly configFile: string;
}

export type TandemReply = { readonly kind: 'ready'; readonly port: number; readonly token: string };

const { configFile } = JSON.parse(process.argv[2] ?? '') as TandemArgs;
const config = loadConfig({ file: configFile, env: {} });
const log = createLogger({ level: 'silent', redact: secretFields() });
const lifecycle = createLifecycle({ log });
const core = await openCore({ config, log, lifecycle, crash: () => {}, redisUrl: undefined });
await openWorker(core);
const { whm } = await startWeb(core, 'bench');
const { token } = await core.auth.tokenCreate({ owner: 'root', label: 'bench', acl: ['all'] });
process.send?.({ kind: 'ready', port: whm.port, token });
process.on('SIGTERM', () => void lifecycle.closeAll().then(() => process.exit(0)));
process.on('disconnect', () => process.exit(0));
