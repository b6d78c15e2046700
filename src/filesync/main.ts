/** The entry of the package for a master: file sync alone, so that the agent loads nothing else of Tandem. */
import { filesyncCommand } from './run.ts';

process.exitCode = await filesyncCommand(process.argv.slice(2), { stdout: process.stdout, stderr: process.stderr });
