import { once } from 'node:events';
import type { ClientRequest, IncomingMessage } from 'node:http';
import https from 'node:https';
import { messageOf } from '../errors.ts';
import type { WhmTarget } from '../whm/client.ts';
import { MasterAgent, NotConnected } from '../whm/connection.ts';
import type { Ask, Reply, Sign } from './model.ts';

/** What is sent to: the client's target and the port of cPanel itself. */
export type ProbeTarget = WhmTarget & { readonly cpanelPort: number };

/** Sends requests and shows the answers as they come, status line and headers too, which the client keeps to itself. */
export interface Probe {
  /** Never throws; what fails is told in the reply. `signal` stops waiting. */
  send(ask: Ask, deadlineMs: number, signal?: AbortSignal): Promise<Reply>;
  close(): void;
}

const connectTimeoutMs = 10_000;
const idleMs = 15_000;
const maxBytes = 50 * 1024 * 1024;

/** The Authorization and Cookie headers of a signature. */
function headersOf(sign: Sign, target: ProbeTarget): Readonly<Record<string, string>> {
  switch (sign.kind) {
    case 'none':
      return {};
    case 'cookie':
      return { Cookie: sign.cookie };
    case 'token':
      return { Authorization: `whm ${sign.user}:${sign.token}` };
    case 'basic':
      return { Authorization: `Basic ${Buffer.from(`${sign.user}:${sign.password}`).toString('base64')}` };
    case 'ours': {
      const { credentials } = target;
      return credentials.kind === 'token'
        ? { Authorization: `whm ${credentials.user}:${credentials.token}` }
        : headersOf({ ...credentials, kind: 'basic' }, target);
    }
  }
}

async function textOf(response: AsyncIterable<Buffer>): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of response) {
    bytes += chunk.length;
    if (bytes > maxBytes) throw new Error(`the answer is longer than ${maxBytes} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function headOf({ statusCode = 0, headers }: IncomingMessage): Omit<Reply, 'ms' | 'text'> {
  return {
    status: statusCode,
    contentType: (headers['content-type'] ?? '').split(';')[0]?.trim() ?? '',
    setCookies: headers['set-cookie'] ?? [],
    location: headers.location ?? '',
  };
}

function failed(error: unknown, ms: number): Reply {
  const failure = { sent: !(error instanceof NotConnected), reason: messageOf(error) };
  return { status: 0, contentType: '', text: '', setCookies: [], location: '', ms, failure };
}

function formOf(form: Ask['form']): string {
  return form.map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`).join('&');
}

/** Opens nothing yet. The caller closes it. */
export function openProbe(target: ProbeTarget, now: () => number = () => performance.now()): Probe {
  const agentFor = (port: number): MasterAgent => new MasterAgent({ ...target, port, connectTimeoutMs, idleMs });
  const agents = { whm: agentFor(target.port), cpanel: agentFor(target.cpanelPort) };

  function requestOf(ask: Ask, body: string, signal: AbortSignal): ClientRequest {
    const port = ask.port === 'whm' ? target.port : target.cpanelPort;
    const isGet = ask.method === 'GET';
    const type = { 'Content-Type': 'application/x-www-form-urlencoded' };
    return https.request({
      agent: agents[ask.port],
      method: ask.method ?? 'POST',
      path: isGet && body !== '' ? `${ask.path}?${body}` : ask.path,
      signal,
      headers: {
        Host: `${target.hostname}:${port}`,
        'User-Agent': 'Tandem',
        ...(isGet ? {} : type),
        ...headersOf(ask.sign, target),
      },
    });
  }

  async function exchange(ask: Ask, signal: AbortSignal): Promise<Omit<Reply, 'ms'>> {
    const body = formOf(ask.form);
    const request = requestOf(ask, body, signal);
    const answered = once(request, 'response');
    // What fails after the answer has begun is told by the answer's own end.
    request.on('error', () => {});
    request.end(ask.method === 'GET' ? undefined : body);
    // The event's one argument is the response, says its documentation; `once` types it loosely.
    const [response] = (await answered) as [IncomingMessage];
    return { ...headOf(response), text: await textOf(response) };
  }

  return {
    async send(ask, deadlineMs, signal) {
      const start = now();
      const late = AbortSignal.timeout(Math.ceil(deadlineMs));
      const stop = signal === undefined ? late : AbortSignal.any([late, signal]);
      try {
        return { ...(await exchange(ask, stop)), ms: now() - start };
      } catch (error) {
        return failed(late.aborted ? new Error(`no answer within ${deadlineMs} ms`) : error, now() - start);
      }
    },
    close() {
      agents.whm.destroy();
      agents.cpanel.destroy();
    },
  };
}
