/** The listeners of one simulated server. A port can be taken down and come back at the same place. */
import { createReadStream, statSync } from 'node:fs';
import type { IncomingMessage, RequestListener, Server, ServerResponse } from 'node:http';
import { createServer as createPlain } from 'node:http';
import { createServer as createTls } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import type { Side } from './auth.ts';
import type { Body } from './envelope.ts';
import type { Reply } from './perform.ts';
import { readRequest } from './request.ts';
import type { Service } from './service.ts';

export interface Listener {
  readonly port: number;
  /** Stops listening and cuts every connection. */
  down(): Promise<void>;
  /** Listens again on the same port; does nothing when it does already. */
  up(): Promise<void>;
}

function listen(server: Server, address: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, address, () => {
      server.off('error', reject);
      // A TCP server's address is always of this form.
      resolve((server.address() as AddressInfo).port);
    });
  });
}

/** Listens on an address; port 0 takes a free one. */
export async function openListener(
  options: {
    readonly address: string;
    readonly port: number;
    readonly tls?: { readonly key: string; readonly cert: string };
  },
  handler: RequestListener,
): Promise<Listener> {
  const settings = {
    keepAliveTimeout: 70_000,
    requestTimeout: 0,
    headersTimeout: 60_000,
    // Clients that send everything by GET put certificates into the address.
    maxHeaderSize: 64 * 1024,
    noDelay: true,
  };
  const { tls, address } = options;
  const server: Server =
    tls === undefined ? createPlain(settings, handler) : createTls({ ...settings, ...tls }, handler);
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('error', () => socket.destroy());
    socket.once('close', () => sockets.delete(socket));
  });
  const port = await listen(server, address, options.port);
  return {
    port,
    down: () =>
      new Promise((resolve) => {
        if (!server.listening) return resolve();
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
    async up() {
      if (!server.listening) await listen(server, address, port);
    },
  };
}

function send(response: ServerResponse, body: Body): void {
  const bytes = Buffer.from(body.text, 'utf8');
  response.writeHead(body.status, body.status === 403 ? 'Forbidden Access denied' : undefined, {
    'content-type': body.type,
    'content-length': bytes.length,
    'cache-control': 'no-cache, no-store, must-revalidate, private',
    server: 'cpsrvd',
    ...body.headers,
  });
  response.end(bytes);
}

function sendFile(request: IncomingMessage, response: ServerResponse, path: string, name: string): void {
  const source = createReadStream(path);
  source.on('error', () => request.socket.destroy());
  source.once('open', () => {
    response.writeHead(200, {
      'content-type': 'application/octet-stream',
      'content-length': statSync(path).size,
      'content-disposition': `attachment; filename="${name.replace(/[^\w. -]/gu, '_')}"`,
      server: 'cpsrvd',
    });
    source.pipe(response);
  });
}

function deliver(request: IncomingMessage, response: ServerResponse, reply: Reply): void {
  if (reply.kind === 'body') send(response, reply.body);
  else if (reply.kind === 'file') sendFile(request, response, reply.path, reply.name);
  else if (reply.kind === 'cut') request.socket.destroy();
}

/** Serves one side of cPanel over HTTP. A request that cannot be read is answered with 400. */
export function httpHandler(
  side: Side,
  service: Service,
  onError: (error: unknown) => void,
  uploads?: string,
): RequestListener {
  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const read = await readRequest(request, uploads).catch(() => undefined);
    if (read === undefined) {
      send(response, { status: 400, type: 'text/plain', text: 'Bad Request\n', headers: { connection: 'close' } });
      return;
    }
    try {
      deliver(request, response, await service(side, read));
    } finally {
      read.drop?.();
    }
  }
  return (request, response) => {
    serve(request, response).catch((error: unknown) => {
      onError(error);
      if (!response.headersSent) send(response, { status: 500, type: 'text/plain', text: 'Internal Server Error\n' });
    });
  };
}
