import { setTimeout as pause } from 'node:timers/promises';

/** A file's bytes and their digest. */
export interface Read {
  readonly content: Buffer;
  readonly digest: string;
}

const stepMs = 5;
const mostKept = 4000;

/** Contents read a moment ago, to be sent without reading again; the oldest go when there are too many. */
export class Contents {
  private readonly kept = new Map<string, Read>();
  private bytes = 0;
  private readonly most: number;
  private readonly patienceMs: number;
  private asked = 0;
  /** Whether somebody takes them out, to send them, now or soon. */
  areTaken: () => boolean = () => false;

  constructor(most = 16 * 1024 * 1024, patienceMs = 2000) {
    this.most = most;
    this.patienceMs = patienceMs;
  }

  set(key: string, read: Read): void {
    this.drop(key);
    this.kept.set(key, read);
    this.bytes += read.content.length;
    for (const oldest of this.kept.keys()) {
      if (this.bytes <= this.most) return;
      this.drop(oldest);
    }
  }

  clear(): void {
    this.kept.clear();
    this.bytes = 0;
  }

  /** The content, which is then forgotten. */
  take(key: string): Read | undefined {
    this.asked += 1;
    return this.drop(key);
  }

  /** Forgets a content, which is then answered. */
  drop(key: string): Read | undefined {
    const read = this.kept.get(key);
    if (read === undefined) return undefined;
    this.kept.delete(key);
    this.bytes -= read.content.length;
    return read;
  }

  /**
   * Resolves when there is room for more, so that whoever reads much does not read what is put out again before it was
   * sent, and read a second time. Who once ran ahead would stay ahead, and every file be read twice. Nobody waits for what
   * nobody takes: after two seconds in which none was asked for, not even one that is no longer here, it is put out.
   */
  async room(): Promise<void> {
    let [before, still] = [-1, 0];
    while (this.isFull && this.areTaken()) {
      still = this.asked === before ? still + 1 : 0;
      before = this.asked;
      if (still * stepMs > this.patienceMs) {
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
