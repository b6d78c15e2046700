/** Reading lines of a socket before it becomes a pipe. */
import type { Socket } from 'node:net';
import { AppError } from '../errors.ts';

/** The other side of a mail connection went away, said too much, or something that is no mail protocol. */
export class MailTrouble extends AppError {
  readonly code = 'webmail.mail';
  readonly retry = 'later';
}

export interface Lines {
  /** The next line without its end. Rejects when the socket ends, and when a line is longer than 16 KiB. */
  next(): Promise<string>;
  /** Stops reading lines: what was not read yet goes first into the pipe. */
  pipeTo(other: Socket): void;
}

const longest = 16 * 1024;

/** Reads from a socket that nobody else reads from. */
export function linesOf(socket: Socket): Lines {
  let held = Buffer.alloc(0);
  let failed: Error | undefined;
  let wake = (): void => {};
  const take = (chunk: Buffer): void => {
    held = Buffer.concat([held, chunk]);
    if (held.length > longest && !held.includes(0x0a)) socket.destroy(new MailTrouble('a line without an end'));
    wake();
  };
  const over = (error?: Error | boolean): void => {
    failed ??= error instanceof Error ? error : new MailTrouble('the connection was closed');
    wake();
  };
  socket.on('data', take).on('error', over).on('close', over).on('end', over);
  return {
    async next() {
      for (;;) {
        const end = held.indexOf(0x0a);
        if (end >= 0) {
          const line = held.subarray(0, end).toString('utf8').replace(/\r$/, '');
          held = held.subarray(end + 1);
          return line;
        }
        if (failed !== undefined) throw failed;
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    },
    pipeTo(other) {
      socket.off('data', take);
      if (held.length > 0) other.write(held);
      socket.pipe(other);
    },
  };
}
