import { type IncomingMessage, request as plainRequest } from 'node:http';
import { request as tlsRequest } from 'node:https';
import { TLSSocket } from 'node:tls';
import { z } from 'zod';
import { host as hostName, port, text, whole } from '../../../config-types.ts';
import { type CheckAround, type CheckKind, critical, type Finding, ok, warning } from '../kind.ts';

const shape = z.strictObject({
  port: port.optional(),
  path: z
    .string()
    .regex(/^\/[\x21-\x7e]*$/, 'must begin with /')
    .default('/'),
  /** Host header and server name; default: the address itself. */
  name: hostName.optional(),
  /** Wanted; without it every answer below 500 will do. */
  status: whole(100, 599).optional(),
  /** Must stand in the first 256 KiB of the page: shows that program and database work. */
  text: text.optional(),
  /** Warns when the certificate ends within so many days. */
  certificateDays: whole(0, 365).default(21),
});

type Params = z.output<typeof shape> & { readonly tls: boolean };

const most = 262_144;

async function body(answer: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of answer) {
    const chunk: Buffer = part;
    parts.push(chunk);
    size += chunk.length;
    if (size >= most) break;
  }
  return Buffer.concat(parts).toString('utf8');
}

function get(host: string, given: Params, around: CheckAround): Promise<IncomingMessage> {
  const { tls, path, name } = given;
  const options = {
    host,
    port: given.port ?? (tls ? 443 : 80),
    path,
    agent: false,
    signal: around.signal,
    headers: { host: name ?? host, 'user-agent': 'Tandem check', connection: 'close' },
  } as const;
  return new Promise((resolve, reject) => {
    // Whether it serves is asked first; what is wrong with its certificate is said beside that.
    const secure = { rejectUnauthorized: false, ...(name === undefined ? {} : { servername: name }) };
    const asked = tls ? tlsRequest({ ...options, ...secure }, resolve) : plainRequest(options, resolve);
    asked.once('error', reject);
    asked.end();
  });
}

const day = 86_400_000;

/** What is wrong with the certificate. */
function certificateTrouble(answer: IncomingMessage, given: Params, now: number): string | undefined {
  if (!(answer.socket instanceof TLSSocket)) return undefined;
  const certificate = answer.socket.getPeerX509Certificate();
  if (certificate === undefined) return undefined;
  const days = Math.floor((Date.parse(certificate.validTo) - now) / day);
  if (days < 0) return `its certificate ended ${-days} days ago`;
  return days < given.certificateDays ? `its certificate ends in ${days} days` : undefined;
}

async function read(host: string, given: Params, around: CheckAround): Promise<Finding> {
  const answer = await get(host, given, around);
  try {
    const trouble = certificateTrouble(answer, given, around.now);
    const status = answer.statusCode ?? 0;
    const right = given.status === undefined ? status < 500 : status === given.status;
    if (!right) return critical(`answers ${status}${given.status === undefined ? '' : `, not ${given.status}`}`);
    if (given.text !== undefined && !(await body(answer)).includes(given.text)) {
      return critical(`answers ${status}, but “${given.text}” is not on the page`);
    }
    return trouble === undefined ? ok(`answers ${status}`) : warning(`answers ${status}; ${trouble}`);
  } finally {
    answer.destroy();
  }
}

/** Whether a page is served. */
export const http: CheckKind<Params> = {
  kind: 'http',
  params: shape.transform((given) => ({ ...given, tls: false })),
  example: '{ id: page, kind: http, name: www.example.com, text: Welcome }',
  port: (given) => given.port ?? (given.tls ? 443 : 80),
  run: read,
};

/** The same over TLS, with the age of the certificate. */
export const https: CheckKind<Params> = {
  kind: 'https',
  params: shape.transform((given) => ({ ...given, tls: true })),
  example: '{ id: shop, kind: https, name: shop.example.com, path: /health, status: 200 }',
  port: (given) => given.port ?? (given.tls ? 443 : 80),
  run: read,
};
