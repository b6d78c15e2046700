/** Nodes in processes of their own, to be killed with SIGKILL or frozen with SIGSTOP at any moment. */
import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { CrashPoint } from '../../src/operations/crash-points.ts';
import type { Order } from './process-child.ts';
import { type Running, run, untilReady } from './processes.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const threads = ['src/operations/leg-thread-work.ts'];

export interface Build {
  readonly script: string;
}

/** Compiled, so that each start costs a second less. The folder is inside the project, for node_modules. */
export function buildChild(): Promise<Build> {
  return buildScript('process-child');
}

/**
 * The same for another file of test/support, by its name without ending. Compiled once for all files of a run: their
 * processes have one parent, and whoever comes second waits for the first.
 */
export async function buildScript(name: string): Promise<Build> {
  const dir = resolve(root, '.cache', `children-${process.ppid}`, name);
  const script = join(dir, `out/test/support/${name}.js`);
  if (begun(dir)) await compile(name, dir);
  while (!existsSync(join(dir, 'done'))) {
    if (!existsSync(dir)) throw new Error(`${name} could not be compiled, as another test file says`);
    await delay(50);
  }
  return { script };
}

/** True for the first that comes. What runs before this one have left is swept away. */
function begun(dir: string): boolean {
  const runs = resolve(dir, '../..');
  mkdirSync(resolve(dir, '..'), { recursive: true });
  for (const one of readdirSync(runs)) {
    const pid = /^children-(\d+)$/.exec(one)?.[1];
    if (pid !== undefined && !existsSync(`/proc/${pid}`)) rmSync(join(runs, one), { recursive: true, force: true });
  }
  try {
    mkdirSync(dir);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

async function compile(name: string, dir: string): Promise<void> {
  const config = {
    extends: join(root, 'tsconfig.build.json'),
    compilerOptions: { rootDir: root, outDir: join(dir, 'out'), noEmit: false, noCheck: true },
    // A thread's module is named by no import.
    files: [`test/support/${name}.ts`, ...threads].map((file) => join(root, file)),
    include: [],
  };
  writeFileSync(join(dir, 'tsconfig.json'), JSON.stringify(config));
  const tsc = run(join(root, 'node_modules/.bin/tsc'), ['-p', join(dir, 'tsconfig.json')]);
  await tsc.exited;
  if (tsc.child.exitCode !== 0) {
    rmSync(dir, { recursive: true, force: true });
    throw new Error(`tsc: ${tsc.output()}`);
  }
  writeFileSync(join(dir, 'done'), '');
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
