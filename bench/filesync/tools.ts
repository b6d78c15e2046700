import { execFileSync, spawn } from 'node:child_process';
import { appendFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { watch } from '../../src/filesync/events.ts';
import { type FilePair, filePair } from '../../test/support/filesync.ts';

/** A way to keep two trees the same. */
export interface Tool {
  readonly name: string;
  readonly pair: FilePair;
  /** Begins; both trees are laid out equal. */
  start(): Promise<void>;
  stop(): Promise<void>;
}

/** Tandem's own agents. */
export async function tandemTool(roundTripMs: number): Promise<Tool> {
  const pair = await filePair({ roundTripMs });
  return {
    name: 'tandem',
    pair,
    async start() {
      await pair.start(2);
      await pair.start(1);
      await pair.quiet();
    },
    stop: () => pair.close(),
  };
}

interface Loop {
  wake(): void;
  end(): Promise<void>;
}

/** One rsync of the whole tree after each second with events, as it was always done. */
function rsyncLoop(from: string, to: string, shell: string): Loop {
  let wanted = false;
  let ended = false;
  let wakeUp = (): void => {};
  const run = (): Promise<void> =>
    new Promise((resolve) => {
      const child = spawn(
        'rsync',
        ['-au', '--delete', '--timeout=20', '-e', shell, `${from}/`, `root@127.0.0.1:${to}/`],
        {
          stdio: 'ignore',
        },
      );
      child.once('error', () => resolve());
      child.once('close', () => resolve());
    });
  async function loop(): Promise<void> {
    while (!ended) {
      if (!wanted) {
        await new Promise<void>((resolve) => {
          wakeUp = resolve;
        });
        continue;
      }
      await new Promise((resolve) => setTimeout(resolve, 1000));
      wanted = false;
      await run();
    }
  }
  const over = loop();
  return {
    wake() {
      wanted = true;
      wakeUp();
    },
    async end() {
      ended = true;
      wakeUp();
      await over;
    },
  };
}

/** Runs rsync once. The connection that ssh keeps would hold pipes open, so there are none. Throws when it fails. */
async function begins(words: readonly string[]): Promise<void> {
  const code = await new Promise((resolve, reject) => {
    const child = spawn('rsync', words, { stdio: 'ignore' });
    child.once('error', reject);
    child.once('close', resolve);
  });
  if (code !== 0) throw new Error(`rsync ended with ${code}`);
}

/** A watcher and `rsync -au --delete` of the whole tree, on each side, over a kept ssh connection. */
export async function plainTool(roundTripMs: number): Promise<Tool> {
  const pair = await filePair({ roundTripMs });
  const { dir, home, line } = pair;
  execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', join(dir, 'free')]);
  appendFileSync(join(dir, 'authorized'), readFileSync(join(dir, 'free.pub')));
  // A socket's path has at most 107 bytes.
  const short = mkdtempSync(join(tmpdir(), 'mux-'));
  const shared = `-o ControlMaster=auto -o ControlPath=${short}/%C -o ControlPersist=60`;
  const known = `-o UserKnownHostsFile=${dir}/known_hosts -o BatchMode=yes -o LogLevel=QUIET`;
  const shell = `ssh -F none -p ${line.port} -i ${dir}/free ${known} ${shared}`;
  const ends: (() => Promise<void>)[] = [];
  return {
    name: 'rsync loop',
    pair,
    async start() {
      // A tool that cannot even begin would look like a slow one.
      await begins(['-n', '-e', shell, `root@127.0.0.1:${home[1]}/`]);
      for (const side of [0, 1] as const) {
        const loop = rsyncLoop(home[side], home[side === 0 ? 1 : 0], shell);
        const watcher = await watch({
          root: home[side],
          excludes: '(?!)',
          source: 'inotify',
          log: pino({ level: 'silent' }),
          onEvents: () => loop.wake(),
          onMissed: () => loop.wake(),
          onUnwatched: () => {},
        });
        ends.push(
          () => watcher.close(),
          () => loop.end(),
        );
      }
      await new Promise((resolve) => setTimeout(resolve, 3000));
    },
    async stop() {
      for (const end of ends) await end();
      const exit = [...shell.split(' ').slice(1), '-O', 'exit', 'root@127.0.0.1'];
      await new Promise<void>((resolve) => spawn('ssh', exit, { stdio: 'ignore' }).once('close', () => resolve()));
      rmSync(short, { recursive: true, force: true });
      await pair.close();
    },
  };
}
