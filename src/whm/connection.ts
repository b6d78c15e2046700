import type { ClientRequest } from 'node:http';
import https from 'node:https';
import { isIP } from 'node:net';
import type { Duplex } from 'node:stream';
import tls from 'node:tls';
import Pool from 'undici/lib/dispatcher/pool.js';

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

type Ready = (error: Error | null, socket?: tls.TLSSocket) => void;

/**
 * Makes connections to one master. A socket is handed out only once TLS stands and the master is proved, so whatever
 * fails before that was certainly not sent.
 */
export class MasterDoor {
  readonly #options: ConnectionOptions;
  readonly #tls: tls.ConnectionOptions;
  readonly #connecting = new Set<tls.TLSSocket>();

  constructor(options: ConnectionOptions) {
    this.#options = options;
    this.#tls = tlsOptions(options);
  }

  /** Calls `ready` once: with a proved socket, or with NotConnected. */
  connect(ready: Ready): void {
    const { connectTimeoutMs, tls: trust } = this.#options;
    const socket = tls.connect(this.#tls);
    this.#connecting.add(socket);
    const finish = (error: Error | null): void => {
      clearTimeout(timer);
      if (!this.#connecting.delete(socket)) return;
      if (error === null) socket.removeListener('error', fail);
      else socket.destroy();
      if (error === null) ready(null, socket);
      else ready(error);
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
  }

  /** Gives up the connections that are still being made. */
  close(): void {
    for (const socket of this.#connecting) socket.destroy();
  }
}

/** At most `most` kept connections to one master, for calls: one at a time on each, the next only after a whole answer. */
export function openMasterPool(options: ConnectionOptions, most: number): MasterPool {
  const door = new MasterDoor(options);
  const host = options.connect ?? options.hostname;
  const pool = new Pool(`https://${isIP(host) === 6 ? `[${host}]` : host}:${options.port}`, {
    connect: (_where, ready) => door.connect((error, socket) => ready(...answered(error, socket))),
    connections: most,
    pipelining: 1,
    allowH2: false,
    keepAliveTimeout: options.idleMs,
    // The server's own Keep-Alive hint, when shorter, less a second for the way.
    keepAliveMaxTimeout: options.idleMs,
    keepAliveTimeoutThreshold: 1000,
    // Every call has a deadline of its own.
    headersTimeout: 0,
    bodyTimeout: 0,
  });
  return {
    pool,
    async destroy() {
      door.close();
      await pool.destroy();
    },
  };
}

export interface MasterPool {
  /** Has none of undici's requests: those are added by the parts of it that are not loaded. */
  readonly pool: Pick<Pool, 'dispatch'>;
  /** Closes every connection, also those still being made; what is under way fails. */
  destroy(): Promise<void>;
}

function answered(error: Error | null, socket: tls.TLSSocket | undefined): [null, tls.TLSSocket] | [Error, null] {
  return error === null && socket !== undefined ? [null, socket] : [error ?? new NotConnected('no socket'), null];
}

/** As openMasterPool, for requests made with node:https, which show what a call's answer keeps to itself. */
export class MasterAgent extends https.Agent {
  readonly #idleMs: number;
  readonly #door: MasterDoor;

  constructor(options: ConnectionOptions) {
    super({ keepAlive: true, scheduling: 'lifo', maxCachedSessions: 0 });
    this.#idleMs = options.idleMs;
    this.#door = new MasterDoor(options);
  }

  /** One master, one pool: the usual name is a long text made anew for each request. */
  override getName(): string {
    return '';
  }

  override createConnection(_options: unknown, ready: (error: Error | null, socket?: Duplex) => void): undefined {
    this.#door.connect(ready);
    return undefined;
  }

  override keepSocketAlive(socket: Duplex): boolean {
    // Node returns whether to keep it; the type says void.
    const keep: unknown = super.keepSocketAlive(socket);
    // The server's own Keep-Alive hint, when shorter, was set by the line above.
    if (keep === true && socket instanceof tls.TLSSocket)
      socket.setTimeout(Math.min(socket.timeout || Infinity, this.#idleMs));
    return keep === true;
  }

  override reuseSocket(socket: Duplex, request: ClientRequest): void {
    super.reuseSocket(socket, request);
    if (socket instanceof tls.TLSSocket) socket.setTimeout(0);
  }

  /** Closes every connection, also those still being made. */
  override destroy(): void {
    this.#door.close();
    super.destroy();
  }
}
