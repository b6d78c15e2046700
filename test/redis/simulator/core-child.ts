import { simCommand } from '../../../src/simulator/cli.ts';

const stopped = new AbortController();
process.once('SIGTERM', () => stopped.abort());
process.exitCode = await simCommand(process.argv.slice(2), {
  stdout: process.stdout,
  stderr: process.stderr,
  signal: stopped.signal,
});
