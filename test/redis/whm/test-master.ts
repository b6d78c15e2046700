import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { Socket } from 'node:net';
import { fileURLToPath } from 'node:url';
import { pino } from 'pino';
import { openWhmClient, type WhmClient, type WhmTarget } from '../../../src/whm/client.ts';

const folder = fileURLToPath(new URL('../../fixtures/whm/tls/', import.meta.url));

export function certificate(name: string): string {
  return readFileSync(`${folder}${name}.pem`, 'utf8');
}

export interface SeenRequest {
  readonly path: string;
  readonly body: string;
  readonly headers: IncomingMessage['headers'];
}

export type Answer = (response: ServerResponse, request: SeenRequest, socket: Socket) => void;

export const ok = (data: unknown = {}): string =>
  JSON.stringify({ data, metadata: { version: 1, command: 'x', result: 1, reason: 'OK' } });

/** A TLS server that answers as it is told and notes every request it has read whole. */
export interface TestMaster extends AsyncDisposable {
  readonly port: number;
  readonly requests: readonly SeenRequest[];
  /** Connections accepted so far, and those open now. */
  connections(): { readonly accepted: number; readonly open: number; readonly most: number };
  answer: Answer;
  /** Ends a connection with a TCP reset. */
  reset(socket: Socket): void;
  /** Bytes of decrypted requests that reached it, read or not. */
  bytesRead(): number;
  target(more?: Partial<WhmTarget>): WhmTarget;
  /** Closed with the master. `now` in milliseconds, default the machine's. */
  client(more?: Partial<WhmTarget>, now?: () => number): WhmClient;
}

export async function startMaster(): Promise<TestMaster> {
  const requests: SeenRequest[] = [];
  const sockets = new Set<Socket>();
  const clients: WhmClient[] = [];
  let accepted = 0;
  let most = 0;
  let bytes = 0;
  const server = createServer({ key: certificate('server-key'), cert: certificate('server') }, (request, response) => {
    const chunks: Buffer[] = [];
    request.on('error', () => undefined);
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const seen = { path: request.url ?? '', body: Buffer.concat(chunks).toString(), headers: request.headers };
      requests.push(seen);
      master.answer(response, seen, request.socket);
    });
  });
  const raw = new Map<number | undefined, Socket>();
  server.on('connection', (socket: Socket) => raw.set(socket.remotePort, socket));
  server.on('secureConnection', (socket) => {
    accepted += 1;
    sockets.add(socket);
    most = Math.max(most, sockets.size);
    socket.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
    });
    socket.on('error', () => undefined);
    socket.on('close', () => sockets.delete(socket));
  });
  server.on('tlsClientError', () => undefined);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  const { port } = address;

  const master: TestMaster = {
    port,
    requests,
    answer: (response) => response.end(ok()),
    bytesRead: () => bytes,
    reset: (socket) => raw.get(socket.remotePort)?.resetAndDestroy(),
    connections: () => ({ accepted, open: sockets.size, most }),
    target: (more = {}) => ({
      id: 'm1',
      hostname: 'm1.test',
      connect: '127.0.0.1',
      port,
      credentials: { kind: 'token', user: 'root', token: 'T0KEN' },
      tls: { kind: 'ca', pem: certificate('ca') },
      concurrency: 4,
      ...more,
    }),
    client(more, now) {
      const log = pino({ level: 'silent' });
      const client = openWhmClient(master.target(more), now === undefined ? { log } : { log, now });
      clients.push(client);
      return client;
    },
    async [Symbol.asyncDispose]() {
      await Promise.all(clients.map((client) => client.close()));
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
  return master;
}
