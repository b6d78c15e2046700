/** Multipart bodies: fields become parameters; files wait in a folder of this machine, where the call may have any. */
import { randomUUID } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdir, rm, stat } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { join } from 'node:path';
import { type Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { Busboy } from '@fastify/busboy';
import { Invalid, messageOf } from '../../errors.ts';
import type { Args } from '../../whm/call.ts';

/** A file that came with a call. */
export interface HeldFile {
  /** As the caller calls it, without folders. */
  readonly name: string;
  readonly at: string;
  readonly bytes: number;
}

export type Parts =
  | { readonly kind: 'parts'; readonly args: Args; readonly files: readonly HeldFile[]; drop(): Promise<void> }
  | { readonly kind: 'too-large' }
  | { readonly kind: 'too-slow' };

export interface PartLimits {
  /** Bytes of all fields together. */
  readonly fieldBytes: number;
  /** Bytes of all files together. */
  readonly fileBytes: number;
  /** Longest silence, and longest for everything, ms. */
  readonly silenceMs: number;
  readonly allMs: number;
}

const mostFiles = 50;
const mostFields = 5000;

export function isMultipart(type: string | undefined): boolean {
  return /^multipart\/form-data\b/i.test(type ?? '');
}

class Cut extends Error {
  readonly kind: 'too-large' | 'too-slow';

  constructor(kind: 'too-large' | 'too-slow') {
    super(kind);
    this.kind = kind;
  }
}

/**
 * Reads the whole body. `mayHold` is asked at each file with the fields before it: PHP sends plain parameters so, too,
 * and what takes no file gets none. Files go below `folder`, made when needed; `drop` removes them.
 * Throws Invalid when it is no multipart body, or a file has no business in it.
 */
export async function readParts(
  request: IncomingMessage,
  folder: string,
  limits: PartLimits,
  mayHold: (fields: Args) => boolean,
): Promise<Parts> {
  const own = join(folder, randomUUID());
  const drop = () => rm(own, { recursive: true, force: true });
  try {
    const { fields, files } = await received(request, own, limits, mayHold);
    return { kind: 'parts', args: fields, files, drop };
  } catch (error) {
    await drop();
    if (error instanceof Cut) return { kind: error.kind };
    throw error;
  }
}

interface Patience {
  /** A file is taken: from now on only silence is cut off soon. */
  long(): void;
  end(): void;
}

/** Cuts off who falls silent, or takes too long for everything: fields are given no longer than any other body. */
function patience(request: IncomingMessage, { silenceMs, allMs }: PartLimits, cut: () => void): Patience {
  let all = setTimeout(cut, silenceMs);
  let silence = setTimeout(cut, silenceMs);
  const heard = (): void => {
    clearTimeout(silence);
    silence = setTimeout(cut, silenceMs);
  };
  request.on('data', heard);
  return {
    long() {
      clearTimeout(all);
      all = setTimeout(cut, allMs);
    },
    end() {
      clearTimeout(all);
      clearTimeout(silence);
      request.off('data', heard);
    },
  };
}

function parserOf(request: IncomingMessage, limits: PartLimits): Busboy {
  try {
    return new Busboy({
      headers: { ...request.headers, 'content-type': request.headers['content-type'] ?? '' },
      limits: { files: mostFiles, fileSize: limits.fileBytes, fields: mostFields, fieldSize: limits.fieldBytes },
    });
  } catch (cause) {
    throw new Invalid('The body is no multipart form.', [], { cause });
  }
}

async function received(
  request: IncomingMessage,
  folder: string,
  limits: PartLimits,
  mayHold: (fields: Args) => boolean,
): Promise<{ readonly fields: Args; readonly files: readonly HeldFile[] }> {
  if (Number(request.headers['content-length'] ?? 0) > limits.fieldBytes + limits.fileBytes) throw new Cut('too-large');
  const parser = parserOf(request, limits);
  const fields: (readonly [string, string])[] = [];
  const writing: Promise<HeldFile>[] = [];
  const stop = new AbortController();
  const cut = (error: Error): void => stop.abort(error);
  const calm = patience(request, limits, () => cut(new Cut('too-slow')));
  let [fieldBytes, fileBytes] = [0, 0];
  parser.on('field', (name, value, _nameCut, valueCut) => {
    fieldBytes += name.length + value.length;
    if (valueCut || fieldBytes > limits.fieldBytes) return cut(new Cut('too-large'));
    fields.push([name, value]);
  });
  parser.on('file', (field, stream, filename) => {
    if (!mayHold(fields)) {
      stream.resume();
      return cut(new Invalid(`The parameter “${field}” is a file; this call takes none.`));
    }
    if (writing.length === 0) calm.long();
    stream.once('limit', () => cut(new Cut('too-large')));
    const counted = (bytes: number): void => {
      fileBytes += bytes;
      if (fileBytes > limits.fileBytes) cut(new Cut('too-large'));
    };
    const held = hold(stream as Readable, folder, filename ?? '', counted, stop.signal);
    // Its failure is met below; until then nobody else may hear of it.
    held.catch(() => undefined);
    writing.push(held);
  });
  parser.once('filesLimit', () => cut(new Cut('too-large')));
  parser.once('fieldsLimit', () => cut(new Cut('too-large')));
  try {
    await fed(request, parser, stop.signal);
    const files = await Promise.all(writing);
    stop.signal.throwIfAborted();
    return { fields, files: files.filter(({ name }) => name !== '') };
  } catch (error) {
    const cause = causeOf(stop.signal, error);
    // A file whose body broke off would wait for its end for ever.
    stop.abort();
    await Promise.allSettled(writing);
    throw cause;
  } finally {
    calm.end();
  }
}

/** A boundary has at most 70 characters (RFC 2046); what stands around the last one is not much longer. */
const tailBytes = 512;

/**
 * Passes bytes on but for the last few, which come together at the end: @fastify/busboy 3.2 waits for ever when the
 * network cut the last boundary in two.
 */
function withWholeTail(): Transform {
  let held = Buffer.alloc(0);
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      const all = Buffer.concat([held, chunk]);
      const at = Math.max(0, all.length - tailBytes);
      held = all.subarray(at);
      done(null, at === 0 ? undefined : all.subarray(0, at));
    },
    flush(done) {
      done(null, held);
    },
  });
}

/** Resolves when the parser has all. The request outlives a failure: its caller still gets an answer. */
async function fed(request: IncomingMessage, parser: Busboy, signal: AbortSignal): Promise<void> {
  const tail = withWholeTail();
  try {
    await new Promise<void>((resolve, reject) => {
      signal.addEventListener('abort', () => reject(signal.reason));
      parser.once('error', reject).once('finish', resolve);
      request.once('error', reject).once('close', () => {
        // Comes after a whole request, too.
        if (!request.complete) reject(new Error('the caller closed the connection'));
      });
      tail.pipe(parser);
      request.pipe(tail);
    });
  } catch (error) {
    request.unpipe(tail);
    tail.destroy();
    // What was refused is still coming: it is read and dropped.
    request.resume();
    throw error;
  }
}

function causeOf(signal: AbortSignal, error: unknown): unknown {
  const reason: unknown = signal.aborted ? signal.reason : undefined;
  if (reason instanceof Error) return reason;
  return new Invalid(`The body is no whole multipart form: ${messageOf(error)}`, [], { cause: error });
}

async function hold(
  stream: Readable,
  folder: string,
  filename: string,
  counted: (bytes: number) => void,
  signal: AbortSignal,
): Promise<HeldFile> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const at = join(folder, randomUUID());
  // Not before the file is there to take it: whoever listens sets the stream flowing.
  stream.on('data', (chunk: Buffer) => counted(chunk.length));
  await pipeline(stream, createWriteStream(at, { mode: 0o600 }), { signal });
  return { name: filename.split(/[\\/]/).at(-1) ?? '', at, bytes: (await stat(at)).size };
}
