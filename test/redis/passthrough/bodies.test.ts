/** Files and forms of parts at their limits, and senders who take their time. */
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { PassthroughDeps } from '../../../src/routes/passthrough/deps.ts';
import { drip, raw } from './ask.ts';
import { type Desk, openDesk } from './desk.ts';

let desk: Desk;
let folder = '';
const sent: string[] = [];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tandem-bodies-'));
  sent.length = 0;
  const uploads: PassthroughDeps['uploads'] = {
    folder,
    mostBytes: 1000,
    async send(_actor, account, master, upload) {
      sent.push(`${account} ${master} ${upload.name} ${upload.bytes}`);
      return { kind: 'done' };
    },
  };
  desk = await openDesk({ uploads, bodyMs: 400 });
});

afterEach(async () => {
  await desk.close();
  expect(await readdir(folder)).toEqual([]);
  await rm(folder, { recursive: true });
});

const query = 'api.version=1&cpanel.user=bob&cpanel.module=Fileman&cpanel.function=upload_files';
const part = (name: string, file?: string) =>
  `--x\r\nContent-Disposition: form-data; name="${name}"${file === undefined ? '' : `; filename="${file}"`}\r\n\r\n`;

function head(path: string, length: number, authorization = 'whm root:GOOD'): string {
  const lines = [`POST ${path} HTTP/1.1`, 'Host: x', `Authorization: ${authorization}`, 'Connection: close'];
  return [...lines, 'Content-Type: multipart/form-data; boundary=x', `Content-Length: ${length}`, '', ''].join('\r\n');
}

async function whole(body: string, path = `/json-api/uapi_cpanel?${query}`): Promise<string> {
  return await raw(desk, head(path, Buffer.byteLength(body)) + body);
}

describe('files', () => {
  it('up to the limit are sent on', async () => {
    expect(await whole(`${part('file-1', 'a.txt')}${'a'.repeat(900)}\r\n--x--\r\n`)).toContain('"status":1');
    expect(sent).toEqual(['bob m1 a.txt 900']);
  });

  it.each([
    ['one that is larger', `${part('file-1', 'a')}${'a'.repeat(1001)}\r\n--x--\r\n`],
    [
      'several that are larger together',
      `${part('f1', 'a')}${'a'.repeat(600)}\r\n${part('f2', 'b')}${'b'.repeat(600)}\r\n--x--\r\n`,
    ],
    ['more than fifty', `${Array.from({ length: 51 }, (_, n) => `${part(`f${n}`, `f${n}`)}x\r\n`).join('')}--x--\r\n`],
  ])('%s: refused, and none is sent', async (_what, body) => {
    expect(await whole(body)).toMatch(/^HTTP\/1\.1 413 /);
    expect(sent).toEqual([]);
  });

  it('that are announced as larger than may ever come are not waited for', async () => {
    const { answer } = await drip(desk, head(`/json-api/uapi_cpanel?${query}`, 99_999_999_999), 'a', 20);
    expect(answer).toMatch(/^HTTP\/1\.1 413 /);
  });

  it('that come slowly but steadily are taken, and one whose sender falls silent is not', async () => {
    const body = `${part('file-1', 'slow.txt')}${'a'.repeat(660)}\r\n--x--\r\n`;
    const first = head(`/json-api/uapi_cpanel?${query}`, body.length) + body.slice(0, -68);
    const { answer, ms } = await dripped(first, body.slice(-68));
    expect(answer).toContain('"status":1');
    expect(ms).toBeGreaterThan(600);
    expect(sent).toEqual(['bob m1 slow.txt 660']);
    const silent = await raw(
      desk,
      head(`/json-api/uapi_cpanel?${query}`, 900) + part('file-1', 'half.txt') + 'a'.repeat(600),
    );
    expect(silent).toMatch(/^HTTP\/1\.1 408 /);
    expect(sent).toHaveLength(1);
  });
});

/** The rest two bytes at a time. */
function dripped(first: string, rest: string): Promise<{ answer: string; ms: number }> {
  let at = 0;
  const next = {
    toString() {
      at += 2;
      return rest.slice(at - 2, at);
    },
  };
  return drip(desk, first, next, 25);
}

it.each([1, 2, 3, 5, 9])('a form that comes %i bytes at a time is whole, wherever it is cut', async (bytes) => {
  const body = `${part('user')}bob\r\n${part('reason')}late\r\n--x--\r\n`;
  let at = 0;
  const more = {
    toString() {
      at += bytes;
      return body.slice(at - bytes, at);
    },
  };
  const { answer } = await drip(desk, head('/json-api/suspendacct?api.version=1', body.length), more, 1);
  expect(answer).toContain('"result":1');
});

describe('fields', () => {
  it('that drip in are cut off after the time of any body, as at the door to sign in', async () => {
    for (const path of ['/json-api/suspendacct?api.version=1', '/login/?login_only=1']) {
      const { answer, ms } = await drip(desk, head(path, 10_000) + part('user'), 'b', 20);
      expect(answer).toMatch(/^HTTP\/1\.1 408 /);
      expect(ms).toBeLessThan(5000);
    }
    expect(desk.accepted).toEqual([]);
  });

  it('at the door to sign in hold no file, and no more than a form needs', async () => {
    const file = `${part('user', 'a.txt')}x\r\n--x--\r\n`;
    expect(await whole(file, '/login/?login_only=1')).toMatch(/takes none/);
    const long = `${part('user')}${'a'.repeat(20_000)}\r\n--x--\r\n`;
    expect(await whole(long, '/login/?login_only=1')).toMatch(/^HTTP\/1\.1 413 /);
  });
});
