/** A multipart body: fields become arguments, files are written to a folder, one `file-N` argument each: 'path|name'. */
import { randomUUID } from 'node:crypto';
import { createWriteStream, mkdirSync, rmSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { Busboy } from '@fastify/busboy';
import type { Args } from './params.ts';

export interface Multipart {
  readonly args: Args;
  /** Removes the files; those that were moved away meanwhile are not missed. */
  drop(): void;
}

/** Reads the whole body. Rejects when it breaks off or is no multipart. */
export async function readMultipart(request: IncomingMessage, folder: string): Promise<Multipart> {
  mkdirSync(folder, { recursive: true });
  const args: (readonly [string, string])[] = [];
  const files: string[] = [];
  const writing: Promise<void>[] = [];
  const type = request.headers['content-type'] ?? '';
  const parser = new Busboy({ headers: { ...request.headers, 'content-type': type } });
  parser.on('field', (name, value) => args.push([name, value]));
  parser.on('file', (_name, stream, filename) => {
    const path = join(folder, randomUUID());
    files.push(path);
    args.push([`file-${files.length}`, `${path}|${filename}`]);
    writing.push(pipeline(stream, createWriteStream(path)));
  });
  const drop = (): void => {
    for (const file of files) rmSync(file, { force: true });
  };
  try {
    await pipeline(request, parser);
    await Promise.all(writing);
  } catch (error) {
    drop();
    throw error;
  }
  return { args, drop };
}
