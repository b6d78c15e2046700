import { setTimeout as pause } from 'node:timers/promises';

/** A file's bytes and their digest. */
export interface Read {
  readonly content: Buffer;
  readonly digest: string;
}

const stepMs = 5;
const patience = 100;
const mostKept = 4000;

/** Contents read a moment ago, to be sent without reading again; the oldest go when there are too many. */
export class Contents {
  private readonly kept = new Map<string, Read>();
  private bytes = 0;
  private readonly most: number;
  private taken = 0;
  /** Whether somebody takes them out now, to send them. */
  areTaken: () => boolean = () => false;

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
    this.taken += 1;
    this.kept.delete(key);
    this.bytes -= read.content.length;
    return read;
  }

  /**
   * Resolves when there is room for more, so that whoever reads much does not read what is put out again before it was
   * sent, and read a second time. Nobody waits for what nobody takes: after half a second without any it is put out.
   */
  async room(): Promise<void> {
    let [before, still] = [-1, 0];
    while (this.isFull && this.areTaken()) {
      still = this.taken === before ? still + 1 : 0;
      before = this.taken;
      if (still > patience) {
        this.clear();
        return;
      }
      await pause(stepMs);
    }
  }

  private get isFull(): boolean {
    return this.bytes > this.most / 2 || this.kept.size > mostKept;
  }
}
