/**
 * A redis-server of our own, for installations that name none. It listens on a unix socket in its own folder and
 * nowhere else, keeps an AOF, and is started again when it dies. What it holds can be made anew from the journal.
 *
 * The folder belongs to one Tandem at a time: `owner` holds the pid of the program that started the server. When that
 * program is gone its server is an orphan and is stopped first; two servers on one AOF would destroy it. A server that
 * is not the child we started is never used.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from 'pino';
import { processIdOf } from './embedded-redis-ask.ts';
import { EmbeddedRedisFailed, EmbeddedRedisMissing } from './embedded-redis-errors.ts';
import { claimFolder, type Folder } from './embedded-redis-folder.ts';

export interface EmbeddedRedisOptions {
  /** Its own folder, made when missing. */
  readonly dir: string;
  readonly log: Logger;
  readonly maxMemoryMb?: number;
  readonly binary?: string;
}

export interface EmbeddedRedis {
  /** For openRedis(). */
  readonly url: string;
  readonly pid: number | undefined;
  close(): Promise<void>;
}

const readyMs = 15_000;
const pollMs = 25;
const stopMs = 5_000;
const firstPauseMs = 200;
const longestPauseMs = 10_000;

function settings(folder: Folder, maxMemoryMb: number): readonly string[] {
  return [
    ...['--port', '0', '--unixsocket', folder.socket, '--unixsocketperm', '700'],
    ...['--dir', folder.dir, '--logfile', folder.logFile, '--daemonize', 'no'],
    ...['--appendonly', 'yes', '--appendfsync', 'everysec', '--save', ''],
    ...['--maxmemory', `${maxMemoryMb}mb`, '--maxmemory-policy', 'noeviction'],
  ];
}

async function spawned(binary: string, args: readonly string[]): Promise<ChildProcess> {
  const child = spawn(binary, args, { stdio: 'ignore' });
  try {
    await once(child, 'spawn');
    return child;
  } catch (cause) {
    throw new EmbeddedRedisMissing(`redis: ${binary} cannot be started`, {
      cause,
      hint: 'Run: apt-get install -y redis-server, or set the key redis to the URL of a server of yours.',
    });
  }
}

function isOver(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null;
}

async function stop(child: ChildProcess): Promise<void> {
  if (isOver(child)) return;
  const over = once(child, 'exit');
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), stopMs);
  await over;
  clearTimeout(timer);
}

async function start(folder: Folder, options: EmbeddedRedisOptions): Promise<ChildProcess> {
  const child = await spawned(options.binary ?? 'redis-server', settings(folder, options.maxMemoryMb ?? 256));
  const until = performance.now() + readyMs;
  while ((await processIdOf(folder.socket)) !== child.pid) {
    if (!isOver(child) && performance.now() < until) {
      await delay(pollMs);
      continue;
    }
    await stop(child);
    throw new EmbeddedRedisFailed(`redis: the server in ${folder.dir} did not start`, {
      hint: `Look into ${folder.logFile}.`,
    });
  }
  return child;
}

/** Throws EmbeddedRedisMissing, EmbeddedRedisTaken or EmbeddedRedisFailed, each with what to do. */
export async function startEmbeddedRedis(options: EmbeddedRedisOptions): Promise<EmbeddedRedis> {
  const folder = await claimFolder(options.dir);
  const closing = new AbortController();
  let child = await start(folder, options);

  async function revive(): Promise<void> {
    for (let tries = 0; !closing.signal.aborted; tries++) {
      await delay(Math.min(longestPauseMs, firstPauseMs * 2 ** tries), undefined, { signal: closing.signal });
      try {
        child = await start(folder, options);
        return;
      } catch (error) {
        options.log.error({ err: error }, 'redis does not come back');
      }
    }
  }

  async function watch(): Promise<void> {
    while (!closing.signal.aborted) {
      if (!isOver(child)) await once(child, 'exit', { signal: closing.signal });
      options.log.warn({ code: child.exitCode, signal: child.signalCode }, 'redis ended, starting it again');
      await revive();
    }
  }

  const watching = watch().catch((error: unknown) => {
    if (!closing.signal.aborted) options.log.error({ err: error }, 'redis is not watched any more');
  });
  return {
    url: `unix://${folder.socket}`,
    get pid() {
      return child.pid;
    },
    async close() {
      closing.abort();
      await watching;
      await stop(child);
      await folder.leave();
    },
  };
}
