/**
 * A client of the FastCGI protocol (FastCGI specification 1.0, sections 3 and 6): one request to PHP's process manager
 * on a connection of its own. Nothing but what webmail needs: the role of a responder, and no multiplexing.
 */
import { connect, type Socket } from 'node:net';
import { Readable } from 'node:stream';
import { AppError } from '../errors.ts';

/** PHP could not be asked, or answered with something that is no CGI response. */
export class PhpTrouble extends AppError {
  readonly code = 'webmail.php';
  readonly retry = 'later';
}

/** A CGI response (RFC 3875, section 6): its header lines, and the body as it comes. */
export interface CgiAnswer {
  readonly status: number;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: Readable;
}

export interface CgiRequest {
  /** Path of a Unix socket. */
  readonly socket: string;
  /** The request's variables: REQUEST_METHOD, SCRIPT_FILENAME … */
  readonly params: Readonly<Record<string, string>>;
  readonly body?: Readable;
  /** What PHP writes to its standard error. */
  readonly onTrouble: (text: string) => void;
  /** Gives up waiting for bytes after so long. */
  readonly idleMs: number;
}

const type = { begin: 1, end: 3, params: 4, stdin: 5, stdout: 6, stderr: 7 } as const;
const mostContent = 65_528;
const mostHeader = 64 * 1024;

/** One record of the only request on a connection, unpadded: the specification recommends padding, but asks for none. */
export function record(kind: number, content: Buffer): Buffer {
  const head = Buffer.from([1, kind, 0, 1, content.length >> 8, content.length & 0xff, 0, 0]);
  return Buffer.concat([head, content]);
}

function sized(length: number): Buffer {
  if (length < 128) return Buffer.from([length]);
  const four = Buffer.alloc(4);
  four.writeUInt32BE((length | 0x80_00_00_00) >>> 0);
  return four;
}

/** Name-value pairs (section 3.4). */
export function pairs(params: Readonly<Record<string, string>>): Buffer {
  return Buffer.concat(
    Object.entries(params).flatMap(([name, value]) => {
      const [n, v] = [Buffer.from(name), Buffer.from(value)];
      return [sized(n.length), sized(v.length), n, v];
    }),
  );
}

function* slices(kind: number, content: Buffer): Generator<Buffer> {
  for (let at = 0; at < content.length; at += mostContent) {
    yield record(kind, content.subarray(at, at + mostContent));
  }
}

/** Takes records out of bytes that come in any pieces. */
export async function* records(
  source: AsyncIterable<Buffer>,
): AsyncGenerator<{ readonly kind: number; readonly content: Buffer }> {
  let held: Buffer = Buffer.alloc(0);
  for await (const chunk of source) {
    held = held.length === 0 ? chunk : Buffer.concat([held, chunk]);
    while (held.length >= 8) {
      const length = held.readUInt16BE(4);
      const whole = 8 + length + held.readUInt8(6);
      if (held.length < whole) break;
      yield { kind: held.readUInt8(1), content: held.subarray(8, 8 + length) };
      held = held.subarray(whole);
    }
  }
}

async function* output(socket: Socket, onTrouble: (text: string) => void): AsyncGenerator<Buffer> {
  for await (const { kind, content } of records(socket)) {
    if (kind === type.end) return;
    if (kind === type.stderr && content.length > 0) onTrouble(content.toString('utf8'));
    if (kind === type.stdout && content.length > 0) yield content;
  }
  throw new PhpTrouble('PHP ended in the middle of its answer');
}

/** Sends what is asked, no faster than PHP reads it. */
async function send(socket: Socket, { params, body }: CgiRequest): Promise<void> {
  const write = async (bytes: Buffer): Promise<void> => {
    if (socket.write(bytes)) return;
    await new Promise<void>((resolve) => {
      const go = (): void => {
        socket.off('drain', go).off('close', go);
        resolve();
      };
      socket.once('drain', go).once('close', go);
    });
  };
  // Role 1: responder. Flags 0: PHP closes the connection after its answer.
  await write(record(type.begin, Buffer.from([0, 1, 0, 0, 0, 0, 0, 0])));
  for (const one of slices(type.params, pairs(params))) await write(one);
  await write(record(type.params, Buffer.alloc(0)));
  for await (const chunk of body ?? []) {
    for (const one of slices(type.stdin, Buffer.from(chunk))) await write(one);
    if (socket.destroyed) return;
  }
  await write(record(type.stdin, Buffer.alloc(0)));
}

/** Header lines of a CGI response; undefined for a line that is none. */
export function cgiHead(text: string): Pick<CgiAnswer, 'status' | 'headers'> | undefined {
  const headers: (readonly [string, string])[] = [];
  let status = 200;
  for (const line of text.split(/\r?\n/)) {
    const found = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*(.*)$/.exec(line);
    if (found === null) return undefined;
    const [, name = '', value = ''] = found;
    if (name.toLowerCase() === 'status') status = Number.parseInt(value, 10);
    else headers.push([name, value.trimEnd()]);
  }
  return status >= 200 && status < 600 ? { status, headers } : undefined;
}

const headEnd = /\r?\n\r?\n/;

/** Asks PHP. Rejects with PhpTrouble before the headers are there; later the body fails. */
export async function askFastCgi(request: CgiRequest): Promise<CgiAnswer> {
  const socket = connect(request.socket);
  socket.setTimeout(request.idleMs, () => socket.destroy(new PhpTrouble('PHP took too long')));
  const bytes = output(socket, request.onTrouble);
  // Its own failure is the socket's, which whoever reads the answer meets; a failing body of the browser ends both.
  send(socket, request).catch((error: unknown) => socket.destroy(error instanceof Error ? error : undefined));
  try {
    return await readAnswer(bytes);
  } catch (error) {
    socket.destroy();
    if (error instanceof PhpTrouble) throw error;
    throw new PhpTrouble(`PHP cannot be asked at ${request.socket}`, {
      cause: error,
      hint: 'Is its pool running (systemctl status tandem-webmail-php), and may Tandem use its socket?',
    });
  }
}

async function readAnswer(bytes: AsyncGenerator<Buffer>): Promise<CgiAnswer> {
  let held = '';
  for (;;) {
    const { value, done } = await bytes.next();
    if (done === true) throw new PhpTrouble('PHP gave no answer');
    held += value.toString('latin1');
    const end = headEnd.exec(held);
    if (end === null && held.length > mostHeader) throw new PhpTrouble('PHP answers with endless headers');
    if (end === null) continue;
    const head = cgiHead(held.slice(0, end.index));
    if (head === undefined) throw new PhpTrouble('PHP answers with headers that are none');
    const first = Buffer.from(held.slice(end.index + end[0].length), 'latin1');
    return { ...head, body: Readable.from(rest(first, bytes), { objectMode: false }) };
  }
}

async function* rest(first: Buffer, bytes: AsyncGenerator<Buffer>): AsyncGenerator<Buffer> {
  if (first.length > 0) yield first;
  yield* bytes;
}
