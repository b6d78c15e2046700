import { createHash } from 'node:crypto';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { processIdOf, shutDown } from './embedded-redis-ask.ts';
import { EmbeddedRedisTaken } from './embedded-redis-errors.ts';

export interface Folder {
  readonly dir: string;
  readonly socket: string;
  readonly logFile: string;
  leave(): Promise<void>;
}

/** Linux: sun_path has 108 bytes with its final zero. */
const longestSocketPath = 107;
const orphanMs = 10_000;

// A long folder gets its socket in the system's own, in a folder that only this user may enter.
function socketPath(dir: string): { readonly folder: string; readonly socket: string } {
  const wanted = join(dir, 'redis.sock');
  if (Buffer.byteLength(wanted) <= longestSocketPath) return { folder: dir, socket: wanted };
  const folder = join(tmpdir(), `tandem-redis-${createHash('sha256').update(dir).digest('hex').slice(0, 16)}`);
  return { folder, socket: join(folder, 'redis.sock') };
}

async function socketOf(dir: string): Promise<string> {
  const { folder, socket } = socketPath(dir);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  return socket;
}

/** Where the server of this folder listens, whether or not it runs. */
export function embeddedRedisUrl(path: string): string {
  return `unix://${socketPath(resolve(path)).socket}`;
}

/** The start of a process in clock ticks since boot: with its pid it names one process, also after pids came round. */
async function startOf(pid: number): Promise<string | undefined> {
  try {
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
    // Field 22; the name in field 2 may hold spaces, so count from its closing bracket.
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
  } catch {
    // No such process.
    return undefined;
  }
}

async function nameOf(pid: number): Promise<string> {
  return `${pid} ${(await startOf(pid)) ?? 'gone'}`;
}

async function ownerLives(ownerFile: string): Promise<boolean> {
  try {
    const owner = (await readFile(ownerFile, 'utf8')).trim();
    return owner === (await nameOf(Number(owner.split(' ')[0])));
  } catch {
    // No owner file: nobody was here.
    return false;
  }
}

async function endOrphan(socket: string): Promise<void> {
  const until = performance.now() + orphanMs;
  while ((await processIdOf(socket)) !== undefined) {
    await shutDown(socket);
    if (performance.now() > until) throw new EmbeddedRedisTaken(`redis: an old server on ${socket} does not end`);
    await delay(50);
  }
}

/** Makes the folder ours, ending a server that a killed Tandem left behind. Throws EmbeddedRedisTaken. */
export async function claimFolder(path: string): Promise<Folder> {
  const dir = resolve(path);
  await mkdir(dir, { recursive: true, mode: 0o700 });
  const ownerFile = join(dir, 'owner');
  if (await ownerLives(ownerFile)) {
    throw new EmbeddedRedisTaken(`redis: another running Tandem uses ${dir}`, {
      hint: 'Let both use one server: set the key redis to its URL.',
    });
  }
  const socket = await socketOf(dir);
  await endOrphan(socket);
  await writeFile(ownerFile, `${await nameOf(process.pid)}\n`, { mode: 0o600 });
  return { dir, socket, logFile: join(dir, 'redis.log'), leave: () => rm(ownerFile, { force: true }) };
}
