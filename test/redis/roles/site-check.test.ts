import { once } from 'node:events';
import { createServer as overHttp, type RequestListener } from 'node:http';
import { createServer as overHttps } from 'node:https';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { selfSigned } from '../../../src/certificates.ts';
import { openSiteCheck } from '../../../src/roles/customers/site-check.ts';
import type { SiteAnswer } from '../../../src/routes/customer/deps.ts';

/** Whether an application sends its visitors away from a name of one server, asked of real servers. */

const close: (() => void)[] = [];
let ports: { readonly http: number; readonly https: number };
const asked: string[] = [];

/** Sites by name: what each answers at http and https. */
const site: RequestListener = (request, response) => {
  const name = request.headers.host ?? '';
  const isSecure = 'encrypted' in request.socket;
  asked.push(`${isSecure ? 'https' : 'http'} ${name}`);
  const to = (location: string) => response.writeHead(301, { location }).end();
  if (name.includes('plain')) return void response.end('here');
  if (name.includes('secure') && !isSecure) return void to(`https://${name}/shop`);
  if (name.includes('broken')) return void response.writeHead(500).end();
  if (name.includes('round')) return void to('/again');
  if (name.includes('odd')) return void to('http://[');
  if (name.includes('away')) return void to('https://www.away.example/');
  if (name.includes('silent')) return;
  response.end('here');
};

beforeAll(async () => {
  const { cert, key } = await selfSigned({ names: ['other.example'], days: 1 });
  const servers = [overHttp(site), overHttps({ cert, key }, site)];
  for (const server of servers) {
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    close.push(() => {
      server.closeAllConnections();
      server.close();
    });
  }
  const [http = 0, https = 0] = servers.map((server) => (server.address() as AddressInfo).port);
  ports = { http, https };
});
afterAll(() => {
  for (const one of close) one();
});

async function found(name: string, signal?: AbortSignal): Promise<SiteAnswer> {
  const check = openSiteCheck({ ports, clock: () => 0, ...(signal === undefined ? {} : { signal }) });
  expect(check(name, '127.0.0.1')).toEqual({ kind: 'asking' });
  return vi.waitFor(() => {
    const answer = check(name, '127.0.0.1');
    expect(answer.kind).not.toBe('asking');
    return answer;
  }, 6000);
}

it.each([
  ['answers', 'www1.plain.example', { kind: 'answers', status: 200 }],
  ['answers over HTTPS under the same name', 'www1.secure.example', { kind: 'answers', status: 200 }],
  ['answers with an error', 'www1.broken.example', { kind: 'answers', status: 500 }],
  ['sends visitors on to its own name', 'www1.away.example', { kind: 'redirects', to: 'www.away.example' }],
  ['goes round and round', 'www1.round.example', { kind: 'answers', status: 310 }],
  ['sends visitors nowhere', 'www1.odd.example', { kind: 'answers', status: 301 }],
])('a site %s', async (_, name, wanted) => {
  expect(await found(name)).toEqual(wanted);
});

it('one that does not answer is silent, and so is one where nobody listens', async () => {
  const stop = new AbortController();
  const silent = found('www1.silent.example', stop.signal);
  await vi.waitFor(() => expect(asked).toContain('http www1.silent.example'));
  stop.abort();
  expect((await silent).kind).toBe('silent');
  const check = openSiteCheck({ ports: { http: 1, https: 1 }, clock: () => 0 });
  check('www1.plain.example', '127.0.0.1');
  await vi.waitFor(() => expect(check('www1.plain.example', '127.0.0.1').kind).toBe('silent'));
});

it('what was found is kept for a minute, and told while it is asked anew', async () => {
  let now = 0;
  const check = openSiteCheck({ ports, clock: () => now });
  check('www2.plain.example', '127.0.0.1');
  await vi.waitFor(() => expect(check('www2.plain.example', '127.0.0.1').kind).toBe('answers'));
  const count = () => asked.filter((one) => one === 'http www2.plain.example').length;
  now = 59_000;
  check('www2.plain.example', '127.0.0.1');
  expect(count()).toBe(1);
  now = 61_000;
  expect(check('www2.plain.example', '127.0.0.1')).toEqual({ kind: 'answers', status: 200 });
  await vi.waitFor(() => expect(count()).toBe(2));
});
