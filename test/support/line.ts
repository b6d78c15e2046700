import { connect, createServer, type Server, type Socket } from 'node:net';
import { freePort } from './processes.ts';

/** What becomes of a new connection over a line that is cut: it ends at once, or nothing ever comes of it. */
export type Cut = 'closed' | 'swallowed';

/** A TCP line with a delay, that can be cut: what is on its way is lost, and connections hang as on a dead line. */
export interface Line {
  readonly port: number;
  /** Usually new connections end at once. Of what is swallowed neither end learns, also when the line is mended. */
  cut(how?: Cut): void;
  mend(): void;
  bytes(): number;
  close(): Promise<void>;
}

/** Forwards to a port of 127.0.0.1 and holds every chunk half a round trip. */
export async function openLine(target: number, roundTripMs: number): Promise<Line> {
  const sockets = new Set<Socket>();
  const swallowed = new Set<Socket>();
  let isCut: Cut | undefined;
  let bytes = 0;
  const isDead = (socket: Socket): boolean => isCut !== undefined || swallowed.has(socket);
  const pass = (from: Socket, to: Socket): void => {
    from.on('data', (chunk: Buffer) => {
      setTimeout(() => {
        if (isDead(from) || to.destroyed) return;
        bytes += chunk.length;
        to.write(chunk);
      }, roundTripMs / 2);
    });
    from.on('end', () => setTimeout(() => isDead(from) || to.end(), roundTripMs / 2));
    from.on('error', () => isDead(from) || to.destroy());
    from.on('close', () => {
      sockets.delete(from);
      if (!isDead(from)) to.destroy();
    });
  };
  const server: Server = createServer((near) => {
    if (isCut === 'swallowed') {
      swallowed.add(near);
      near.on('error', () => near.destroy());
      near.resume();
      return;
    }
    if (isCut === 'closed') {
      near.destroy();
      return;
    }
    near.pause();
    setTimeout(() => {
      const far = connect({ port: target, host: '127.0.0.1', noDelay: true });
      near.setNoDelay(true);
      for (const socket of [near, far]) sockets.add(socket);
      pass(near, far);
      pass(far, near);
      near.resume();
    }, roundTripMs);
  });
  const port = await freePort();
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  return {
    port,
    bytes: () => bytes,
    cut(how = 'closed') {
      isCut = how;
      if (how === 'swallowed') for (const socket of sockets) swallowed.add(socket);
    },
    mend() {
      isCut = undefined;
      // Both ends learn of it only now.
      for (const socket of sockets) if (!swallowed.has(socket)) socket.destroy();
    },
    async close() {
      for (const socket of [...sockets, ...swallowed]) socket.destroy();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}
