import type { Agent, IncomingHttpHeaders, IncomingMessage, OutgoingHttpHeaders } from 'node:http';
import https from 'node:https';
import { promisify } from 'node:util';
import zlib from 'node:zlib';
import type { AxiosAdapter, AxiosResponse, InternalAxiosRequestConfig } from 'axios';
import { messageOf } from '../errors.ts';

/**
 * A request that got no whole answer. `sent` false is a proof: no socket was ever handed to it, so the master has read
 * nothing. `status` is there when the answer had begun.
 */
export class TransportFailure extends Error {
  readonly sent: boolean;
  readonly status: number | undefined;

  constructor(message: string, sent: boolean, status?: number, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.sent = sent;
    this.status = status;
  }
}

export interface TransportOptions {
  readonly agent: Agent;
  readonly host: string;
  readonly port: number;
  readonly headers: OutgoingHttpHeaders;
  readonly maxBytes: number;
}

const inflaters: Readonly<Record<string, (data: Buffer, options: zlib.ZlibOptions) => Promise<Buffer>>> = {
  gzip: promisify<Buffer, zlib.ZlibOptions, Buffer>(zlib.gunzip),
  deflate: promisify<Buffer, zlib.ZlibOptions, Buffer>(zlib.inflate),
};

/**
 * An axios adapter straight on node:https. axios' own adapter costs twice the CPU of a call, counts its time-out from
 * the last byte instead of from the start, and cannot tell a request that waited for a socket from one that was sent.
 * Here `timeout` is a deadline for everything, in ms, and a failure says whether the request can have left.
 * `url` is a path, `data` a ready-made body; the answer's data is its text.
 */
export function httpsAdapter(options: TransportOptions): AxiosAdapter {
  return (config) => new Promise((resolve, reject) => exchange(options, config, resolve, reject));
}

function exchange(
  options: TransportOptions,
  config: InternalAxiosRequestConfig,
  resolve: (response: AxiosResponse) => void,
  reject: (failure: TransportFailure) => void,
): void {
  const body = String(config.data ?? '');
  const cookie: unknown = config.headers['Cookie'];
  const type: unknown = config.headers['Content-Type'];
  const headers: OutgoingHttpHeaders = { ...options.headers, 'Content-Length': Buffer.byteLength(body) };
  if (typeof cookie === 'string') headers['Cookie'] = cookie;
  if (typeof type === 'string' && type !== '') headers['Content-Type'] = type;
  let sent = false;
  let over = false;
  let status: number | undefined;

  const request = https.request({
    agent: options.agent,
    host: options.host,
    port: options.port,
    method: config.method === 'get' ? 'GET' : 'POST',
    path: config.url ?? '/',
    headers,
  });
  const settle = (): boolean => {
    if (over) return false;
    over = true;
    clearTimeout(timer);
    config.signal?.removeEventListener?.('abort', onAbort);
    return true;
  };
  const fail = (message: string, cause?: unknown): void => {
    if (!settle()) return;
    request.destroy();
    reject(new TransportFailure(message, sent, status, cause));
  };
  const onAbort = (): void => fail('the call was stopped');
  const timeoutMs = Math.ceil(config.timeout ?? 0);
  const timer = setTimeout(
    () => fail(sent ? `no answer within ${timeoutMs} ms` : `no connection within ${timeoutMs} ms`),
    timeoutMs,
  );

  request.once('socket', () => {
    sent = true;
  });
  request.on('error', (error) => fail(messageOf(error), error));
  request.once('response', (response) => {
    status = response.statusCode;
    collect(response, options.maxBytes).then(
      (text) => {
        if (settle())
          resolve({ data: text, status: status ?? 0, statusText: '', headers: plain(response.headers), config });
      },
      (error: unknown) => fail(messageOf(error), error),
    );
  });
  if (config.signal?.aborted === true) onAbort();
  else config.signal?.addEventListener?.('abort', onAbort);
  request.end(body);
}

function plain(headers: IncomingHttpHeaders): Record<string, string | string[]> {
  return headers['set-cookie'] === undefined ? {} : { 'set-cookie': headers['set-cookie'] };
}

/** The whole answer as text. Rejects when it breaks off, is too long or cannot be unpacked. */
function collect(response: IncomingMessage, maxBytes: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    response.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes <= maxBytes) chunks.push(chunk);
      else response.destroy(new Error(`the answer is longer than ${maxBytes} bytes`));
    });
    response.on('error', reject);
    response.on('close', () => {
      if (!response.complete) reject(new Error('the connection was closed in the middle of the answer'));
    });
    response.on('end', () => {
      const [first] = chunks;
      const whole = first !== undefined && chunks.length === 1 ? first : Buffer.concat(chunks);
      const inflate = inflaters[response.headers['content-encoding'] ?? ''];
      if (inflate === undefined) resolve(whole.toString('utf8'));
      else
        inflate(whole, { maxOutputLength: maxBytes }).then(
          (plainBytes) => resolve(plainBytes.toString('utf8')),
          reject,
        );
    });
  });
}
