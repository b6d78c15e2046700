import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { rmSync } from 'node:fs';
import { promisify } from 'node:util';
import { wayTo } from './link.ts';
import type { Settings } from './settings.ts';

/** A Unix socket's path has at most 107 bytes, and ssh puts 17 more behind it while it opens. */
const longestSocket = 107 - 17;

function socketIn(stateDir: string): string | undefined {
  const path = `${stateDir}/ssh`;
  return Buffer.byteLength(path) > longestSocket ? undefined : path;
}

/**
 * Where ssh shares one connection between the runs of rsync: one peer, one short name. undefined where the folder's path is
 * too long for a socket; then each run dials for itself.
 */
export function sharedPath(stateDir: string): readonly string[] | undefined {
  const path = socketIn(stateDir);
  return path === undefined ? undefined : ['-o', `ControlPath=${path.replaceAll('%', '%%')}`];
}

/** rsync over a second ssh connection, which is held open: opening one takes longer than most large files' deltas. */
export class BulkLine {
  private readonly settings: Settings;
  private holder: ChildProcess | undefined;

  constructor(settings: Settings) {
    this.settings = settings;
  }

  /** Opens the connection anew. Without it, or until it stands, each run of rsync opens its own. */
  open(): void {
    const { peer, stateDir } = this.settings;
    const path = sharedPath(stateDir);
    if (peer === undefined || 'command' in peer || path === undefined) return;
    this.end();
    const { program, words, host } = wayTo(peer, [...path, '-o', 'ControlMaster=yes', '-N']);
    this.holder = spawn(program, [...words, host], { stdio: 'ignore' });
    // Whatever keeps it from standing keeps rsync from running, and that one is told.
    this.holder.on('error', () => {});
  }

  private end(): void {
    this.holder?.kill();
    this.holder = undefined;
    // It dies a moment later, and a new one would find its socket and share its end.
    const path = socketIn(this.settings.stateDir);
    if (path !== undefined) rmSync(path, { force: true });
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
    let said = '';
    child.stderr.on('data', (chunk: Buffer) => {
      said = (said + chunk.toString()).slice(-500);
    });
    return new Promise((resolve, reject) => {
      child.once('error', reject);
      child.once('close', (code) =>
        code === 0 ? resolve() : reject(new Error(`rsync ended with ${code}: ${said.trim()}`)),
      );
    });
  }

  async close(): Promise<void> {
    const { peer, stateDir } = this.settings;
    const path = sharedPath(stateDir);
    if (peer !== undefined && !('command' in peer) && path !== undefined) {
      const { program, words, host } = wayTo(peer, path);
      await promisify(execFile)(program, [...words, '-O', 'exit', host]).catch(() => {
        // There was no shared connection.
      });
    }
    this.end();
  }
}
