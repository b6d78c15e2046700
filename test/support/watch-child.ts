/** A watcher, a witness or a failover command in a process of its own: `tandem` without the other roles' code. */
import { exitOfError } from '../../src/cli/exit.ts';
import { failoverCommand } from '../../src/cli/failover.ts';
import { AppError } from '../../src/errors.ts';
import { openHere, watchRole, witnessRole } from '../../src/roles/watch.ts';

const [kind = 'watch', ...argv] = process.argv.slice(2);
const cli = { stdout: process.stdout, stderr: process.stderr, env: process.env, now: Date.now, openHere };

function start(): Promise<number> {
  if (kind === 'failover') return failoverCommand(argv, cli);
  return kind === 'witness' ? witnessRole(argv) : watchRole(argv);
}

try {
  process.exitCode = await start();
} catch (error) {
  process.stderr.write(`${String(error)} ${error instanceof AppError ? (error.hint ?? '') : ''}\n`);
  process.exitCode = exitOfError(error);
}
