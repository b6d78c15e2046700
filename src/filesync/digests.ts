import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { bytes } from './tree.ts';

/** Digests of large files, worked out in the background, one at a time. */
export class Digests {
  private readonly done = new Map<string, string>();
  private readonly begun = new Set<string>();
  private tail: Promise<void> = Promise.resolve();
  /** Told of each path whose digest is there: it is to be looked at again. */
  touch: (path: string) => void = () => {};

  /**
   * The digest of the file at `file`, or undefined until it is there. `mark` tells one content from the next; `path` names
   * it to whoever is told.
   */
  of(path: string, file: string, mark: string): string | undefined {
    const known = this.done.get(mark);
    if (known !== undefined || this.begun.has(mark)) return known;
    this.begun.add(mark);
    this.tail = this.tail.then(() => this.work(path, file, mark));
    return undefined;
  }

  private async work(path: string, file: string, mark: string): Promise<void> {
    const hash = createHash('sha256');
    try {
      for await (const part of createReadStream(bytes(file), { highWaterMark: 1 << 20 })) hash.update(part);
      if (this.done.size > 1000) this.done.clear();
      this.done.set(mark, hash.digest('hex').slice(0, 32));
    } catch {
      // Gone or unreadable: whoever looks again by and by finds that out. Told of it, it would be read again at once.
      return;
    } finally {
      this.begun.delete(mark);
    }
    this.touch(path);
  }
}
