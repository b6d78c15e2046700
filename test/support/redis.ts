import { Redis } from 'ioredis';
import { onFreePort, type Running, run, tempDir, untilReady } from './processes.ts';

export interface TestRedis {
  readonly url: string;
  readonly port: number;
  readonly dir: string;
  /** Ends it in good order and removes its directory. Throws when somebody still has a connection to it. */
  stop(): Promise<void>;
  /** `kill -9`. What it had written to its AOF stays. */
  kill(): Promise<void>;
  /** Starts it again on the same port and data, after `kill` or while it runs (then it is killed first). */
  restart(): Promise<void>;
  /** Everything is gone, as if the disk had been lost: FLUSHALL, AOF included. */
  wipe(): Promise<void>;
}

/** One command on a connection of its own, which is closed again. Rejects when nobody answers. */
export async function askRedis(port: number, command: string, ...args: string[]): Promise<unknown> {
  const client = new Redis({
    host: '127.0.0.1',
    port,
    lazyConnect: true,
    retryStrategy: () => null,
    connectTimeout: 2000,
  });
  client.on('error', () => undefined); // The promise below says it.
  try {
    await client.connect();
    return await client.call(command, ...args);
  } finally {
    client.disconnect();
  }
}

/** True when the server on this port is the process that we started, and not a stranger's. */
async function answersAs(program: Running, port: number): Promise<boolean> {
  const info = await askRedis(port, 'INFO', 'server').catch(() => '');
  return String(info).includes(`process_id:${program.child.pid}\r`);
}

/** The connections beside this question's own. The server notices a closed socket a moment later: it is asked for 3 s. */
async function leftOpen(port: number): Promise<string> {
  const limit = Date.now() + 3000;
  for (;;) {
    const list = String(await askRedis(port, 'CLIENT', 'LIST'));
    const others = list.split('\n').filter((line) => line !== '' && !line.includes(' cmd=client|list '));
    if (others.length === 0 || Date.now() > limit) return others.join('\n');
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

async function launch(port: number, dir: string): Promise<Running> {
  const server = run('redis-server', [
    ...['--port', String(port), '--bind', '127.0.0.1', '--dir', dir],
    ...['--appendonly', 'yes', '--appendfsync', 'everysec', '--save', '', '--daemonize', 'no'],
  ]);
  await untilReady(server, () => answersAs(server, port));
  return server;
}

/** An own redis-server on loopback with AOF, as the product runs it. The caller stops it. */
export async function startRedis(): Promise<TestRedis> {
  const dir = tempDir('tandem-redis');
  const first = await onFreePort((port) => launch(port, dir.path));
  const { port } = first;
  let server = first.server;
  return {
    url: `redis://127.0.0.1:${port}`,
    port,
    dir: dir.path,
    kill: () => server.end('SIGKILL'),
    async stop() {
      const dead = server.child.exitCode !== null || server.child.signalCode !== null;
      const left = dead ? '' : await leftOpen(port);
      await server.end('SIGTERM');
      dir.remove();
      if (left !== '') throw new Error(`connections left open on Redis:\n${left}`);
    },
    async restart() {
      await server.end('SIGKILL');
      server = await launch(port, dir.path);
    },
    async wipe() {
      await askRedis(port, 'FLUSHALL');
    },
  };
}
