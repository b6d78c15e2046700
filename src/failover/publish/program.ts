import { execFile } from 'node:child_process';
import { AppError } from '../../errors.ts';

/** A name server's own program failed; its words are in the message. */
export class ProgramFailed extends AppError {
  readonly code = 'publish.program-failed';
  readonly retry = 'later';
}

export interface ProgramOptions {
  readonly signal: AbortSignal;
  readonly timeoutMs?: number;
  readonly stdin?: string;
}

const environment = { PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', LC_ALL: 'C' };

/** Runs a program without a shell and answers with what it wrote; throws ProgramFailed when it fails. */
export function runProgram(command: string, args: readonly string[], options: ProgramOptions): Promise<string> {
  const { signal, timeoutMs = 60_000, stdin } = options;
  return new Promise((resolve, reject) => {
    const child = execFile(
      command,
      args,
      { signal, timeout: timeoutMs, maxBuffer: 64 * 1024 * 1024, env: environment },
      (error, stdout, stderr) => {
        if (error === null) {
          resolve(`${stdout}${stderr}`);
          return;
        }
        const words = `${stderr}${stdout}`.trim().split('\n').slice(-3).join(' ').slice(0, 500);
        const how = error.killed === true ? `did not end within ${timeoutMs} ms` : `failed: ${words || error.message}`;
        reject(new ProgramFailed(`${command} ${how}`, { cause: error }));
      },
    );
    // A program that ends early closes its input; its exit code says why.
    child.stdin?.on('error', () => {});
    child.stdin?.end(stdin ?? '');
  });
}
