/**
 * Files from the visitor's machine: streamed to a file of this machine, and from there to the active master, so that
 * nothing is half there when the visitor's line breaks, and no file is ever held in memory.
 */
import { randomUUID } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { Busboy } from '@fastify/busboy';
import type { Request } from 'express';
import { fileName, homePath } from '../../../../actions/fields.ts';
import { Invalid, Refused, Unreachable } from '../../../../errors.ts';
import type { Uploaded } from '../../../../whm/outcome.ts';
import type { Block } from '../../../portal/sheet.ts';
import { mustCarryToken } from '../../../shared/csrf.ts';
import { activeOf } from '../../active.ts';
import { sizeIn } from '../../present/time.ts';
import type { Visit } from '../../visit.ts';
import { folderHref, mustReach } from './where.ts';

/** Bytes of everything that is sent at once, and how many files. */
export const mostBytes = 512 * 1024 * 1024;
const mostFiles = 50;
const path = '/my/files/upload';

/** Uploads carry their token inside of a body that no form parser reads. */
export function isUpload(request: Request): boolean {
  return request.path === path && /^multipart\/form-data\b/i.test(request.get('content-type') ?? '');
}

export function uploadBlock(visit: Visit, folder: string): readonly Block[] {
  if (!visit.mayChange) return [];
  const { say } = visit;
  return [
    {
      kind: 'upload',
      action: path,
      label: say('files.upload.label'),
      help: say('files.upload.help', { most: sizeIn(visit.language, mostBytes), count: mostFiles }),
      button: say('files.upload'),
      hidden: { folder },
      overwrite: say('files.overwrite'),
    },
  ];
}

interface Held {
  readonly name: string;
  readonly at: string;
}

interface Received {
  readonly fields: Readonly<Record<string, string>>;
  readonly files: readonly Held[];
}

/** Reads the body into `folder`. Fields must come before the files, the token first: without it nothing is stored. */
async function receive(request: Request, folder: string): Promise<Received> {
  const fields: Record<string, string> = {};
  const files: Held[] = [];
  const writing: Promise<void>[] = [];
  let problem: Error | undefined;
  const stop = (error: Error): void => {
    problem ??= error;
  };
  const parser = new Busboy({
    headers: { ...request.headers, 'content-type': request.get('content-type') ?? '' },
    limits: { files: mostFiles, fileSize: mostBytes, fields: 10, fieldSize: 4096 },
  });
  parser.on('field', (name, value) => {
    fields[name] = value;
  });
  parser.on('file', (_field, stream, filename) => {
    if (problem === undefined) check(() => mustCarryToken(request, fields['csrf']), stop);
    if (problem !== undefined || filename === '' || filename === undefined) return void stream.resume();
    const at = join(folder, randomUUID());
    files.push({ name: filename.split(/[\\/]/).at(-1) ?? '', at });
    stream.once('limit', () => stop(new Invalid('files.too-large')));
    writing.push(pipeline(stream as Readable, createWriteStream(at, { mode: 0o600 })));
  });
  parser.once('filesLimit', () => stop(new Invalid('files.too-many')));
  await pipeline(request, parser);
  await Promise.all(writing);
  if (problem !== undefined) throw problem;
  mustCarryToken(request, fields['csrf']);
  return { fields, files };
}

function check(work: () => void, failed: (error: Error) => void): void {
  try {
    work();
  } catch (error) {
    failed(error instanceof Error ? error : new Error(String(error)));
  }
}

/** A length that the browser tells is believed only where it is too large already. */
function mustBeShort(request: Request): void {
  if (Number(request.get('content-length') ?? 0) > mostBytes + 1024 * 1024) throw new Invalid('files.too-large');
}

function mustHaveArrived(visit: Visit, name: string, sent: Uploaded): void {
  switch (sent.kind) {
    case 'done':
      return;
    case 'refused':
      throw new Refused('refused.by-server', { hint: visit.plain(`${name}: ${sent.reason}`) });
    case 'away':
      throw new Unreachable('problem.unreachable');
    case 'unsure':
      throw new Refused('files.unsure');
  }
}

async function sendOn(visit: Visit, { fields, files }: Received): Promise<string> {
  const folder = homePath().safeParse(fields['folder'] ?? '');
  if (!folder.success || files.length === 0) throw new Invalid('files.none');
  const master = await activeOf(visit);
  mustReach(visit, folder.data);
  const home = visit.parts.home(master);
  const signal = visit.parts.signal ?? new AbortController().signal;
  for (const { name, at } of files) {
    if (!fileName().safeParse(name).success) throw new Invalid('files.bad-name');
    const bytes = (await stat(at)).size;
    const upload = { folder: folder.data, name, overwrite: fields['overwrite'] === 'on', path: at, bytes };
    await visit.parts.auth.audit({ actor: visit.actor, event: 'file.upload', subject: visit.account, detail: name });
    mustHaveArrived(visit, name, await home.upload(visit.account, upload, signal));
  }
  return folderHref(folder.data, { uploaded: String(files.length) });
}

/** Takes an upload and answers where its folder is shown. Leaves nothing on this machine, whatever happens. */
export async function takeUpload(visit: Visit): Promise<string> {
  mustBeShort(visit.request);
  const folder = join(visit.parts.spool, randomUUID());
  await mkdir(folder, { recursive: true, mode: 0o700 });
  try {
    return await sendOn(visit, await receive(visit.request, folder));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
