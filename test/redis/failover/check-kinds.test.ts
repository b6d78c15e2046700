import { once } from 'node:events';
import { createServer as createHttp } from 'node:http';
import { createServer as createHttps } from 'node:https';
import type { AddressInfo } from 'node:net';
import { createServer, type Server } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { selfSigned } from '../../../src/certificates.ts';
import { checkKinds } from '../../../src/failover/checks/kinds/index.ts';
import { runCheck } from '../../../src/failover/checks/run-check.ts';
import { freePort } from '../../support/processes.ts';

const servers: { close(): unknown }[] = [];
let closed: number;
beforeAll(async () => {
  closed = await freePort();
});
afterAll(() => {
  for (const server of servers) server.close();
});

async function portOf(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  servers.push(server);
  return (server.address() as AddressInfo).port;
}

/** A server that says this and nothing more; undefined: it takes the connection and is silent. */
function saying(greeting: string | Buffer | undefined): Promise<number> {
  return portOf(
    createServer((socket) => {
      socket.on('error', () => {});
      if (greeting !== undefined) socket.write(greeting);
    }),
  );
}

async function check(kind: string, params: Record<string, unknown>, timeoutMs = 3000): Promise<string> {
  const bound = checkKinds.find((one) => one.kind === kind)?.bind(params);
  if (bound === undefined) throw new Error(`no kind ${kind}`);
  const signal = new AbortController().signal;
  const elapsed = () => performance.now();
  const found = await runCheck(bound.run, { host: '127.0.0.1', timeoutMs, signal, now: Date.now(), elapsed });
  return `${found.result}: ${found.text}`;
}

/** A MySQL packet: length, number, content. */
function packet(content: Buffer): Buffer {
  const head = Buffer.alloc(4);
  head.writeUIntLE(content.length, 0, 3);
  return Buffer.concat([head, content]);
}

const mysqlError = (code: number, text: string): Buffer =>
  packet(Buffer.concat([Buffer.from([0xff, code & 0xff, code >> 8]), Buffer.from(text)]));

/** PostgreSQL's 'E' with its code and words. */
function postgresError(code: string, text: string): Buffer {
  const fields = Buffer.from(`SFATAL\0C${code}\0M${text}\0\0`);
  const head = Buffer.from('E\0\0\0\0');
  head.writeInt32BE(4 + fields.length, 1);
  return Buffer.concat([head, fields]);
}

describe('greetings', () => {
  it.each([
    ['smtp', '220-mx.example ESMTP\r\n220 hello\r\n', 'ok: 220-mx.example ESMTP 220 hello'],
    ['smtp', '554 go away\r\n', 'critical: greets with 554 go away'],
    ['smtp', '421 too busy\u0007\r\n', 'critical: greets with 421 too busy'],
    ['imap', '* OK [CAPABILITY IMAP4rev1] ready\r\n', 'ok: * OK [CAPABILITY IMAP4rev1] ready'],
    ['imap', '* BYE no room\r\n', 'critical: greets with * BYE no room'],
    ['mysql', packet(Buffer.from('\n10.11.6-MariaDB\0rest')), 'ok: version 10.11.6-MariaDB'],
    ['mysql', mysqlError(1130, 'not you'), 'ok: answers, though not to this machine'],
    ['mysql', mysqlError(1040, 'Too many connections'), 'critical: error 1040: Too many connections'],
    ['postgres', Buffer.from('R\0\0\0\b\0\0\0\n'), 'ok: asks who signs in'],
    ['postgres', postgresError('28000', 'no pg_hba.conf entry'), 'ok: answers, though not to this machine'],
    ['postgres', postgresError('53300', 'too many clients'), 'critical: 53300: too many clients'],
    ['postgres', postgresError('57P03', 'is starting up'), 'critical: 57P03: is starting up'],
    ['postgres', 'HTTP/1.1 400', 'critical: answers with "H", which is not that of PostgreSQL'],
  ])('%s reads %j', async (kind, greeting, said) => {
    expect(await check(kind, { port: await saying(greeting) })).toBe(said);
  });

  it.each(['tcp', 'smtp', 'imap', 'mysql', 'postgres', 'http'])('%s is critical where nobody listens', async (kind) => {
    expect(await check(kind, { port: closed })).toMatch(/^critical: .*ECONNREFUSED/);
  });

  it.each(['smtp', 'imap', 'mysql', 'postgres', 'http'])(
    '%s is critical when the server is silent, in its time',
    async (kind) => {
      const begun = performance.now();
      expect(await check(kind, { port: await saying(undefined) }, 400)).toBe('critical: no answer in 400 ms');
      expect(performance.now() - begun).toBeLessThan(3000);
    },
  );

  it('tcp is content with a connection, ping by TCP with a refusal too', async () => {
    expect(await check('tcp', { port: await saying(undefined) })).toContain('ok');
    expect(await check('ping', { port: closed })).toContain('ok');
  });
});

describe('pages', () => {
  it('look at status and text', async () => {
    const page = createHttp((request, response) => {
      response.writeHead(request.url === '/bad' ? 503 : 200).end('Welcome to the shop');
    });
    const port = await portOf(page);
    expect(await check('http', { port })).toBe('ok: answers 200');
    expect(await check('http', { port, path: '/bad' })).toBe('critical: answers 503');
    expect(await check('http', { port, path: '/bad', status: 503 })).toBe('ok: answers 503');
    expect(await check('http', { port, text: 'the shop' })).toBe('ok: answers 200');
    expect(await check('http', { port, text: 'the bank' })).toContain('“the bank” is not on the page');
  });

  it('over TLS warn of a certificate that ends soon, and serve all the same', async () => {
    const made = await selfSigned({ names: ['shop.example'], days: 10 });
    const secure = createHttps({ cert: made.cert, key: made.key }, (_request, response) => response.end('ok'));
    const port = await portOf(secure);
    expect(await check('https', { port, name: 'shop.example' })).toMatch(
      /^warning: answers 200; its certificate ends in \d+ days$/,
    );
    expect(await check('https', { port, certificateDays: 3 })).toBe('ok: answers 200');
  });
});

describe('faults of this machine', () => {
  it('a file that is not there, or a name that cannot be looked up, says nothing about the master', async () => {
    const asked = check('servicestatus', { tokenFile: '/nowhere', fingerprint: 'AB' });
    expect(await asked).toMatch(/^unknown: cannot be checked/);
  });

  it('a watcher that stood still does not count what it missed', async () => {
    let clock = 0;
    const run = () =>
      new Promise<never>((_, reject) => {
        clock = 60_000;
        reject(new Error('late'));
      });
    const signal = new AbortController().signal;
    const found = await runCheck(run, { host: 'x', timeoutMs: 1000, signal, now: 0, elapsed: () => clock });
    expect(found).toMatchObject({ result: 'unknown', text: 'this watcher itself stood still for 60 s' });
  });
});
