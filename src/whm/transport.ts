import { promisify } from 'node:util';
import zlib from 'node:zlib';
import type { AxiosAdapter } from 'axios';
import type { Dispatcher } from 'undici';
import { messageOf } from '../errors.ts';

/**
 * A request that got no whole answer. `sent` false is a proof: it was never begun on a connection, so the master has
 * read nothing. `status` is there when the answer had begun.
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
  /** Kept connections to one server (openMasterPool). */
  readonly pool: Pick<Dispatcher, 'dispatch'>;
  /** Sent with every request, but where a call brings its own Content-Type. */
  readonly headers: Readonly<Record<string, string>>;
  readonly maxBytes: number;
}

const inflaters: Readonly<Record<string, (data: Buffer, options: zlib.ZlibOptions) => Promise<Buffer>>> = {
  gzip: promisify<Buffer, zlib.ZlibOptions, Buffer>(zlib.gunzip),
  deflate: promisify<Buffer, zlib.ZlibOptions, Buffer>(zlib.inflate),
};

/** One request as it is to go. */
export interface Sent {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly body: string;
  /** For everything: waiting, connecting, answer; ms. */
  readonly timeoutMs: number;
  readonly signal?: Stop | undefined;
  readonly cookie?: string | undefined;
  /** Content-Type, where it is not the usual one. */
  readonly type?: string | undefined;
  /** Told once the whole answer is there. The reply then comes a moment later: what was waiting for this leaves first. */
  readonly answered?: (() => void) | undefined;
}

/** What an AbortSignal and axios' own kind of it have in common. */
interface Stop {
  readonly aborted: boolean;
  addEventListener?: ((name: 'abort', listener: () => void) => void) | undefined;
  removeEventListener?: ((name: 'abort', listener: () => void) => void) | undefined;
}

export interface Reply {
  readonly status: number;
  /** The body as it came, no longer compressed. */
  readonly bytes: Buffer;
  readonly cookies: readonly string[];
}

/** Sends once; rejects with TransportFailure. */
export type Send = (sent: Sent) => Promise<Reply>;

/**
 * Straight on undici's dispatcher: node:https costs three times the CPU, and cannot tell a request that waited for a
 * connection from one that was sent. Here the time-out is a deadline for everything, and a failure says whether the
 * request can have left.
 */
export function senderOf(options: TransportOptions): Send {
  const usual: readonly string[] = Object.entries(options.headers).flat();
  return (sent) =>
    new Promise((resolve, reject) => {
      const exchange = new Exchange(options.maxBytes, sent, resolve, reject);
      if (exchange.isOver) return;
      const { method, path, body } = sent;
      options.pool.dispatch({ method, path, headers: headersOf(options.headers, usual, sent), body }, exchange);
    });
}

function headersOf(all: Readonly<Record<string, string>>, usual: readonly string[], { cookie, type }: Sent): string[] {
  // Cast: undici's type says that it may be written to; it is only read.
  if (cookie === undefined && type === undefined) return usual as string[];
  const own = type === undefined ? all : { ...all, 'Content-Type': type };
  return Object.entries(cookie === undefined ? own : { ...own, Cookie: cookie }).flat();
}

/** The same for axios, which sessions of several requests are written with: `url` is a path, the answer's data its text. */
export function axiosOver(send: Send): AxiosAdapter {
  return async (config) => {
    const cookie: unknown = config.headers['Cookie'];
    const { status, bytes, cookies } = await send({
      method: config.method === 'get' ? 'GET' : 'POST',
      path: config.url ?? '/',
      body: String(config.data ?? ''),
      timeoutMs: config.timeout ?? 0,
      signal: config.signal,
      cookie: typeof cookie === 'string' ? cookie : undefined,
    });
    const headers = cookies.length === 0 ? {} : { 'set-cookie': [...cookies] };
    return { data: bytes.toString('utf8'), status, statusText: '', headers, config };
  };
}

/** One request on its way: `begun` when its bytes are about to be written, and then never a second time. */
class Exchange implements Dispatcher.DispatchHandler {
  readonly #maxBytes: number;
  readonly #sent: Sent;
  readonly #resolve: (reply: Reply) => void;
  readonly #reject: (failure: TransportFailure) => void;
  readonly #timer: NodeJS.Timeout;
  readonly #chunks: Buffer[] = [];
  #bytes = 0;
  #controller: Dispatcher.DispatchController | undefined;
  #status: number | undefined;
  #encoding = '';
  #cookies: string | string[] | undefined;
  #over = false;

  constructor(
    maxBytes: number,
    sent: Sent,
    resolve: (reply: Reply) => void,
    reject: (failure: TransportFailure) => void,
  ) {
    this.#maxBytes = maxBytes;
    this.#sent = sent;
    this.#resolve = resolve;
    this.#reject = reject;
    const ms = Math.ceil(sent.timeoutMs);
    this.#timer = setTimeout(() => this.#fail(this.#late(ms)), ms);
    if (sent.signal?.aborted === true) this.#onAbort();
    else sent.signal?.addEventListener?.('abort', this.#onAbort);
  }

  get isOver(): boolean {
    return this.#over;
  }

  readonly #onAbort = (): void => this.#fail('the call was stopped');

  #late(ms: number): string {
    return this.#controller === undefined ? `no connection within ${ms} ms` : `no answer within ${ms} ms`;
  }

  #settle(): boolean {
    if (this.#over) return false;
    this.#over = true;
    clearTimeout(this.#timer);
    this.#sent.signal?.removeEventListener?.('abort', this.#onAbort);
    return true;
  }

  #fail(message: string, cause?: unknown): void {
    if (!this.#settle()) return;
    const sent = this.#controller !== undefined;
    this.#reject(new TransportFailure(message, sent, this.#status, cause));
    this.#controller?.abort(new Error(message));
  }

  /** What is thrown here keeps the request from being written (undici's writeH1), so that it is never sent twice. */
  onRequestStart(controller: Dispatcher.DispatchController): void {
    if (this.#over) throw new Error('the call was over before it could be sent');
    if (this.#controller !== undefined) throw new Error('the connection was lost, and a call is never sent twice');
    this.#controller = controller;
  }

  onResponseStart(
    _controller: Dispatcher.DispatchController,
    status: number,
    headers: Readonly<Record<string, string | string[] | undefined>>,
  ): void {
    this.#status = status;
    this.#encoding = String(headers['content-encoding'] ?? '');
    this.#cookies = headers['set-cookie'];
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.#bytes += chunk.length;
    if (this.#bytes <= this.#maxBytes) this.#chunks.push(chunk);
    else this.#fail(`the answer is longer than ${this.#maxBytes} bytes`);
  }

  onResponseEnd(): void {
    const [first] = this.#chunks;
    const whole = first !== undefined && this.#chunks.length === 1 ? first : Buffer.concat(this.#chunks);
    const inflate = Object.hasOwn(inflaters, this.#encoding) ? inflaters[this.#encoding] : undefined;
    if (inflate === undefined) this.#done(whole);
    else
      inflate(whole, { maxOutputLength: this.#maxBytes }).then(
        (plain) => this.#done(plain),
        (error: unknown) => this.#fail(messageOf(error), error),
      );
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    if (this.#controller === undefined) this.#fail(messageOf(error), error);
    else if (error.name === 'HTTPParserError') this.#fail(`the answer was no HTTP: ${messageOf(error)}`, error);
    else if (this.#status === undefined)
      this.#fail(`the connection was lost before an answer: ${messageOf(error)}`, error);
    else this.#fail('the connection was closed in the middle of the answer', error);
  }

  #done(whole: Buffer): void {
    if (!this.#settle()) return;
    const cookies = this.#cookies === undefined ? [] : [this.#cookies].flat();
    const reply = { bytes: whole, status: this.#status ?? 0, cookies };
    const { answered } = this.#sent;
    const done = (): void => this.#resolve(reply);
    answered?.();
    if (answered === undefined) done();
    else behindWrites(done);
  }
}

let behind: (() => void)[] = [];

/**
 * Runs `work` in the next turn of the event loop, when the requests of this one have left: undici writes on a connection
 * that was used before at the end of a turn. All that come together cost one wait.
 */
function behindWrites(work: () => void): void {
  behind.push(work);
  if (behind.length > 1) return;
  setImmediate(() =>
    setImmediate(() => {
      const all = behind;
      behind = [];
      for (const one of all) one();
    }),
  );
}
