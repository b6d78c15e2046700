/** Nodes in processes of their own, to be killed with SIGKILL or frozen with SIGSTOP at any moment. */
import { symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { stop } from 'esbuild';
import { bundle } from '../../packaging/bundle.ts';
import type { CrashPoint } from '../../src/operations/crash-points.ts';
import { oncePerRun } from './once.ts';
import type { Order } from './process-child.ts';
import { type Running, run, untilReady } from './processes.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

export interface Build {
  readonly script: string;
}

/** Bundled as the program is, so that each start costs a second less. */
export function buildChild(): Promise<Build> {
  return buildScript('process-child');
}

/** Programs that tests start: bundled, a start takes a fraction of what it takes from sources. */
const scripts = {
  'process-child': 'test/support',
  'watch-child': 'test/support',
  'tandem-main': 'test/support',
  'filesync-main': 'test/support',
  'pg-carrier': 'test/redis/dbsync',
  'apply-child': 'test/redis/failover',
  'core-child': 'test/redis/simulator',
  'embedded-redis-process': 'test/redis/store',
  'power-loss-process': 'test/redis/store',
  'writer-process': 'test/redis/store',
} as const;

/** One of them, bundled; all are at once, since they share nearly everything. */
export async function buildScript(name: keyof typeof scripts): Promise<Build> {
  const dir = await oncePerRun('scripts', compile);
  return { script: join(dir, `out/src/${name}.js`) };
}

async function compile(dir: string): Promise<void> {
  const programs = Object.entries(scripts).map(([name, folder]) => [name, `${folder}/${name}.ts`] as const);
  await bundle(join(dir, 'out/src'), Object.fromEntries(programs));
  // Its own helper process must not look like one that a test left behind.
  await stop();
  // What is no TypeScript (helpers in Perl) is found in the sources beside what was built, as it is beside dist.
  symlinkSync(join(root, 'src'), join(dir, 'src'));
}

export interface NodeOptions {
  readonly configFile: string;
  readonly kind?: 'worker' | 'web';
  readonly crashAt?: CrashPoint;
  readonly redisUrl?: string;
}

export interface ChildNode {
  readonly running: Running;
  /** Sends an order; resolves with its answer, or with 'gone' when the process ended before it came. */
  order(order: Order): Promise<string>;
  kill(): Promise<void>;
  freeze(): void;
  thaw(): void;
}

/** Starts a node and waits until it works. */
export async function startNode(build: Build, options: NodeOptions): Promise<ChildNode> {
  const running = run(process.execPath, [build.script, options.configFile, options.kind ?? 'worker'], {
    stdin: 'pipe',
    env: {
      ...process.env,
      ...(options.crashAt === undefined ? {} : { TANDEM_CRASH_AT: options.crashAt }),
      ...(options.redisUrl === undefined ? {} : { TANDEM_REDIS_URL: options.redisUrl }),
    },
  });
  const ended = () => running.child.exitCode !== null || running.child.signalCode !== null;
  // A crash point may strike before it says that it is ready.
  await untilReady(running, async () => ended() || running.output().includes('ready\n')).catch((error: unknown) => {
    if (running.child.signalCode !== 'SIGKILL') throw error;
  });
  let asked = 0;
  return {
    running,
    async order(order) {
      asked += 1;
      const mine = asked;
      running.child.stdin?.write(`${JSON.stringify(order)}\n`);
      const answers = () =>
        running
          .output()
          .split('\n')
          .filter((line) => /^(ok|error) /.test(line));
      return new Promise((done) => {
        const look = () => {
          const answer = answers()[mine - 1];
          if (answer === undefined) return;
          running.child.stdout?.off('data', look);
          done(answer);
        };
        running.child.stdout?.on('data', look);
        void running.exited.then(() => done(answers()[mine - 1] ?? 'gone'));
      });
    },
    kill: () => running.end('SIGKILL'),
    freeze: () => void running.child.kill('SIGSTOP'),
    thaw: () => void running.child.kill('SIGCONT'),
  };
}
