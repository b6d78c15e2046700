/**
 * Whole files in and out of a customer's home. No API function carries bytes: cPanel takes uploads and gives downloads
 * in a customer's own session, so one is made by `create_user_session`, used once, and ended.
 */
import { randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import type { IncomingMessage, OutgoingHttpHeaders } from 'node:http';
import https from 'node:https';
import { pipeline } from 'node:stream/promises';
import { messageOf } from '../errors.ts';
import type { WhmCall } from './call.ts';
import { whm } from './call.ts';
import { MasterAgent, type Trust } from './connection.ts';
import type { Download, HomeFiles, Outcome, Upload, Uploaded } from './outcome.ts';
import { field, isOne, listOfTexts } from './shapes.ts';

export interface HomeTarget {
  readonly hostname: string;
  readonly connect?: string;
  readonly cpanelPort: number;
  readonly tls: Trust;
}

const connectTimeoutMs = 5_000;
/** Without a byte for so long, a transfer is given up. */
const silenceMs = 30_000;
const mostText = 1024 * 1024;

/** Opens nothing yet. `call` makes WHM calls on the same master. */
export function homeFiles(target: HomeTarget, call: (call: WhmCall) => Promise<Outcome>): HomeFiles {
  return {
    async upload(user, upload, signal) {
      const opened = await openSession(target, call, user);
      if ('reason' in opened) return { kind: 'away', reason: opened.reason };
      try {
        return await send(opened, upload, signal);
      } finally {
        await opened.end();
      }
    },
    async download(user, path) {
      const opened = await openSession(target, call, user);
      if ('reason' in opened) return { kind: 'away', reason: opened.reason };
      return fetchFile(opened, path);
    },
  };
}

interface Asked {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly headers?: OutgoingHttpHeaders;
  /** Writes the body and ends the request. */
  write?(request: NodeJS.WritableStream): Promise<void>;
  readonly signal?: AbortSignal;
}

interface Session {
  ask(asked: Asked): Promise<IncomingMessage>;
  end(): Promise<void>;
}

async function openSession(
  target: HomeTarget,
  call: (call: WhmCall) => Promise<Outcome>,
  user: string,
): Promise<Session | { readonly reason: string }> {
  const made = await call(whm('create_user_session', { user, service: 'cpaneld' }));
  if (made.kind !== 'done') return { reason: made.reason };
  const url = field(made.data, 'url');
  const token = field(made.data, 'cp_security_token');
  if (typeof url !== 'string' || typeof token !== 'string' || !/^\/cpsess\d+$/.test(token) || !URL.canParse(url)) {
    return { reason: 'the session that was made has no known shape' };
  }
  const agent = new MasterAgent({ ...target, port: target.cpanelPort, connectTimeoutMs, idleMs: 5_000 });
  try {
    // Only the way to the key counts; where it is served is known from the configuration.
    const { pathname, search } = new URL(url);
    const answer = await ask(target, agent, { method: 'GET', path: `${pathname}${search}` });
    answer.resume();
    const cookie = listOfTexts(answer.headers['set-cookie'])
      .map((line) => line.split(';')[0] ?? '')
      .join('; ');
    if (cookie === '') throw new Error(`the session was not opened (HTTP ${answer.statusCode ?? 0})`);
    return sessionOf(target, agent, token, cookie);
  } catch (error) {
    agent.destroy();
    return { reason: messageOf(error) };
  }
}

function sessionOf(target: HomeTarget, agent: MasterAgent, token: string, cookie: string): Session {
  const own = (asked: Asked): Asked => ({
    ...asked,
    path: `${token}${asked.path}`,
    headers: { ...asked.headers, Cookie: cookie },
  });
  return {
    ask: (asked) => ask(target, agent, own(asked)),
    async end() {
      try {
        (await ask(target, agent, own({ method: 'GET', path: '/logout/' }))).resume();
      } catch {
        // A session that is not ended here runs out by itself; what it was made for has its own outcome.
      } finally {
        agent.destroy();
      }
    },
  };
}

function ask(target: HomeTarget, agent: MasterAgent, asked: Asked): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const request = https.request({
      agent,
      host: target.connect ?? target.hostname,
      port: target.cpanelPort,
      method: asked.method,
      path: asked.path,
      timeout: silenceMs,
      headers: { Host: `${target.hostname}:${target.cpanelPort}`, 'User-Agent': 'Tandem', ...asked.headers },
      ...(asked.signal === undefined ? {} : { signal: asked.signal }),
    });
    request.once('response', resolve);
    request.on('timeout', () => request.destroy(new Error(`nothing came for ${silenceMs / 1000} s`)));
    request.on('error', reject);
    if (asked.write === undefined) request.end();
    else asked.write(request).catch((error: unknown) => request.destroy(error instanceof Error ? error : undefined));
  });
}

/** A field of a form, or the head of a file in it. Names hold no quotes or line breaks that could end the head early. */
function part(boundary: string, name: string, value: string, filename?: string): string {
  const file = filename === undefined ? '' : `; filename="${filename.replace(/["\r\n]/g, '_')}"`;
  const type = filename === undefined ? '' : '\r\nContent-Type: application/octet-stream';
  return `--${boundary}\r\nContent-Disposition: form-data; name="${name}"${file}${type}\r\n\r\n${value}`;
}

async function send(session: Session, upload: Upload, signal: AbortSignal): Promise<Uploaded> {
  const boundary = `----tandem${randomUUID()}`;
  const head = [
    part(boundary, 'dir', `${upload.folder === '' ? '.' : upload.folder}\r\n`),
    part(boundary, 'overwrite', `${upload.overwrite ? 1 : 0}\r\n`),
    ...(upload.permissions === undefined ? [] : [part(boundary, 'permissions', `${upload.permissions}\r\n`)]),
    part(boundary, 'file-1', '', upload.name),
  ].join('');
  const tail = `\r\n--${boundary}--\r\n`;
  const bytes = Buffer.byteLength(head) + upload.bytes + Buffer.byteLength(tail);
  try {
    const answer = await session.ask({
      method: 'POST',
      path: '/execute/Fileman/upload_files',
      headers: { 'Content-Type': `multipart/form-data; boundary=${boundary}`, 'Content-Length': bytes },
      signal,
      async write(request) {
        request.write(head);
        const source = createReadStream(upload.path, { start: 0, end: Math.max(0, upload.bytes - 1) });
        if (upload.bytes > 0) await pipeline(source, request, { end: false });
        else source.destroy();
        request.end(tail);
      },
    });
    return readUploaded(answer.statusCode ?? 0, await textOf(answer));
  } catch (error) {
    return { kind: 'unsure', reason: messageOf(error) };
  }
}

function readUploaded(status: number, text: string): Uploaded {
  const body = parsed(text);
  if (status === 401 || status === 403 || body === undefined) return { kind: 'unsure', reason: `HTTP ${status}` };
  if (isOne(field(body, 'status'))) return { kind: 'done' };
  const errors = field(body, 'errors');
  const reason = Array.isArray(errors) && errors.length > 0 ? errors.map(String).join(' ') : 'no reason was given';
  return { kind: 'refused', reason };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // A page instead of an answer tells nothing.
    return undefined;
  }
}

async function textOf(answer: IncomingMessage): Promise<string> {
  let text = '';
  answer.setEncoding('utf8');
  for await (const chunk of answer) {
    text += String(chunk);
    if (text.length > mostText) throw new Error('the answer is too long');
  }
  return text;
}

async function fetchFile(session: Session, path: string): Promise<Download> {
  try {
    const answer = await session.ask({
      method: 'GET',
      path: `/download?skipencode=1&file=${encodeURIComponent(path)}`,
    });
    const isFile = answer.statusCode === 200 && /attachment/i.test(String(answer.headers['content-disposition']));
    if (!isFile) {
      answer.resume();
      await session.end();
      return { kind: 'refused', reason: `the file could not be had (HTTP ${answer.statusCode ?? 0})` };
    }
    const length = Number(answer.headers['content-length']);
    answer.once('close', () => void session.end());
    return {
      kind: 'file',
      stream: answer,
      bytes: Number.isSafeInteger(length) ? length : undefined,
      close: () => answer.destroy(),
    };
  } catch (error) {
    await session.end();
    return { kind: 'away', reason: messageOf(error) };
  }
}
