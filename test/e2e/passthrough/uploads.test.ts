import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Ask, openStage, type Stage } from './stage.ts';

let stage: Stage;
let bob: string;

beforeAll(async () => {
  stage = await openStage();
  bob = `cpanel bob:${(await stage.pair.core.auth.tokenCreate({ owner: 'bob', acl: ['all'], scope: 'account' })).token}`;
});

afterAll(() => stage.close());

type Part = readonly [name: string, value: string, filename?: string];

/** As PHP's curl writes an array of fields, and @cpanel/api a form with files. */
function parts(list: readonly Part[], authorization: string): Ask {
  const boundary = '------------------------d74496d66958873e';
  const head = (name: string, filename?: string) =>
    `--${boundary}\r\nContent-Disposition: form-data; name="${name}"` +
    (filename === undefined ? '' : `; filename="${filename}"\r\nContent-Type: application/octet-stream`);
  const body = list.map(([name, value, filename]) => `${head(name, filename)}\r\n\r\n${value}\r\n`).join('');
  return {
    method: 'POST',
    headers: { authorization, 'content-type': `multipart/form-data; boundary=${boundary}` },
    body: `${body}--${boundary}--\r\n`,
  };
}

const home = (id: string, path: string) => join(stage.pair.dir, id, 'files', 'home', 'bob', path);
const there = (path: string) =>
  stat(path).then(
    () => true,
    () => false,
  );
const waiting = () => readdir(join(stage.pair.dir, 'state', 'uploads')).catch(() => []);

describe('Fileman::upload_files', () => {
  it('puts files into the home on the active master, and nowhere else; nothing stays here', async () => {
    const sent = parts(
      [
        ['dir', 'public_html'],
        ['permissions', '0600'],
        ['file-1', 'Grüße\r\n--not the end', 'hello.txt'],
        ['file-2', '', 'empty.txt'],
      ],
      bob,
    );
    const answer = (await stage.cpanel('/execute/Fileman/upload_files', sent)).json();
    expect(answer).toMatchObject({ status: 1, errors: null, data: { succeeded: 2, failed: 0 } });
    expect(await readFile(home('m1', 'public_html/hello.txt'), 'utf8')).toBe('Grüße\r\n--not the end');
    expect((await stat(home('m1', 'public_html/hello.txt'))).mode & 0o777).toBe(0o600);
    expect(await there(home('m1', 'public_html/empty.txt'))).toBe(true);
    expect(await there(home('m2', 'public_html/hello.txt'))).toBe(false);
    expect(await waiting()).toEqual([]);
    const [first] = await stage.pair.core.auth.auditList({ limit: 20 });
    expect(JSON.stringify(first)).toContain('file.upload');
  });

  it('is the same through WHM’s port, where the account is named before the file', async () => {
    const root = `whm root:${stage.rootToken}`;
    const call: Part[] = [
      ['api.version', '1'],
      ['cpanel.user', 'bob'],
      ['cpanel.module', 'Fileman'],
      ['cpanel.function', 'upload_files'],
      ['dir', '/home/bob/public_html'],
    ];
    const answer = await stage.whm('/json-api/uapi_cpanel', parts([...call, ['file-1', 'x', 'whm.txt']], root));
    expect(answer.json()).toMatchObject({ data: { uapi: { status: 1, data: { succeeded: 1 } } } });
    expect(await there(home('m1', 'public_html/whm.txt'))).toBe(true);
  });

  it('says what the master says: a file that is there is replaced only on request', async () => {
    const again = (more: readonly Part[]) =>
      parts([['dir', 'public_html'], ...more, ['file-1', 'second', 'twice.txt']], bob);
    expect((await stage.cpanel('/execute/Fileman/upload_files', again([]))).json()).toMatchObject({ status: 1 });
    const refused = (await stage.cpanel('/execute/Fileman/upload_files', again([]))).json();
    expect(refused).toMatchObject({
      status: 0,
      errors: [expect.stringContaining('already exists')],
      data: { failed: 1 },
    });
    const replaced = await stage.cpanel('/execute/Fileman/upload_files', again([['overwrite', '1']]));
    expect(replaced.json()).toMatchObject({ status: 1 });
  });

  it.each([
    ['a way out of the home', '../eve', 'x.txt'],
    ['another home', '/home/eve', 'x.txt'],
    ['a name with a line break', 'public_html', 'x%0d%0a.txt'.replace('%0d%0a', '\u0001')],
  ])('%s is refused', async (_what, dir, name) => {
    const answer = await stage.cpanel(
      '/execute/Fileman/upload_files',
      parts(
        [
          ['dir', dir],
          ['file-1', 'x', name],
        ],
        bob,
      ),
    );
    expect(answer.json()).toMatchObject({ status: 0 });
    expect(await waiting()).toEqual([]);
  });

  it('reaches nobody else’s home, and needs the right to change', async () => {
    await stage.perform('account.create', { account: 'eve', domain: 'eve.example', plan: 'gold' });
    const auth = stage.pair.core.auth;
    const reads = (await auth.tokenCreate({ owner: 'bob', acl: ['read'], scope: 'account' })).token;
    const rita = (await auth.tokenCreate({ owner: 'rita', acl: ['all'] })).token;
    const sent: Part[] = [
      ['dir', 'public_html'],
      ['file-1', 'x', 'foreign.txt'],
    ];
    const byReader = await stage.cpanel('/execute/Fileman/upload_files', parts(sent, `cpanel bob:${reads}`));
    expect(byReader.json()).toMatchObject({ status: 0 });
    const query = 'cpanel.user=eve&cpanel.module=Fileman&cpanel.function=upload_files&api.version=1';
    const byReseller = await stage.whm(`/json-api/uapi_cpanel?${query}`, parts(sent, `whm rita:${rita}`));
    expect(byReseller.text).not.toContain('"succeeded":1');
    for (const id of ['m1', 'm2'])
      for (const who of ['bob', 'eve'])
        expect(await there(join(stage.pair.dir, id, 'files', 'home', who, 'public_html', 'foreign.txt'))).toBe(false);
  });
});

describe('a multipart body without files', () => {
  it('is parameters like any other, as PHP’s curl sends them', async () => {
    const root = `whm root:${stage.rootToken}`;
    const answer = await stage.whm('/json-api/accountsummary?api.version=1', parts([['user', 'bob']], root));
    expect(answer.json()).toMatchObject({ metadata: { result: 1 }, data: { acct: [{ user: 'bob' }] } });
  });

  it('may hold no file for a call that takes none', async () => {
    const root = `whm root:${stage.rootToken}`;
    const sent = parts(
      [
        ['user', 'bob'],
        ['file-1', 'x', 'x.txt'],
      ],
      root,
    );
    const answer = await stage.whm('/json-api/suspendacct?api.version=1', sent);
    expect(answer.json()).toMatchObject({ metadata: { result: 0, reason: expect.stringContaining('takes none') } });
    expect(await waiting()).toEqual([]);
  });

  it('that is broken, or has no boundary, changes nothing', async () => {
    const headers = { authorization: `whm root:${stage.rootToken}`, 'content-type': 'multipart/form-data; boundary=x' };
    const broken = { method: 'POST', headers, body: '--x\r\nContent-Disposition: form-data; name="user"\r\n\r\nbob' };
    for (const ask of [broken, { ...broken, headers: { ...headers, 'content-type': 'multipart/form-data' } }]) {
      const answer = await stage.whm('/json-api/suspendacct?api.version=1', ask);
      expect(answer.json()).toMatchObject({ metadata: { result: 0 } });
    }
    const summary = await stage.whm('/json-api/accountsummary?api.version=1&user=bob');
    expect(summary.json()).toMatchObject({ data: { acct: [{ suspended: 0 }] } });
  });

  it('is bounded: fields that are too long are cut off', async () => {
    const answer = await stage.whm(
      '/json-api/suspendacct?api.version=1',
      parts([['user', 'b'.repeat(3 * 1024 * 1024)]], `whm root:${stage.rootToken}`),
    );
    expect(answer.status).toBe(413);
  });

  it('whose sender goes away in the middle leaves nothing here', async () => {
    const { port } = stage.web.cpanel;
    const socket = connect({ host: '127.0.0.1', port, ca: stage.ca, servername: 'localhost' });
    socket.on('error', () => undefined);
    socket.write(
      `POST /execute/Fileman/upload_files HTTP/1.1\r\nHost: x\r\nAuthorization: ${bob}\r\n` +
        'Content-Type: multipart/form-data; boundary=x\r\nContent-Length: 100000\r\n\r\n' +
        '--x\r\nContent-Disposition: form-data; name="file-1"; filename="half.txt"\r\n\r\n' +
        'half'.repeat(500),
    );
    await expect.poll(waiting, { timeout: 20_000 }).toHaveLength(1);
    socket.destroy();
    await expect.poll(waiting, { timeout: 20_000 }).toEqual([]);
    expect(await there(home('m1', 'half.txt'))).toBe(false);
  });
});
