/** A process that starts the embedded Redis in a folder, prints the server's pid, and stays. */
import { startEmbeddedRedis } from '../../../src/store/embedded-redis.ts';
import { quiet } from './databases-quiet.ts';

const redis = await startEmbeddedRedis({ dir: process.argv[2] ?? '', log: quiet });
process.stdout.write(`${redis.pid}\n`);
setInterval(() => undefined, 60_000);
