import {
  chmodSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import type { FilePair } from './filesync.ts';

/** Every path below a folder with what it is; times to the nanosecond, directories without. */
export function treeOf(root: string, below = '', found = new Map<string, string>()): ReadonlyMap<string, string> {
  for (const name of readdirSync(`${root}/${below}`)) {
    if (name === '.tandem-filesync') continue;
    const path = below === '' ? name : `${below}/${name}`;
    const stat = lstatSync(`${root}/${path}`, { bigint: true });
    const mode = (Number(stat.mode) & 0o7777).toString(8);
    if (stat.isDirectory()) {
      found.set(path, `directory ${mode}`);
      treeOf(root, path, found);
    } else if (stat.isSymbolicLink()) found.set(path, `link ${readlinkSync(`${root}/${path}`)}`);
    else found.set(path, `file ${mode} ${stat.mtimeNs} ${readFileSync(`${root}/${path}`, 'latin1')}`);
  }
  return found;
}

/** All contents of all files below some folders. */
export function contentsBelow(root: string, found = new Set<string>()): Set<string> {
  for (const entry of readdirSync(root, { withFileTypes: true })) {
    if (entry.isDirectory()) contentsBelow(`${root}/${entry.name}`, found);
    else if (entry.isFile()) found.add(readFileSync(`${root}/${entry.name}`, 'latin1'));
  }
  return found;
}

function isNoMatter(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  return ['ENOENT', 'ENOTDIR', 'EISDIR', 'EEXIST', 'ENOTEMPTY', 'EINVAL', 'ELOOP', 'EPERM', 'EBUSY'].includes(code);
}

const names = ['a', 'b', 'c', 'ä\u00ff', 'd d'];

/** People and programs that work on both trees, and remember what they wrote and what they destroyed themselves. */
export class Chaos {
  readonly written = new Set<string>();
  readonly destroyed = new Set<string>();
  private readonly pair: FilePair;
  private readonly random: (below: number) => number;
  private count = 0;

  constructor(pair: FilePair, random: (below: number) => number) {
    this.pair = pair;
    this.random = random;
  }

  private path(side: 0 | 1): string {
    const depth = 1 + this.random(3);
    const parts = Array.from({ length: depth }, () => names[this.random(names.length)]);
    return `${this.pair.home[side]}/${parts.join('/')}`;
  }

  /** What an operation is about to destroy at a path. */
  private losing(path: string): void {
    try {
      const stat = lstatSync(path);
      if (stat.isFile()) this.destroyed.add(readFileSync(path, 'latin1'));
      if (stat.isDirectory()) for (const content of contentsBelow(path)) this.destroyed.add(content);
    } catch (error) {
      if (!isNoMatter(error)) throw error;
    }
  }

  private content(side: 0 | 1): string {
    this.count += 1;
    return `${side + 1}-${this.count}-${'x'.repeat(this.random(200))}`;
  }

  private readonly deeds: readonly ((side: 0 | 1) => void)[] = [
    (side) => mkdirSync(this.path(side)),
    (side) => this.write(side, false),
    (side) => this.write(side, false),
    (side) => this.write(side, true),
    (side) => this.write(side, true),
    (side) => this.remove(this.path(side)),
    (side) => this.rename(this.path(side), this.path(side)),
    (side) => this.rename(this.path(side), this.path(side)),
    (side) => chmodSync(this.path(side), this.random(2) === 0 ? 0o755 : 0o750),
    (side) => symlinkSync(`to-${this.random(9)}`, this.path(side)),
    (side) => linkSync(this.path(side), this.path(side)),
  ];

  private write(side: 0 | 1, aside: boolean): void {
    const [path, content] = [this.path(side), this.content(side)];
    const there = (() => {
      try {
        return lstatSync(path);
      } catch (error) {
        if (isNoMatter(error)) return undefined;
        throw error;
      }
    })();
    if (there?.isSymbolicLink()) return;
    if (aside) {
      // As careful programs do. The temporary name is synchronised too.
      writeFileSync(`${path}.tmp`, content, { flag: 'wx' });
      this.losing(path);
      renameSync(`${path}.tmp`, path);
    } else {
      this.losing(path);
      writeFileSync(path, content);
    }
    this.written.add(content);
  }

  private remove(path: string): void {
    this.losing(path);
    const stat = lstatSync(path);
    if (stat.isDirectory()) rmSync(path, { recursive: true });
    else unlinkSync(path);
  }

  private rename(from: string, to: string): void {
    lstatSync(from);
    this.losing(to);
    renameSync(from, to);
  }

  /** One deed on one side; what cannot be done there is left. */
  act(side: 0 | 1): void {
    try {
      this.deeds[this.random(this.deeds.length)]?.(side);
    } catch (error) {
      if (!isNoMatter(error)) throw error;
    }
  }

  /**
   * Removes everything, each thing at the top from one side alone: some of it just written to, some just renamed. Nothing
   * of it may be anywhere afterwards.
   */
  async removeAll(pause: (ms: number) => Promise<unknown>): Promise<void> {
    for (const name of readdirSync(this.pair.home[0]).filter((one) => one !== '.tandem-filesync')) {
      const home = this.pair.home[this.random(2) === 0 ? 0 : 1];
      const [from, to] = [`${home}/${name}`, `${home}/${name} on its way`];
      if (this.random(2) === 0 && lstatSync(from).isDirectory()) {
        writeFileSync(`${from}/last`, 'written a moment before');
        await pause(this.random(90));
      }
      const isRenamed = this.random(3) !== 0;
      if (isRenamed) {
        renameSync(from, to);
        await pause(this.random(2) * this.random(120));
      }
      rmSync(isRenamed ? to : from, { recursive: true });
    }
  }

  /** What was written, not destroyed by its own side, and is nowhere: neither in a tree nor in trash or conflicts. */
  lost(): readonly string[] {
    const found = new Set<string>();
    for (const home of this.pair.home) contentsBelow(home, found);
    return [...this.written].filter((content) => !found.has(content) && !this.destroyed.has(content));
  }
}
