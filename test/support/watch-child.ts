/** A watcher or witness in a process of its own: `tandem watch` or `tandem witness` without the other roles' code. */
import { AppError } from '../../src/errors.ts';
import { watchRole, witnessRole } from '../../src/roles/watch.ts';

const [kind = 'watch', ...argv] = process.argv.slice(2);
try {
  process.exitCode = await (kind === 'witness' ? witnessRole(argv) : watchRole(argv));
} catch (error) {
  process.stderr.write(`${String(error)} ${error instanceof AppError ? (error.hint ?? '') : ''}\n`);
  process.exitCode = 1;
}
