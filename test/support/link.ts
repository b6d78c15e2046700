import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';

/** Where something listens. */
export interface Endpoint {
  readonly host: string;
  readonly port: number;
}

/** One way from one place to another that can be cut: a TCP proxy. */
export interface Link {
  /** 'open'; 'cut': refused at once, and what was open is reset; 'hole': taken and never answered. */
  set(state: 'open' | 'cut' | 'hole'): void;
  close(): Promise<void>;
}

/** A reset of a socket that is saying goodbye fails in libuv, leaves it open, and Node 20 then never exits. */
function drop(socket: Socket): void {
  socket.on('error', () => {});
  if (socket.writableEnded) socket.destroy();
  else socket.resetAndDestroy();
}

/** Listens at one place and passes on to another. */
export async function openLink(at: Endpoint, to: Endpoint): Promise<Link> {
  let state: 'open' | 'cut' | 'hole' = 'open';
  const sockets = new Set<Socket>();
  function take(incoming: Socket): void {
    incoming.on('error', () => {});
    if (state === 'cut') {
      drop(incoming);
      return;
    }
    sockets.add(incoming);
    incoming.once('close', () => sockets.delete(incoming));
    if (state === 'hole') {
      incoming.pause();
      return;
    }
    const outgoing = connect({ ...to });
    sockets.add(outgoing);
    outgoing.once('close', () => sockets.delete(outgoing));
    // A port that refuses is passed on as a reset: to the asker it is as dead.
    outgoing.on('error', () => drop(incoming));
    incoming.on('close', () => outgoing.destroy());
    outgoing.on('close', () => incoming.destroy());
    incoming.pipe(outgoing).pipe(incoming);
  }
  const server: Server = createServer(take).listen(at.port, at.host);
  await once(server, 'listening');
  return {
    set(next) {
      state = next;
      if (next === 'open') return;
      for (const socket of sockets) {
        if (next === 'cut') drop(socket);
        else socket.unpipe();
      }
    },
    async close() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}
