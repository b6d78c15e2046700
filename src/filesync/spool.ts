import { chmodSync, closeSync, mkdirSync, openSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { bytes, codeOf } from './tree.ts';

/**
 * The agent's own folder on the file system of a tree, open to root alone: files being written, what goes over by rsync,
 * the trash, and the losers of conflicts. What is kept lies at trash/STAMP/TREE/PATH, so the names tell all.
 */
export class Spool {
  readonly path: string;
  private readonly made = new Set<string>();
  private count = 0;
  private readonly run: string;
  readonly fd: number;

  constructor(path: string, nowMs: number) {
    this.path = path;
    this.run = nowMs.toString(36);
    mkdirSync(path, { recursive: true, mode: 0o700 });
    chmodSync(path, 0o700);
    for (const name of ['tmp', 'new', 'in', 'base', 'out', 'trash', 'conflicts'])
      mkdirSync(`${path}/${name}`, { recursive: true, mode: 0o700 });
    this.fd = openSync(path, 'r');
    this.rescue(nowMs);
  }

  /**
   * What a killed agent left half done may be the only copy of what was swapped out at that instant, so it is kept like
   * any other previous version.
   */
  private rescue(nowMs: number): void {
    for (const name of readdirSync(`${this.path}/tmp`)) {
      renameSync(`${this.path}/tmp/${name}`, this.keep('trash', `left-over/${name}`, nowMs));
    }
    for (const folder of ['new', 'in', 'base', 'out']) {
      for (const name of readdirSync(`${this.path}/${folder}`))
        rmSync(`${this.path}/${folder}/${name}`, { recursive: true });
    }
  }

  /** A name that nobody has: in tmp, or in `new`, which holds nothing but copies of what the other side has. */
  temporary(folder: 'tmp' | 'new' = 'tmp'): string {
    this.count += 1;
    return `${this.path}/${folder}/${this.run}-${this.count}`;
  }

  /** A free path below trash or conflicts for a key; its folders are made. */
  keep(where: 'trash' | 'conflicts', key: string, nowMs: number): string {
    const second = new Date(nowMs).toISOString().slice(0, 19).replaceAll(':', '-');
    for (let n = 0; ; n++) {
      const path = `${this.path}/${where}/${second}-${this.run}${n === 0 ? '' : `.${n}`}/${key}`;
      if (!this.made.has(path) && this.folderMade(path.slice(0, path.lastIndexOf('/')))) {
        this.made.add(path);
        return path;
      }
    }
  }

  /** False when a file of the same name is kept where the folder would be. */
  private folderMade(folder: string): boolean {
    if (this.made.size > 20_000) this.made.clear();
    if (this.made.has(`${folder}/`)) return true;
    try {
      mkdirSync(bytes(folder), { recursive: true, mode: 0o700 });
    } catch (error) {
      if (codeOf(error) === 'ENOTDIR' || codeOf(error) === 'EEXIST') return false;
      throw error;
    }
    this.made.add(`${folder}/`);
    return true;
  }

  /** Removes what is older than so many days from trash and conflicts. Answers how many batches went. */
  expire(nowMs: number, days: { readonly trash: number; readonly conflicts: number }): number {
    let removed = 0;
    for (const where of ['trash', 'conflicts'] as const) {
      const before = new Date(nowMs - days[where] * 86_400_000).toISOString().slice(0, 19).replaceAll(':', '-');
      for (const stamp of readdirSync(`${this.path}/${where}`)) {
        if (stamp.slice(0, 19) >= before) continue;
        rmSync(`${this.path}/${where}/${stamp}`, { recursive: true, force: true });
        removed += 1;
      }
    }
    this.made.clear();
    return removed;
  }

  close(): void {
    closeSync(this.fd);
  }
}
