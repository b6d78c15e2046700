import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { FilesWay } from '../../src/config-filesync.ts';
import { ask } from '../../src/filesync/ask.ts';
import type { Reply } from '../../src/filesync/question.ts';
import { type Settings, settingsFrom } from '../../src/filesync/settings.ts';
import { type Line, openLine } from './line.ts';
import { buildScript } from './process-node.ts';
import { freePort, missing, type Running, run, tempDir, untilReady } from './processes.ts';

export interface SideOptions {
  readonly [key: string]: unknown;
}

export interface PairOptions {
  readonly roundTripMs?: number;
  /** Changes of the usual settings of both sides. */
  readonly both?: SideOptions;
  readonly second?: SideOptions;
  /** Trees are not homes: anything may lie at their top. Default true. */
  readonly loose?: boolean;
  readonly dir?: string;
  /** The words that start an agent, without its settings. Default: the agent as it is built. */
  readonly agent?: readonly string[];
}

export interface FilePair {
  /** Folder of keys, settings and trees. */
  readonly dir: string;
  readonly line: Line;
  /** The tree of a side: 'home' there. */
  readonly home: readonly [string, string];
  readonly settings: readonly [Settings, Settings];
  /** How a control node asks them: side 1 as its neighbour, side 2 by ssh. */
  readonly ways: readonly [FilesWay, FilesWay];
  start(side: 1 | 2): Promise<void>;
  kill(side: 1 | 2): Promise<void>;
  stop(side: 1 | 2): Promise<void>;
  ask(side: 1 | 2, verb: string, ...rest: string[]): Promise<Reply>;
  /** Waits until nothing is to be sent, scanned or looked at on either side. */
  quiet(limitMs?: number): Promise<void>;
  log(side: 1 | 2): string;
  pid(side: 1 | 2): number;
  close(): Promise<void>;
}

/** Paths in an account's home on either side of a pair, and waiting until something is there. */
export function homeOf(pair: () => FilePair, account: string) {
  const waiting = { timeout: 30_000, interval: 20 };
  return {
    waiting,
    one: (path: string): string => `${pair().home[0]}/${account}/${path}`,
    two: (path: string): string => `${pair().home[1]}/${account}/${path}`,
  };
}

/** Why file sync cannot be tried here, or undefined. */
export function noFileSync(): string | undefined {
  if (process.getuid?.() !== 0) return 'file sync gives files to their owners, which only root may';
  return missing('rsync') ?? missing('sshd') ?? missing('ssh') ?? missing('perl');
}

/** Why file systems cannot be mounted for a test of file sync, or undefined; a container often does not let us. */
export function noMount(): string | undefined {
  if (noFileSync() !== undefined) return noFileSync();
  try {
    execFileSync('unshare', ['-m', 'true'], { stdio: 'ignore' });
    return undefined;
  } catch {
    return 'file systems cannot be mounted here';
  }
}

function keygen(path: string): void {
  execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', path]);
}

interface Door {
  readonly sshd: Running;
  readonly port: number;
}

/** An sshd of side 2, whose only key may only knock at the agent's door. */
async function openDoor(dir: string, stateDir: string): Promise<Door> {
  keygen(join(dir, 'host'));
  keygen(join(dir, 'key'));
  const door = join(process.cwd(), 'src/filesync/helpers/door.pl');
  const key = readFileSync(join(dir, 'key.pub'), 'utf8');
  keygen(join(dir, 'asker'));
  const asker = readFileSync(join(dir, 'asker.pub'), 'utf8');
  const keys = [
    `restrict,command="perl ${door} ${stateDir}" ${key}`,
    `restrict,command="perl ${door} ${stateDir} ask" ${asker}`,
  ];
  writeFileSync(join(dir, 'authorized'), keys.join(''));
  chmodSync(join(dir, 'authorized'), 0o600);
  const port = await freePort();
  const config = [
    `Port ${port}`,
    'ListenAddress 127.0.0.1',
    `HostKey ${join(dir, 'host')}`,
    `AuthorizedKeysFile ${join(dir, 'authorized')}`,
    'PidFile none',
    'PermitRootLogin prohibit-password',
    'PasswordAuthentication no',
    'UsePAM no',
    'StrictModes no',
    'UseDNS no',
    'PrintMotd no',
    // bash reads ~/.bashrc for what sshd starts, if it is the first: what this machine's does there is not to be measured.
    'SetEnv SHLVL=1',
  ];
  writeFileSync(join(dir, 'sshd.conf'), `${config.join('\n')}\n`);
  mkdirSync('/run/sshd', { recursive: true });
  const sshd = run('/usr/sbin/sshd', ['-D', '-e', '-f', join(dir, 'sshd.conf')]);
  await untilReady(sshd, async () => sshd.output().includes('listening'));
  return { sshd, port };
}

function knows(dir: string, port: number): string {
  const [kind = '', key = ''] = readFileSync(join(dir, 'host.pub'), 'utf8').split(' ');
  const file = join(dir, 'known_hosts');
  writeFileSync(file, `[127.0.0.1]:${port} ${kind} ${key}\n`);
  return file;
}

/** The agent's program and its words before the options. */
export async function builtAgent(): Promise<readonly string[]> {
  return [process.execPath, (await buildScript('filesync-main')).script];
}

/** Two agents on this machine, side 1 dialling side 2's sshd over the line. They are not started. */
export async function filePair(options: PairOptions = {}): Promise<FilePair> {
  const temp = tempDir('filesync-in-a-folder-as-deep-as-real-ones');
  const dir = options.dir ?? temp.path;
  const states: [string, string] = [join(dir, 'm1/state'), join(dir, 'm2/state')];
  const home: [string, string] = [join(dir, 'm1/home'), join(dir, 'm2/home')];
  for (const path of [...states, ...home]) mkdirSync(path, { recursive: true, mode: 0o755 });
  const door = await openDoor(dir, states[1]);
  const line = await openLine(door.port, options.roundTripMs ?? 0);
  const peer = { host: '127.0.0.1', port: line.port, key: join(dir, 'key'), knownHosts: knows(dir, line.port) };
  const base = (side: 0 | 1) => ({
    side: side + 1,
    stateDir: states[side],
    trees: [{ name: 'home', path: home[side], homes: options.loose === false }],
    events: 'inotify',
    ...options.both,
    ...(side === 0 ? { peer } : options.second),
  });
  const raw = [base(0), base(1)] as const;
  const settings = [settingsFrom(raw[0], 'm1'), settingsFrom(raw[1], 'm2')] as const;
  const files = raw.map((one, n) => {
    const file = join(dir, `m${n + 1}/filesync.yaml`);
    writeFileSync(file, JSON.stringify(one));
    return file;
  });
  const agents: (Running | undefined)[] = [undefined, undefined];
  const logs = ['', ''];
  const status = async (side: 1 | 2): Promise<Record<string, unknown>> => {
    const said = await ask((settings[side - 1] as Settings).stateDir, { verb: 'status', rest: [] });
    return said.json as Record<string, unknown>;
  };
  async function end(side: 1 | 2, signal: NodeJS.Signals): Promise<void> {
    const agent = agents[side - 1];
    agents[side - 1] = undefined;
    await agent?.end(signal);
    logs[side - 1] += agent?.output() ?? '';
  }
  async function isQuiet(): Promise<boolean> {
    const all = await Promise.all([status(1), status(2)]);
    return all.every(
      (one) =>
        one['connected'] === true &&
        one['backlog'] === 0 &&
        one['scanning'] === 0 &&
        one['oldestMs'] === 0 &&
        one['large'] === 0,
    );
  }
  const logOf = (side: 1 | 2): string => logs[side - 1] + (agents[side - 1]?.output() ?? '');
  const ways: readonly [FilesWay, FilesWay] = [
    { kind: 'folder', path: states[0] },
    {
      kind: 'ssh',
      host: '127.0.0.1',
      port: line.port,
      user: 'root',
      keyFile: join(dir, 'asker'),
      knownHostsFile: peer.knownHosts,
    },
  ];
  return {
    dir,
    line,
    home,
    settings,
    ways,
    async start(side) {
      const [program = '', ...words] = options.agent ?? (await builtAgent());
      const agent = run(program, [...words, '--config', files[side - 1] ?? '']);
      agents[side - 1] = agent;
      await untilReady(agent, async () => agent.output().includes('file sync is running'), 60_000);
    },
    kill: (side) => end(side, 'SIGKILL'),
    stop: (side) => end(side, 'SIGTERM'),
    ask: (side, verb, ...rest) =>
      ask((settings[side - 1] as Settings).stateDir, {
        verb,
        rest: rest.filter((one) => one !== '--put-back'),
        putBack: rest.includes('--put-back'),
      }),
    async quiet(limitMs = 60_000) {
      const limit = Date.now() + limitMs;
      for (let calm = 0; calm < 3; ) {
        await new Promise((resolve) => setTimeout(resolve, 60));
        calm = (await isQuiet().catch(() => false)) ? calm + 1 : 0;
        if (Date.now() > limit)
          throw new Error(
            `not quiet:\n${JSON.stringify(await Promise.all([status(1), status(2)]))}\n${logOf(1)}\n${logOf(2)}`,
          );
      }
    },
    log: logOf,
    pid: (side) => agents[side - 1]?.child.pid ?? 0,
    async close() {
      await Promise.all([end(1, 'SIGTERM'), end(2, 'SIGTERM')]);
      await line.close();
      await door.sshd.end('SIGTERM');
      temp.remove();
    },
  };
}

/** The numbers of the ssh that side 1 has begun towards the other one; '' for none. */
export function dialled({ dir }: Pick<FilePair, 'dir'>): string {
  return spawnSync('pgrep', ['-f', `ssh .*-i ${dir}/key `], { encoding: 'utf8' }).stdout.trim();
}
