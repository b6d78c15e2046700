/** Contents read a moment ago, to be sent without reading again; the oldest go when there are too many. */
export class Contents {
  private readonly kept = new Map<string, Buffer>();
  private bytes = 0;
  private readonly most: number;

  constructor(most = 16 * 1024 * 1024) {
    this.most = most;
  }

  set(key: string, content: Buffer): void {
    this.take(key);
    this.kept.set(key, content);
    this.bytes += content.length;
    for (const oldest of this.kept.keys()) {
      if (this.bytes <= this.most) return;
      this.take(oldest);
    }
  }

  /** The content, which is then forgotten. */
  take(key: string): Buffer | undefined {
    const content = this.kept.get(key);
    if (content === undefined) return undefined;
    this.kept.delete(key);
    this.bytes -= content.length;
    return content;
  }
}
