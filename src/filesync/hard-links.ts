import type { Looked } from './tree.ts';

/**
 * Which keys are names of one file. The kernel tells of a change under the name by which it was made; the others have
 * changed as well and must be looked at. Only files with several names are held.
 */
export class HardLinks {
  private readonly keysOf = new Map<string, Set<string>>();
  private readonly fileOf = new Map<string, string>();
  /** Told of each key that is to be looked at. */
  touch: (key: string) => void = () => {};

  /** What lies at a key now. */
  seen(key: string, looked: Looked | undefined): void {
    const isOneOfMany = looked?.kind === 'file' && looked.links > 1;
    const file = isOneOfMany ? `${looked.device} ${looked.print.ino}` : undefined;
    const before = this.fileOf.get(key);
    if (before === file) return;
    if (before !== undefined) this.leaves(key, before);
    if (file === undefined) return;
    this.fileOf.set(key, file);
    const keys = this.keysOf.get(file) ?? new Set();
    this.keysOf.set(file, keys.add(key));
  }

  private leaves(key: string, file: string): void {
    this.fileOf.delete(key);
    const keys = this.keysOf.get(file);
    keys?.delete(key);
    if (keys?.size === 0) this.keysOf.delete(file);
  }

  /** A key's file has changed: so have its other names. */
  changed(key: string): void {
    const file = this.fileOf.get(key);
    for (const other of (file === undefined ? undefined : this.keysOf.get(file)) ?? [])
      if (other !== key) this.touch(other);
  }
}
