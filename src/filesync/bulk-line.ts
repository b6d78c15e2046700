import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { promisify } from 'node:util';
import { Refused } from '../errors.ts';
import { oneByOne } from '../one-by-one.ts';
import { wayTo } from './link.ts';
import type { Settings } from './settings.ts';

/** A Unix socket's path has at most 107 bytes, and ssh puts 17 more behind it while it opens. */
const longestSocket = 107 - 17;
const exitMs = 3000;

/**
 * Where ssh shares one connection between the runs of rsync: one peer, one short name. undefined where the folder's path is
 * too long for a socket; then each run dials for itself.
 */
export function sharedPath(stateDir: string): readonly string[] | undefined {
  const path = `${stateDir}/ssh`;
  return Buffer.byteLength(path) > longestSocket ? undefined : ['-o', `ControlPath=${path.replaceAll('%', '%%')}`];
}

/** Whether this rsync may be used: 3.5 closed many holes. Answers its version; throws Refused. */
export async function checkRsync(accepted: string | undefined): Promise<string> {
  const { stdout } = await promisify(execFile)('rsync', ['--version']);
  const version = /version (\d+\.\d+\.\d+)/.exec(stdout)?.[1] ?? 'unknown';
  const [major = 0, minor = 0] = version.split('.').map(Number);
  if (major > 3 || (major === 3 && minor >= 5) || version === accepted) return version;
  throw new Refused(`rsync ${version} has known holes that 3.5 closed`, {
    hint: `Install rsync 3.5, or write acceptRsync: "${version}" to accept this one.`,
  });
}

/** rsync over a second ssh connection, which is held open: opening one takes longer than most large files' deltas. */
export class BulkLine {
  private readonly settings: Settings;
  private holder: ChildProcess | undefined;
  private isWanted = false;
  private readonly inTurn = oneByOne();

  constructor(settings: Settings) {
    this.settings = settings;
  }

  /** Opens the connection anew. Without it, or until it stands, each run of rsync opens its own. */
  async open(): Promise<void> {
    this.isWanted = true;
    await this.inTurn(async () => {
      await this.end();
      if (this.isWanted) this.hold();
    });
  }

  /** Ends the connection, also one that a run of rsync has opened: nothing leads to the other master any more. */
  async close(): Promise<void> {
    this.isWanted = false;
    await this.inTurn(() => this.end());
  }

  /** The way to the other master, with the words that name the shared connection; undefined where there is none. */
  private way(...more: readonly string[]): ReturnType<typeof wayTo> | undefined {
    const { peer, stateDir } = this.settings;
    const path = sharedPath(stateDir);
    return peer === undefined || 'command' in peer || path === undefined ? undefined : wayTo(peer, [...path, ...more]);
  }

  private hold(): void {
    const way = this.way('-o', 'ControlMaster=yes', '-N');
    if (way === undefined) return;
    this.holder = spawn(way.program, [...way.words, way.host], { stdio: 'ignore' });
    // Whatever keeps it from standing keeps rsync from running, and that one is told.
    this.holder.on('error', () => {});
  }

  private async end(): Promise<void> {
    const way = this.way();
    if (way === undefined) return;
    await promisify(execFile)(way.program, [...way.words, '-O', 'exit', way.host], { timeout: exitMs }).catch(() => {
      // There was no shared connection, or whoever holds it no longer listens.
    });
    const { holder } = this;
    this.holder = undefined;
    if (holder === undefined || holder.exitCode !== null || holder.signalCode !== null || !holder.kill()) return;
    await once(holder, 'exit');
  }

  /** Whether all goes over one connection: else each further channel would have to dial. */
  get isShared(): boolean {
    return this.way() !== undefined;
  }

  /** Runs one of the helpers, which has the door of the other side do something over a channel of its own. */
  run(helperWords: readonly string[], doorWords: string, signal: AbortSignal): Promise<void> {
    const way = this.way('-o', 'ControlMaster=auto', '-o', 'ControlPersist=30');
    if (way === undefined) return Promise.reject(new Error('only the side that dials opens channels'));
    const words = [...helperWords, way.program, ...way.words, way.host, doorWords];
    return endOf(spawn('perl', words, { stdio: ['ignore', 'ignore', 'pipe'], signal }), 'a piece');
  }

  /** Runs rsync once; `paths` is given how the spool of the tree on the other side is named. Rejects with what it said. */
  rsync(tree: string, signal: AbortSignal, paths: (there: string) => readonly string[]): Promise<void> {
    const { peer, stateDir } = this.settings;
    if (peer === undefined) return Promise.reject(new Error('only the side that dials runs rsync'));
    const path = sharedPath(stateDir);
    const shared = path === undefined ? [] : [...path, '-o', 'ControlMaster=auto', '-o', 'ControlPersist=30'];
    const { program, words, host } = wayTo(peer, shared);
    const shell = [program, ...words].map((word) => `'${word.replaceAll("'", "'\\''")}'`).join(' ');
    const there = `${host.includes(':') ? `[${host}]` : host}:${tree}`;
    const options = ['-I', '-S', '--partial', '--timeout=60', '--copy-dest=../base', '-e', shell];
    const child = spawn('rsync', [...options, ...paths(there)], { stdio: ['ignore', 'ignore', 'pipe'], signal });
    return endOf(child, 'rsync');
  }
}

/** Resolves when a program has ended well; rejects with what it said. */
function endOf(child: ChildProcess, name: string): Promise<void> {
  let said = '';
  child.stderr?.on('data', (chunk: Buffer) => {
    said = (said + chunk.toString()).slice(-500);
  });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) =>
      code === 0 ? resolve() : reject(new Error(`${name} ended with ${code}: ${said.trim()}`)),
    );
  });
}
