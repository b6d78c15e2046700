import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { PassthroughDeps } from '../../../src/routes/passthrough/deps.ts';
import { passthroughServerOptions } from '../../../src/routes/passthrough/router.ts';
import { drip, get, post, raw, root } from './ask.ts';
import { type Desk, openDesk } from './desk.ts';

let desk: Desk;
const denied =
  '{"cpanelresult":{"apiversion":"2","error":"Access denied","data":{"reason":"Access denied","result":"0"},"type":"text"}}';

async function reopen(overrides: Partial<PassthroughDeps>): Promise<void> {
  await desk.close();
  desk = await openDesk(overrides);
}

beforeEach(async () => {
  desk = await openDesk();
});

afterEach(async () => {
  await desk.close();
});

describe('sign-in', () => {
  it.each([undefined, 'whm root:BAD', 'whm rita:', 'Basic !!!', 'cpanel root:GOOD', 'Bearer GOOD'])(
    'with %s is denied in cPanel’s own words, and nobody is asked anything',
    async (authorization) => {
      const response = await fetch(`${desk.url}/json-api/suspendacct?user=bob`, {
        headers: authorization === undefined ? {} : { authorization },
      });
      expect(response.status).toBe(403);
      expect(response.statusText).toBe('Forbidden Access denied');
      expect(response.headers.get('content-type')).toBe('text/plain; charset="utf-8"');
      expect(await response.text()).toBe(denied);
      expect(desk.accepted).toEqual([]);
    },
  );

  it.each(['whm root:GOOD', 'WHM root:GOOD', `Basic ${Buffer.from('anna:pass').toString('base64')}`])(
    'with %s is taken',
    async (authorization) => {
      expect(await get(desk, '/json-api/applist?api.version=1', { authorization })).toMatchObject({
        metadata: { result: 1 },
      });
    },
  );

  it('is not looked at any more after many wrong ones, even when it is right', async () => {
    for (let i = 0; i < 15; i += 1)
      await fetch(`${desk.url}/json-api/version`, { headers: { authorization: 'whm root:BAD' } });
    const response = await fetch(`${desk.url}/json-api/version`, { headers: root });
    expect(response.status).toBe(403);
  });
});

describe('what should not come', () => {
  it('an unknown function answers as cPanel does, in both versions', async () => {
    expect(await get(desk, '/json-api/no_such_function?api.version=1')).toMatchObject({
      metadata: { result: 0, reason: expect.stringContaining('Unknown app (“no_such_function”)') },
    });
    expect(await get(desk, '/json-api/no_such_function')).toEqual({ error: 'Unknown App Requested: no_such_function' });
  });

  it.each(['HEAD', 'PUT', 'DELETE', 'OPTIONS'])('%s is not served', async (method) => {
    const response = await fetch(`${desk.url}/json-api/suspendacct?user=bob`, { method, headers: root });
    expect(response.status).toBe(405);
    expect(response.headers.get('allow')).toBe('GET, POST');
    expect(desk.accepted).toEqual([]);
  });

  it('a body of 10 MB is refused with JSON', async () => {
    const response = await fetch(`${desk.url}/json-api/suspendacct?api.version=1`, {
      method: 'POST',
      headers: root,
      body: `user=${'x'.repeat(10 * 1024 * 1024)}`,
    });
    expect(response.status).toBe(413);
    expect(await response.json()).toMatchObject({ metadata: { result: 0 } });
    expect(desk.accepted).toEqual([]);
  });

  it('a body that is announced as huge is not waited for', async () => {
    const answer = await raw(
      desk,
      'POST /json-api/suspendacct HTTP/1.1\r\nHost: x\r\nAuthorization: whm root:GOOD\r\nContent-Length: 99999999999\r\n\r\nuser=bob',
    );
    expect(answer).toMatch(/^HTTP\/1\.1 413 /);
  });

  it('a body that never ends is cut off', async () => {
    await reopen({ bodyMs: 100 });
    const answer = await raw(
      desk,
      'POST /json-api/suspendacct?api.version=1 HTTP/1.1\r\nHost: x\r\nAuthorization: whm root:GOOD\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nuser=\r\n',
    );
    expect(answer).toMatch(/^HTTP\/1\.1 408 /);
    expect(desk.accepted).toEqual([]);
  });

  it('headers that drip in and never end are cut off, and hold up nobody else', async () => {
    const { headersTimeout = 0, connectionsCheckingInterval = 0, requestTimeout = 0 } = passthroughServerOptions;
    expect(headersTimeout + connectionsCheckingInterval).toBeLessThanOrEqual(30_000);
    expect(requestTimeout).toBeGreaterThan(headersTimeout);
    await desk.close();
    const quick = { ...passthroughServerOptions, headersTimeout: 300, connectionsCheckingInterval: 50 };
    desk = await openDesk({}, quick);
    const first = 'GET /json-api/version HTTP/1.1\r\nHost: x\r\nAuthorization: whm root:GOOD\r\n';
    const slow = Array.from({ length: 20 }, () => drip(desk, first, 'X-A: b\r\n', 40));
    desk.answer({ kind: 'done', data: { pkg: [] }, reason: 'OK', warnings: [], body: undefined });
    expect(await get(desk, '/json-api/listpkgs?api.version=1')).toMatchObject({ metadata: { result: 1 } });
    for (const { answer, ms } of await Promise.all(slow)) {
      expect(answer).toMatch(/^HTTP\/1\.1 408 /);
      expect(ms).toBeLessThan(5000);
    }
    expect(desk.read.map((call) => call.fn)).toEqual(['listpkgs']);
  });

  it.each([
    ['a form', 'application/x-www-form-urlencoded', 'a'],
    ['JSON', 'application/json', ' '],
  ])('%s that drips in is cut off after its time, however steadily it comes', async (_what, type, more) => {
    await reopen({ bodyMs: 300 });
    const head = `POST /json-api/suspendacct?api.version=1 HTTP/1.1\r\nHost: x\r\nAuthorization: whm root:GOOD\r\n`;
    const first = `${head}Content-Type: ${type}\r\nContent-Length: 100000\r\n\r\n`;
    const { answer, ms } = await drip(desk, first, more, 20);
    expect(answer).toMatch(/^HTTP\/1\.1 408 /);
    expect(answer).toContain('"result":0');
    expect(ms).toBeLessThan(5000);
    expect(desk.accepted).toEqual([]);
    await vi.waitFor(() => expect(desk.log.text()).toContain('passthrough request cut off'));
  });

  it('a sender who is not let in is not listened to: neither a slow nor a huge body is waited for', async () => {
    const head = 'POST /json-api/suspendacct HTTP/1.1\r\nHost: x\r\nAuthorization: whm root:BAD\r\n';
    const { answer, ms } = await drip(desk, `${head}Content-Length: 9999999999\r\n\r\n`, 'a', 20);
    expect(answer).toMatch(/^HTTP\/1\.1 403 /);
    expect(ms).toBeLessThan(5000);
  });

  it.each(['user=bob%00', 'user=bob%0d%0aX', 'user=%ff', 'us%00er=bob'])(
    '%s is refused and reaches nobody',
    async (query) => {
      expect(await get(desk, `/json-api/suspendacct?api.version=1&${query}`)).toMatchObject({
        metadata: { result: 0 },
      });
      expect(desk.accepted).toEqual([]);
    },
  );

  it('two lengths in one request (smuggling) are refused before anything is read', async () => {
    const answer = await raw(
      desk,
      'POST /json-api/suspendacct HTTP/1.1\r\nHost: x\r\nAuthorization: whm root:GOOD\r\nContent-Length: 8\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /json-api/suspendacct?user=bob HTTP/1.1\r\nHost: x\r\nAuthorization: whm root:GOOD\r\n\r\n',
    );
    expect(answer).toMatch(/^HTTP\/1\.1 400 /);
    expect(desk.accepted).toEqual([]);
  });

  it.each(['/', '/json-api/', '/json-api/../etc', '/login/', '/execute/Email/x', '/json-api/a%2f..%2fb'])(
    '%s never answers HTML',
    async (path) => {
      const response = await fetch(`${desk.url}${path}`, { headers: root });
      const text = await response.text();
      expect(text).not.toMatch(/<[a-z!]/i);
      expect(() => JSON.parse(text)).not.toThrow();
    },
  );

  it('a URL of 60 kB is served: certificates travel in URLs', async () => {
    desk.answer({ kind: 'done', data: { pkg: [] }, reason: 'OK', warnings: [], body: undefined });
    expect(await get(desk, `/json-api/listpkgs?api.version=1&crt=${'A'.repeat(60_000)}`)).toMatchObject({
      metadata: { result: 1 },
    });
  });

  it('no secret of a URL, a body or a header stands in the log', async () => {
    await get(desk, '/json-api/passwd?api.version=1&user=bob&password=Hunter2-in-url');
    await post(desk, '/json-api/passwd', 'user=bob&password=Hunter2-in-body');
    await get(desk, '/json-api/version', { authorization: 'whm root:Hunter2-token' });
    await get(desk, '/json-api/no_such?password=Hunter2-in-url');
    await vi.waitFor(() => expect(desk.log.entries.length).toBeGreaterThan(0));
    expect(desk.log.text()).not.toContain('Hunter2');
  });

  it('an unexpected failure is logged and told without its words', async () => {
    await reopen({
      on: () => Promise.reject(new Error('secret detail')),
      may: () => {
        throw new Error('secret detail');
      },
    });
    const body = await get(desk, '/json-api/suspendacct?api.version=1&user=bob');
    expect(JSON.stringify(body)).not.toContain('secret detail');
    expect(body).toMatchObject({ metadata: { result: 0 } });
    expect(desk.log.text()).toContain('secret detail');
  });
});

describe('bytes that were sent to deceive', () => {
  const auth = 'Authorization: whm root:GOOD\r\n';

  it.each([
    ['a bare CR in a header', `GET /json-api/version HTTP/1.1\r\nHost: x\rY: z\r\n${auth}\r\n`],
    ['NUL in a header', `GET /json-api/version HTTP/1.1\r\nHost: x\0\r\n${auth}\r\n`],
    ['white space before a colon', `GET /json-api/version HTTP/1.1\r\nHost : x\r\n${auth}\r\n`],
    [
      'two different lengths',
      `POST /json-api/version HTTP/1.1\r\nHost: x\r\n${auth}Content-Length: 1\r\nContent-Length: 2\r\n\r\nab`,
    ],
    [
      'a chunked body of no known size',
      `POST /json-api/version HTTP/1.1\r\nHost: x\r\n${auth}Transfer-Encoding: chunked\r\n\r\nzz\r\n`,
    ],
    ['headers beyond 64 kB', `GET /json-api/version HTTP/1.1\r\nHost: x\r\nX: ${'a'.repeat(70_000)}\r\n${auth}\r\n`],
  ])('%s: refused, and no master is asked', async (_what, bytes) => {
    expect(await raw(desk, bytes)).toMatch(/^HTTP\/1\.1 4\d\d /);
    expect([desk.accepted, desk.read]).toEqual([[], []]);
  });

  it.each([
    ['a name of a function with an escaped line break', '/json-api/suspendacct%0d%0aX:1?user=bob'],
    ['a module with a path', '/execute/..%2fEmail/add_pop'],
    ['a link to another host', 'https://evil.example/json-api/suspendacct?user=bob'],
    ['two session prefixes', '/cpsess1234567890/cpsess1234567890/json-api/suspendacct?user=bob'],
  ])('%s names nothing', async (_what, path) => {
    const answer = await raw(desk, `GET ${path} HTTP/1.1\r\nHost: x\r\n${auth}Connection: close\r\n\r\n`);
    expect(answer).toMatch(/^HTTP\/1\.1 404 /);
    expect(desk.accepted).toEqual([]);
  });

  it.each(['user=bob%0d%0aSet-Cookie:a', 'user=bob%00', 'us%0aer=bob'])(
    '%s is refused as a parameter',
    async (query) => {
      expect(await get(desk, `/json-api/suspendacct?api.version=1&${query}`)).toMatchObject({
        metadata: { result: 0 },
      });
      expect(desk.accepted).toEqual([]);
    },
  );

  it('a cookie that comes twice with different values is nobody', async () => {
    const response = await fetch(`${desk.url}/cpsess0123456789/json-api/version`, {
      headers: { cookie: 'whostmgrsession=COOKIE; whostmgrsession=OTHER' },
    });
    expect(response.status).toBe(403);
  });

  it('a cookie session is served under its own security token only', async () => {
    const headers = { cookie: 'whostmgrsession=COOKIE' };
    desk.answer({ kind: 'done', data: { pkg: [] }, reason: 'OK', warnings: [], body: undefined });
    const asked = async (path: string) => (await fetch(`${desk.url}${path}`, { headers })).status;
    expect(await asked('/cpsess0123456789/json-api/listpkgs')).toBe(200);
    expect(await asked('/cpsess0123456780/json-api/listpkgs')).toBe(403);
    expect(await asked('/json-api/listpkgs')).toBe(403);
  });
});
