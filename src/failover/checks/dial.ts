import { connect, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { CheckAround } from './kind.ts';

/** A conversation of a few lines with one server. */
export interface Line {
  /** What has come so far, once `enough` says so. Throws when the other side ends first. At most 64 KiB. */
  read(enough: (bytes: Buffer) => boolean): Promise<Buffer>;
  write(text: string): void;
}

const most = 65_536;

/** It closed the connection before it said enough. */
export class EndedEarly extends Error {
  readonly code = 'ECHECKENDED';
}

function opened(socket: Socket, event: 'connect' | 'secureConnect', signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
    socket.once(event, resolve);
    socket.once('error', reject);
  });
}

function lineOf(socket: Socket, signal: AbortSignal): Line {
  let bytes = Buffer.alloc(0);
  let failed: unknown;
  let look: () => void = () => {};
  socket.on('data', (chunk: Buffer) => {
    bytes = Buffer.concat([bytes, chunk]).subarray(0, most);
    look();
  });
  const end = (error?: unknown): void => {
    failed ??= error instanceof Error ? error : new EndedEarly('it closed the connection');
    look();
  };
  socket.on('error', end);
  socket.on('close', () => end());
  signal.addEventListener('abort', () => end(signal.reason), { once: true });
  return {
    read(enough) {
      return new Promise((resolve, reject) => {
        look = () => {
          if (enough(bytes)) {
            const said = bytes;
            bytes = Buffer.alloc(0);
            resolve(said);
          } else if (failed !== undefined) reject(failed);
        };
        look();
      });
    },
    write: (text) => void socket.write(text),
  };
}

export interface DialOptions {
  readonly host: string;
  readonly port: number;
  /** TLS from the first byte. Certificates are not judged here: the question is whether it serves. */
  readonly tls?: boolean;
}

/** Connects, talks, and hangs up whatever happens. */
export async function dial<T>(
  options: DialOptions,
  around: Pick<CheckAround, 'signal'>,
  talk: (line: Line) => Promise<T>,
): Promise<T> {
  const { host, port, tls = false } = options;
  around.signal.throwIfAborted();
  const socket = tls ? connectTls({ host, port, rejectUnauthorized: false }) : connect({ host, port });
  // Errors after the talk are nobody's.
  socket.on('error', () => {});
  try {
    await opened(socket, tls ? 'secureConnect' : 'connect', around.signal);
    return await talk(lineOf(socket, around.signal));
  } finally {
    socket.destroy();
  }
}
