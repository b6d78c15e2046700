/** A request as the simulator's service sees it: read from HTTP, not yet understood. */
import type { IncomingMessage } from 'node:http';
import type { Signed } from './auth.ts';
import { readMultipart } from './multipart.ts';
import type { Args } from './params.ts';

export interface Request extends Signed {
  readonly method: string;
  /** Without the session's prefix and the query: '/json-api/createacct'. */
  readonly path: string;
  /** Query first, then the body. */
  readonly args: Args;
  /** The body was JSON: some functions take nothing else. */
  readonly json: boolean;
  /** Removes the files of a multipart body that no call took. */
  readonly drop?: () => void;
}

const MAX_BODY = 64 * 1024 * 1024;
const SESSION_PATH = /^(\/cpsess\d{10})(?=\/|$)/u;

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    // Node streams of requests give Buffers when no encoding was set.
    const bytes = chunk as Buffer;
    size += bytes.length;
    if (size > MAX_BODY) throw new Error('request body too large');
    chunks.push(bytes);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function textOf(value: unknown): string {
  if (value === null || value === undefined) return '';
  if (typeof value === 'boolean') return value ? '1' : '0';
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

/** The members of a JSON body as arguments: lists repeat, other structures become JSON text. */
function jsonArgs(text: string): Args {
  const body: unknown = JSON.parse(text);
  if (typeof body !== 'object' || body === null || Array.isArray(body)) return [];
  return Object.entries(body).flatMap(([name, value]: [string, unknown]) =>
    Array.isArray(value) ? value.map((item) => [name, textOf(item)] as const) : [[name, textOf(value)] as const],
  );
}

const JSON_TYPE = /^application\/json\b/iu;

function bodyArgs(type: string, text: string): Args {
  if (text === '') return [];
  if (JSON_TYPE.test(type)) return jsonArgs(text);
  return [...new URLSearchParams(text)];
}

interface Content {
  readonly args: Args;
  readonly json: boolean;
  readonly drop?: () => void;
}

/** What the body says; GET and HEAD have none. */
async function contentOf(request: IncomingMessage, uploads: string | undefined): Promise<Content> {
  if (request.method === 'GET' || request.method === 'HEAD') return { args: [], json: false };
  const type = request.headers['content-type'] ?? '';
  if (uploads !== undefined && /^multipart\/form-data\b/iu.test(type)) {
    return { ...(await readMultipart(request, uploads)), json: false };
  }
  const body = await bodyOf(request);
  return { args: bodyArgs(type, body), json: body !== '' && JSON_TYPE.test(type) };
}

/** Reads the whole request. Rejects when the body breaks off, is too large, or is JSON that does not parse. */
export async function readRequest(request: IncomingMessage, uploads?: string): Promise<Request> {
  const url = request.url ?? '/';
  const mark = url.indexOf('?');
  const whole = mark < 0 ? url : url.slice(0, mark);
  const sessionPath = SESSION_PATH.exec(whole)?.[1];
  const query = mark < 0 ? [] : [...new URLSearchParams(url.slice(mark + 1))];
  const { args, json, drop } = await contentOf(request, uploads);
  return {
    method: request.method ?? 'GET',
    path: sessionPath === undefined ? whole : whole.slice(sessionPath.length) || '/',
    args: [...query, ...args],
    json,
    ...(drop === undefined ? {} : { drop }),
    authorization: request.headers.authorization,
    cookie: request.headers.cookie,
    sessionPath,
    address: request.socket.remoteAddress ?? '',
  };
}
