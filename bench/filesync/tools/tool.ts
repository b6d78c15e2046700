import { execFileSync } from 'node:child_process';
import { appendFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type FilePair, filePair } from '../../../test/support/filesync.ts';
import type { Line } from '../../../test/support/line.ts';
import { run } from '../../../test/support/processes.ts';
import { pause } from '../clock.ts';

/** A way to keep two trees the same. */
export interface Tool {
  readonly name: string;
  /** Names every process of it: its keys, settings and trees lie here. */
  readonly dir: string;
  readonly home: readonly [string, string];
  /** What it talks over. */
  readonly line: Line;
  /** Begins with what lies in the first tree; the second one is empty, or equal. */
  start(): Promise<void>;
  /** Called when both are equal for the first time: a way that is made of two one-way tools begins the other one. */
  started(): Promise<void>;
  /** Waits until nothing is on its way. */
  settle(): Promise<void>;
  /** Kills both sides, where that is compared. */
  killBoth?(): Promise<void>;
  /** Starts them again. */
  restart?(): Promise<void>;
  /** All that it has put aside of versions that lost, where it does not lie in the trees. */
  kept(): Promise<string>;
  stop(): Promise<void>;
}

/** What a tool is made with. */
export interface Making {
  readonly roundTripMs: number;
  /** An own folder. */
  readonly dir: string;
  /** How long is waited at most for a tool that never comes to rest. */
  readonly patienceMs: number;
}

/** Waits until next to nothing has crossed the line for two seconds. */
export async function silence(line: Line, patienceMs: number): Promise<void> {
  const limit = performance.now() + patienceMs;
  for (let [last, since] = [line.bytes(), performance.now()]; performance.now() < limit; await pause(200)) {
    const bytes = line.bytes();
    if (bytes - last > 3000) since = performance.now();
    last = bytes;
    if (performance.now() - since > 2000) return;
  }
}

/** A way to the other side as people set it up: a key of root, and one connection that ssh keeps. */
export interface FreeWay {
  readonly pair: FilePair;
  /** What stands behind `ssh`, without the host. */
  readonly options: string;
  close(): Promise<void>;
}

/** Opens the pair's sshd to a key that may do anything. */
export async function freeWay(roundTripMs: number): Promise<FreeWay> {
  const pair = await filePair({ roundTripMs });
  const { dir, line } = pair;
  execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', join(dir, 'free')]);
  appendFileSync(join(dir, 'authorized'), readFileSync(join(dir, 'free.pub')));
  // A socket's path has at most 107 bytes.
  const short = mkdtempSync(join(tmpdir(), 'mux-'));
  const shared = `-o ControlMaster=auto -o ControlPath=${short}/%C -o ControlPersist=60`;
  const known = `-o UserKnownHostsFile=${dir}/known_hosts -o BatchMode=yes -o LogLevel=QUIET`;
  const alive = '-o ServerAliveInterval=5 -o ServerAliveCountMax=3';
  const options = `-F none -p ${line.port} -i ${dir}/free ${known} ${alive} ${shared}`;
  return {
    pair,
    options,
    async close() {
      await run('ssh', [...options.split(' '), '-O', 'exit', 'root@127.0.0.1']).exited;
      rmSync(short, { recursive: true, force: true });
      await pair.close();
    },
  };
}
