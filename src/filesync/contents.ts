/** A file's bytes and their digest. */
export interface Read {
  readonly content: Buffer;
  readonly digest: string;
}

/** Contents read a moment ago, to be sent without reading again; the oldest go when there are too many. */
export class Contents {
  private readonly kept = new Map<string, Read>();
  private bytes = 0;
  private readonly most: number;

  constructor(most = 16 * 1024 * 1024) {
    this.most = most;
  }

  set(key: string, read: Read): void {
    this.take(key);
    this.kept.set(key, read);
    this.bytes += read.content.length;
    for (const oldest of this.kept.keys()) {
      if (this.bytes <= this.most) return;
      this.take(oldest);
    }
  }

  clear(): void {
    this.kept.clear();
    this.bytes = 0;
  }

  /** The content, which is then forgotten. */
  take(key: string): Read | undefined {
    const read = this.kept.get(key);
    if (read === undefined) return undefined;
    this.kept.delete(key);
    this.bytes -= read.content.length;
    return read;
  }
}
