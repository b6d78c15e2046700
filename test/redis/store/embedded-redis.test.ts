import { existsSync, mkdirSync, readFileSync, statSync } from 'node:fs';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type EmbeddedRedis, startEmbeddedRedis } from '../../../src/store/embedded-redis.ts';
import { EmbeddedRedisMissing, EmbeddedRedisTaken } from '../../../src/store/embedded-redis-errors.ts';
import { openRedis } from '../../../src/store/redis.ts';
import { buildScript } from '../../support/process-node.ts';
import { run, type TempDir, tempDir } from '../../support/processes.ts';
import { quiet } from './databases-quiet.ts';

let dir: TempDir;
const opened: EmbeddedRedis[] = [];

beforeEach(() => {
  dir = tempDir('tandem-embedded');
});
afterEach(async () => {
  await Promise.all(opened.splice(0).map((redis) => redis.close()));
  dir.remove();
});

async function start(path = dir.path): Promise<EmbeddedRedis> {
  const redis = await startEmbeddedRedis({ dir: path, log: quiet });
  opened.push(redis);
  return redis;
}

async function ask(redis: EmbeddedRedis, command: string, ...args: string[]): Promise<unknown> {
  const client = openRedis(redis.url, { role: 'worker', log: quiet });
  try {
    return await client.call(command, ...args);
  } finally {
    client.disconnect();
  }
}

/** Whether the process runs; one that ended and that its new parent has not fetched yet does not. */
function lives(pid: number | undefined): boolean {
  try {
    return !/^State:\tZ/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}

test('it keeps an AOF, refuses to evict, and listens on no port', async () => {
  const redis = await start();
  expect(await ask(redis, 'CONFIG', 'GET', 'appendonly')).toEqual(['appendonly', 'yes']);
  expect(await ask(redis, 'CONFIG', 'GET', 'maxmemory-policy')).toEqual(['maxmemory-policy', 'noeviction']);
  expect(await ask(redis, 'CONFIG', 'GET', 'port')).toEqual(['port', '0']);
  expect(Number(((await ask(redis, 'CONFIG', 'GET', 'maxmemory')) as string[])[1])).toBeGreaterThan(0);
  expect(statSync(redis.url.replace('unix://', '')).mode & 0o077).toBe(0);
});

test('close ends it and leaves its data for the next start', async () => {
  const first = await start();
  await ask(first, 'SET', 'k', 'v');
  const { pid } = first;
  await first.close();
  expect(lives(pid)).toBe(false);
  expect(await ask(await start(), 'GET', 'k')).toBe('v');
});

test('a server that is killed is started again with its data', async () => {
  const redis = await start();
  await ask(redis, 'SET', 'k', 'v');
  const { pid } = redis;
  if (pid !== undefined) process.kill(pid, 'SIGKILL');
  await expect.poll(() => redis.pid !== pid && lives(redis.pid), { timeout: 10_000 }).toBe(true);
  expect(await ask(redis, 'PING')).toBe('PONG');
});

test('a folder that another running Tandem uses is not shared', async () => {
  const redis = await start();
  await expect(start()).rejects.toThrow(EmbeddedRedisTaken);
  expect(await ask(redis, 'PING')).toBe('PONG');
});

test('the server of a Tandem that was killed is ended before a new one starts', async () => {
  const { script } = await buildScript('embedded-redis-process');
  const program = run(process.execPath, [script, dir.path]);
  await expect.poll(() => /^\d+$/m.test(program.output()), { timeout: 20_000 }).toBe(true);
  const orphan = Number(program.output().trim());
  await program.end('SIGKILL');
  expect(lives(orphan)).toBe(true);
  const redis = await start();
  expect(redis.pid).not.toBe(orphan);
  await expect.poll(() => lives(orphan)).toBe(false);
});

test('a long folder name works although a socket path has few bytes', async () => {
  const long = `${dir.path}/${'x'.repeat(120)}`;
  mkdirSync(long);
  const redis = await start(long);
  expect(await ask(redis, 'PING')).toBe('PONG');
  expect(existsSync(`${long}/appendonlydir`)).toBe(true);
});

test('without the program the error says the one line that installs it', async () => {
  const started = startEmbeddedRedis({ dir: dir.path, log: quiet, binary: 'redis-server-that-is-not-there' });
  await expect(started).rejects.toThrow(EmbeddedRedisMissing);
  await expect(started).rejects.toMatchObject({ hint: expect.stringContaining('apt-get install -y redis-server') });
});
