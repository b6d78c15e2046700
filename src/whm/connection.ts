import type { ClientRequest } from 'node:http';
import https from 'node:https';
import { isIP } from 'node:net';
import type { Duplex } from 'node:stream';
import tls from 'node:tls';

/** How a master proves who it is. Never "off". */
export type Trust =
  /** The chain must lead to these certificates (PEM), and the name must fit. */
  | { readonly kind: 'ca'; readonly pem: string }
  /** The certificate must be this one: SHA-256, hex, with or without colons. */
  | { readonly kind: 'pin'; readonly fingerprint256: string };

export interface ConnectionOptions {
  /** The name in the certificate. */
  readonly hostname: string;
  /** Where to connect, when that is not `hostname`. */
  readonly connect?: string;
  readonly port: number;
  readonly tls: Trust;
  /** For name look-up, TCP and TLS together. */
  readonly connectTimeoutMs: number;
  /** A connection unused for so long is closed, so that a silently dead one is not met. */
  readonly idleMs: number;
}

/** The connection was never made: the master cannot have read one byte of the request. */
export class NotConnected extends Error {}

function bareHex(fingerprint: string): string {
  return fingerprint.replaceAll(':', '').toLowerCase();
}

function tlsOptions(options: ConnectionOptions): tls.ConnectionOptions {
  const { hostname, tls: trust } = options;
  const named = isIP(hostname) === 0 ? { servername: hostname } : {};
  const base = { host: options.connect ?? hostname, port: options.port, minVersion: 'TLSv1.2', ...named } as const;
  // With a pin the chain is not asked: the certificate itself is compared before the socket is handed out.
  if (trust.kind === 'pin') return { ...base, rejectUnauthorized: false };
  const checkServerIdentity: tls.ConnectionOptions['checkServerIdentity'] = (_host, certificate) =>
    tls.checkServerIdentity(hostname, certificate);
  return { ...base, ca: trust.pem, rejectUnauthorized: true, checkServerIdentity };
}

/** Why the peer may not be spoken to, or undefined. */
function objection(socket: tls.TLSSocket, trust: Trust): string | undefined {
  if (trust.kind === 'ca')
    return socket.authorized ? undefined : `its certificate was not accepted (${socket.authorizationError})`;
  const seen = socket.getPeerX509Certificate()?.fingerprint256 ?? '';
  return bareHex(seen) === bareHex(trust.fingerprint256) ? undefined : `its certificate is ${seen}, not the pinned one`;
}

type Ready = (error: Error | null, socket?: Duplex) => void;

/**
 * Keeps connections to one master. A request gets a socket only once TLS stands and the master is proved, so whatever
 * fails before that was certainly not sent. How many connections there are is the caller's business: while a
 * connection is being made this agent does not count it.
 */
export class MasterAgent extends https.Agent {
  readonly #options: ConnectionOptions;
  readonly #tls: tls.ConnectionOptions;
  readonly #connecting = new Set<tls.TLSSocket>();

  constructor(options: ConnectionOptions) {
    super({ keepAlive: true, scheduling: 'lifo', maxCachedSessions: 0 });
    this.#options = options;
    this.#tls = tlsOptions(options);
  }

  /** One master, one pool: the usual name is a long text made anew for each request. */
  override getName(): string {
    return '';
  }

  override createConnection(_options: unknown, ready: Ready): undefined {
    const { connectTimeoutMs, tls: trust } = this.#options;
    const socket = tls.connect(this.#tls);
    this.#connecting.add(socket);
    const finish = (error: Error | null): void => {
      clearTimeout(timer);
      if (!this.#connecting.delete(socket)) return;
      if (error === null) socket.removeListener('error', fail);
      else socket.destroy();
      ready(error, error === null ? socket : undefined);
    };
    const fail = (error: Error): void => finish(new NotConnected(error.message, { cause: error }));
    const timer = setTimeout(() => fail(new Error(`no connection within ${connectTimeoutMs} ms`)), connectTimeoutMs);
    socket.on('error', fail);
    socket.once('close', () => fail(new Error('the connection was closed while it was being made')));
    socket.once('secureConnect', () => {
      const reason = objection(socket, trust);
      if (reason === undefined) finish(null);
      else fail(new Error(reason));
    });
    return undefined;
  }

  override keepSocketAlive(socket: Duplex): boolean {
    // Node returns whether to keep it; the type says void.
    const keep: unknown = super.keepSocketAlive(socket);
    // The server's own Keep-Alive hint, when shorter, was set by the line above.
    if (keep === true && socket instanceof tls.TLSSocket)
      socket.setTimeout(Math.min(socket.timeout || Infinity, this.#options.idleMs));
    return keep === true;
  }

  override reuseSocket(socket: Duplex, request: ClientRequest): void {
    super.reuseSocket(socket, request);
    if (socket instanceof tls.TLSSocket) socket.setTimeout(0);
  }

  /** Closes every connection, also those still being made. */
  override destroy(): void {
    for (const socket of this.#connecting) socket.destroy();
    super.destroy();
  }
}
