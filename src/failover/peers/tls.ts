import type { IncomingMessage, RequestListener, Server } from 'node:http';
import { Agent, createServer, request } from 'node:https';
import { type PeerCertificate, TLSSocket } from 'node:tls';
import { AppError, messageOf } from '../../errors.ts';
import { messageBytes } from './protocol.ts';

/** Mutual TLS between places: one CA for all, the certificate's common name is the place's id. */

export interface PeerTls {
  /** PEM. */
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
}

/** The other side did not answer, or not as it should. Says nothing about any master. */
export class PeerSilent extends AppError {
  readonly code = 'watch.peer-silent';
  readonly retry = 'later';
}

/** Whose certificate the other side showed; undefined when it showed none that our CA made. */
export function peerOf(incoming: IncomingMessage): string | undefined {
  const { socket } = incoming;
  if (!(socket instanceof TLSSocket) || !socket.authorized) return undefined;
  const name = socket.getPeerCertificate().subject?.CN;
  return typeof name === 'string' ? name : undefined;
}

/** Reads a body of at most 4 MiB. Throws RangeError when it is longer. */
export async function bodyOf(incoming: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of incoming) {
    const chunk: Buffer = part;
    size += chunk.length;
    if (size > messageBytes) throw new RangeError('the message is too long');
    parts.push(chunk);
  }
  return Buffer.concat(parts).toString('utf8');
}

/** Reads a body as JSON. Throws RangeError when it is too long, SyntaxError when it is no JSON. */
export async function jsonBody(incoming: IncomingMessage): Promise<unknown> {
  return JSON.parse(await bodyOf(incoming));
}

/** A request's JSON, or why it is none; what is no JSON is the sender's fault and no failure here. */
export async function readJson(
  incoming: IncomingMessage,
): Promise<{ readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly why: string }> {
  try {
    return { ok: true, value: await jsonBody(incoming) };
  } catch (error) {
    return { ok: false, why: messageOf(error) };
  }
}

/** A server that only talks to those who show a certificate of our CA. */
export function peerServer(tls: PeerTls, listener: RequestListener): Server {
  const server = createServer(
    { ...tls, requestCert: true, rejectUnauthorized: true, minVersion: 'TLSv1.3', requestTimeout: 10_000 },
    listener,
  );
  server.keepAliveTimeout = 30_000;
  return server;
}

export interface PeerClient {
  /** Posts JSON and gives back the JSON that comes. Throws PeerSilent. */
  post(path: string, body: unknown, signal: AbortSignal): Promise<unknown>;
  close(): void;
}

function send(options: {
  readonly url: URL;
  readonly agent: Agent;
  readonly text: string;
  readonly signal: AbortSignal;
}): Promise<IncomingMessage> {
  const { url, agent, text, signal } = options;
  return new Promise((resolve, reject) => {
    const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) };
    const asked = request(url, { method: 'POST', agent, signal, headers }, resolve);
    asked.once('error', reject);
    asked.end(text);
  });
}

/** Connections to one place, kept open between questions. */
export function peerClient(id: string, base: string, tls: PeerTls): PeerClient {
  const checkServerIdentity = (_host: string, certificate: PeerCertificate): Error | undefined =>
    certificate.subject.CN === id ? undefined : new Error(`its certificate is that of ${certificate.subject.CN}`);
  const agent = new Agent({ ...tls, keepAlive: true, maxSockets: 4, minVersion: 'TLSv1.3', checkServerIdentity });
  return {
    async post(path, body, signal) {
      try {
        const answer = await send({ url: new URL(path, base), agent, text: JSON.stringify(body), signal });
        const said = await jsonBody(answer);
        if (answer.statusCode === 200) return said;
        const reason = typeof said === 'object' && said !== null && 'error' in said ? String(said.error) : '';
        throw new Error(`it says ${answer.statusCode} ${reason.slice(0, 200)}`.trim());
      } catch (cause) {
        throw new PeerSilent(`${id} does not answer as it should: ${messageOf(cause)}`, { cause });
      }
    },
    close: () => agent.destroy(),
  };
}
