/**
 * Tandem's states as passive results for an existing Nagios 4 or Icinga.
 * Source: Nagios Core, "External Commands": PROCESS_SERVICE_CHECK_RESULT, written to a named pipe.
 */
import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { AppError } from '../../errors.ts';
import type { WatchStatus } from '../watch/status.ts';
import { writePlugin } from './plugin.ts';
import { servicesOf, stateOf } from './states.ts';

/** Nobody reads the pipe: Nagios is down, or there is none. */
export class NagiosAway extends AppError {
  readonly code = 'nagios.away';
  readonly retry = 'later';
}

/** One line each, with the time of the status. Semicolons end a field there. */
export function passiveLines(status: WatchStatus): readonly string[] {
  const seconds = Math.floor(Date.parse(status.at) / 1000);
  return servicesOf(status).map(({ host, service, question }) => {
    const { code, line } = writePlugin(stateOf(status, question));
    const field = (text: string): string => text.replaceAll(';', ',');
    return `[${seconds}] PROCESS_SERVICE_CHECK_RESULT;${field(host)};${field(service)};${code};${line}\n`;
  });
}

/** Writes below this many bytes into a pipe are never torn (POSIX: PIPE_BUF is 4096 on Linux). */
const whole = 4096;

/** Hands lines to Nagios. Opened without waiting: a pipe that nobody reads would hold the writer for ever. Throws NagiosAway. */
export async function writePassive(file: string, lines: readonly string[]): Promise<void> {
  const pipe = await open(file, constants.O_WRONLY | constants.O_NONBLOCK).catch((error: NodeJS.ErrnoException) => {
    const hint = 'Is Nagios running, and is command_file that path?';
    throw new NagiosAway(`${file} takes nothing: ${error.code ?? error.message}`, { cause: error, hint });
  });
  try {
    for (const line of lines) {
      const bytes = Buffer.from(line);
      await pipe.write(
        bytes.length <= whole ? bytes : Buffer.concat([bytes.subarray(0, whole - 1), Buffer.from('\n')]),
      );
    }
  } catch (error) {
    throw new NagiosAway(`${file} is full: Nagios reads too slowly`, { cause: error });
  } finally {
    await pipe.close();
  }
}
