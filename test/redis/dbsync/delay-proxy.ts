/** A TCP proxy that delays both directions, and can swallow everything as a cut does: nobody is told. */
import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';

export interface DelayProxy {
  readonly port: number;
  /** From now on nothing passes and nothing is refused. */
  cut(): void;
  /** Ends what hung, as the routers' resets would; new connections pass. */
  heal(): void;
  close(): Promise<void>;
}

function relay(from: Socket, to: Socket, delayMs: number, isCut: () => boolean): void {
  from.on('data', (chunk) => {
    if (isCut()) return;
    setTimeout(() => {
      if (!isCut() && !to.destroyed) to.write(chunk);
    }, delayMs);
  });
  from.on('error', () => to.destroy());
  from.on('close', () => {
    if (!isCut()) setTimeout(() => to.destroy(), delayMs);
  });
}

/** Listens on a free port of 127.0.0.1. `delayMs`: one way. */
export async function startDelayProxy(target: number, delayMs: number): Promise<DelayProxy> {
  let isCut = false;
  const live = new Set<Socket>();
  const server = createServer((client) => {
    client.setNoDelay(true);
    live.add(client);
    client.on('close', () => live.delete(client));
    if (isCut) {
      client.on('error', () => client.destroy());
      client.resume();
      return;
    }
    const upstream = connect(target, '127.0.0.1');
    upstream.setNoDelay(true);
    live.add(upstream);
    upstream.on('close', () => live.delete(upstream));
    relay(client, upstream, delayMs, () => isCut);
    relay(upstream, client, delayMs, () => isCut);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return {
    port: address.port,
    cut() {
      isCut = true;
    },
    heal() {
      isCut = false;
      for (const one of live) one.destroy();
    },
    async close() {
      for (const one of live) one.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}
