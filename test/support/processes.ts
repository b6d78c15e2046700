import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Below those that the kernel gives to outgoing connections, which could else take the port a moment later. */
const ports = { from: 12_000, to: 32_000 } as const;

/** A port on 127.0.0.1 that nobody used a moment ago. Whoever binds it must check that it is really theirs. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = randomInt(ports.from, ports.to);
    const server = createServer().listen(port, '127.0.0.1');
    try {
      await once(server, 'listening');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EADDRINUSE') continue;
      throw error;
    }
    server.close();
    await once(server, 'close');
    return port;
  }
}

export interface TempDir {
  readonly path: string;
  remove(): void;
}

/** An own directory below the system's, removed by the caller. */
export function tempDir(name = 'tandem'): TempDir {
  const path = mkdtempSync(join(tmpdir(), `${name}-`));
  return { path, remove: () => rmSync(path, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 }) };
}

const packages: Readonly<Record<string, string>> = {
  'redis-server': 'redis-server',
  mariadbd: 'mariadb-server',
  'docker-compose': 'docker-compose',
  'chromium-headless-shell': 'chromium-headless-shell',
  'named-compilezone': 'bind9-utils',
  named: 'bind9',
  nsupdate: 'bind9-dnsutils',
  pdns_server: 'pdns-server, pdns-backend-bind and pdns-backend-sqlite3',
  knotd: 'knot',
  sshd: 'openssh-server',
  ssh: 'openssh-client',
};

/** Why a test cannot run here, or undefined when the command is installed: the note for `ctx.skip(note)`. */
export function missing(command: string): string | undefined {
  const found = spawnSync('sh', ['-c', 'PATH="$PATH:/usr/sbin:/sbin" command -v "$0"', command]).status === 0;
  return found ? undefined : `${command} is not installed (Debian package ${packages[command] ?? command})`;
}

export interface Running {
  readonly child: ChildProcess;
  /** What it has written so far, both streams; the last 64 KiB. */
  output(): string;
  readonly exited: Promise<void>;
  /** Sends the signal to this very process and waits for its end; harmless when it has ended. */
  end(signal: NodeJS.Signals): Promise<void>;
}

const running = new Set<Running>();
process.on('exit', () => {
  for (const { child } of running) child.kill('SIGKILL');
});

/** Processes that a test file started and has not ended yet. */
export function stillRunning(): readonly string[] {
  return [...running].map((one) => `${one.child.spawnfile} (${one.child.pid ?? '?'})`);
}

/** Starts a program that is killed with the test process even if a test forgets it. */
export function run(
  command: string,
  args: readonly string[],
  options: { readonly cwd?: string; readonly env?: NodeJS.ProcessEnv; readonly stdin?: 'ignore' | 'pipe' } = {},
): Running {
  const { stdin = 'ignore', ...rest } = options;
  const child = spawn(command, args, { ...rest, stdio: [stdin, 'pipe', 'pipe'] });
  let text = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on('data', (chunk: Buffer) => {
      text = (text + chunk.toString()).slice(-65_536);
    });
  }
  const exited = new Promise<void>((resolve) => {
    const over = (): void => {
      running.delete(one);
      resolve();
    };
    // 'close' comes after the last of its output, but never while a process of its own keeps the pipe open.
    // On a busy machine the time is up before the last of it was read: what waits is read first.
    child.once('exit', () => setTimeout(() => setImmediate(() => setImmediate(over)), 500).unref());
    child.once('close', over);
    child.once('error', (error) => {
      text += error.message;
      over();
    });
  });
  const one: Running = {
    child,
    output: () => text,
    exited,
    async end(signal) {
      child.kill(signal);
      await exited;
    },
  };
  running.add(one);
  return one;
}

/** Asks every 20 ms until `ready` says yes. Throws with the program's output when it ends or takes too long. */
export async function untilReady(program: Running, ready: () => Promise<boolean>, limitMs = 120_000): Promise<void> {
  const limit = Date.now() + limitMs;
  for (;;) {
    const { exitCode, signalCode, pid, spawnfile } = program.child;
    if (pid === undefined || exitCode !== null || signalCode !== null) {
      throw new Error(`${spawnfile} ended: ${program.output()}`);
    }
    if (await ready()) return;
    if (Date.now() > limit) throw new Error(`${spawnfile} does not answer: ${program.output()}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** A server on a port that `launch` was given; another one is tried when somebody took it between the look and the bind. */
export async function onFreePort(
  launch: (port: number) => Promise<Running>,
): Promise<{ readonly port: number; readonly server: Running }> {
  for (let attempt = 1; ; attempt += 1) {
    const port = await freePort();
    try {
      return { port, server: await launch(port) };
    } catch (error) {
      if (attempt === 5) throw error;
    }
  }
}
