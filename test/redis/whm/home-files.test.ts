import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { uapi } from '../../../src/whm/call.ts';
import { homeFiles } from '../../../src/whm/home-files.ts';
import type { HomeFiles } from '../../../src/whm/outcome.ts';
import { fault, heal, root, startPair, type TestPair } from '../../support/pair.ts';

let pair: TestPair;
let home: HomeFiles;
let folder: string;
const never = new AbortController().signal;

async function fileOf(bytes: Buffer): Promise<{ path: string; bytes: number }> {
  const path = join(folder, `${Math.random()}`);
  await writeFile(path, bytes);
  return { path, bytes: bytes.length };
}

beforeAll(async () => {
  [pair, folder] = await Promise.all([startPair({ worker: true }), mkdtemp(join(tmpdir(), 'home-files-'))]);
  const bob = { account: 'bob', domain: 'bob.example', plan: 'gold', contactEmail: 'b@mail.example' };
  for (const [action, params] of [
    ['package.add', { name: 'gold' }],
    ['account.create', bob],
  ] as const) {
    const made = await pair.core.operations.accept({ action, params, actor: root, door: 'api' });
    await pair.core.operations.wait(made.id, 'final', 20_000);
  }
  const target = pair.config.masters.find((one) => one.id === 'm1');
  const client = pair.core.clients.get('m1');
  if (target === undefined || client === undefined) throw new Error('there is no m1');
  home = homeFiles(target, (call) => client.call(call));
});
afterAll(async () => {
  await pair.close();
  await rm(folder, { recursive: true, force: true });
});

it.each([[0], [1], [70_000]])('%i bytes go in and come out as they are', async (count) => {
  const bytes = Buffer.from(Array.from({ length: count }, (_none, at) => (at * 7) % 256));
  const name = `${count} Grüße "x".bin`;
  const sent = await home.upload(
    'bob',
    { folder: 'public_html', name, overwrite: false, ...(await fileOf(bytes)) },
    never,
  );
  expect(sent).toEqual({ kind: 'done' });
  // A quotation mark in a name would end the head of the part; cPanel gets an underscore.
  const stored = name.replaceAll('"', '_');
  expect(readFileSync(join(pair.dir, 'm1/files/home/bob/public_html', stored)).equals(bytes)).toBe(true);
  const got = await home.download('bob', `public_html/${stored}`);
  if (got.kind !== 'file') throw new Error(got.reason);
  expect(got.bytes).toBe(count);
  expect((await buffer(got.stream)).equals(bytes)).toBe(true);
});

it('what is there already is replaced only when asked for', async () => {
  const send = async (text: string, overwrite: boolean) =>
    home.upload('bob', { folder: '', name: 'a.txt', overwrite, ...(await fileOf(Buffer.from(text))) }, never);
  expect(await send('one', false)).toEqual({ kind: 'done' });
  expect(await send('two', false)).toMatchObject({
    kind: 'refused',
    reason: expect.stringContaining('already exists'),
  });
  expect(await send('three', true)).toEqual({ kind: 'done' });
  expect(readFileSync(join(pair.dir, 'm1/files/home/bob/a.txt'), 'utf8')).toBe('three');
});

it('a file that is not there, or not theirs, is refused', async () => {
  expect(await home.download('bob', 'nothing.txt')).toMatchObject({ kind: 'refused' });
  expect(await home.download('bob', '../../etc/passwd')).toMatchObject({ kind: 'refused' });
  expect(await home.download('nobody', 'a.txt')).toMatchObject({ kind: 'away' });
});

it('no session is left behind', async () => {
  const sessions = pair.m1.engine.state.dump()['sessions'] ?? {};
  await expect.poll(() => Object.keys(pair.m1.engine.state.dump()['sessions'] ?? {}).length).toBe(0);
  expect(Object.keys(sessions).length).toBeLessThan(2);
});

it('a master that is away is said to be away, and nothing was sent', async () => {
  await fault(pair.m1, { function: '*', kind: 'down' });
  const upload = { folder: '', name: 'b.txt', overwrite: false, ...(await fileOf(Buffer.from('x'))) };
  expect(await home.upload('bob', upload, never)).toMatchObject({ kind: 'away' });
  expect(await home.download('bob', 'a.txt')).toMatchObject({ kind: 'away' });
  await heal(pair.m1);
  const client = pair.core.clients.get('m1');
  const list = await client?.call(uapi('bob', 'Fileman::list_files', { dir: '.' }));
  expect(JSON.stringify(list?.kind === 'done' ? list.data : '')).not.toContain('b.txt');
});
