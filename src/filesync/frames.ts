import type { State, Version } from './model.ts';

/** What is on its way, until it is answered. */
export interface Sent {
  readonly version: Version;
  /** What the other side has said since that it knows of. */
  readonly heard?: Version;
  readonly state: State;
  readonly bytes: number;
  /** The frame it went in; 0 for a rename and what goes by rsync. */
  readonly frame: number;
  /** A small file without its content. */
  readonly isBare?: boolean;
}

const [usualBytes, mostBytes] = [256 * 1024, 700 * 1024];

/** What fits one frame. It goes on for a while with what is in one directory: a new one is taken in best as a whole. */
export class Filling {
  private size = 0;
  private directory = '';

  takes(key: string): boolean {
    const directory = key.slice(0, key.lastIndexOf('/'));
    const [before, most] = [this.directory, directory === this.directory ? mostBytes : usualBytes];
    this.directory = directory;
    return before === '' || this.size <= most;
  }

  add(bytes: number): void {
    this.size += bytes;
  }
}

/** Which keys went in which frame of offers, as long as the frame is not answered. */
export class Frames {
  private readonly waiting = new Map<number, readonly string[]>();
  private last = 0;

  /** The number of the frame that is being made. */
  get next(): number {
    return this.last + 1;
  }

  /** The frame has gone with these keys. Answers its number. */
  went(keys: readonly string[]): number {
    this.last += 1;
    this.waiting.set(this.last, keys);
    return this.last;
  }

  /** The other side has done all up to a frame. Answers them with their keys, oldest first, and forgets them. */
  *done(frame: number): Generator<readonly [number, readonly string[]]> {
    for (const [number, keys] of this.waiting) {
      if (number > frame) return;
      this.waiting.delete(number);
      yield [number, keys];
    }
  }

  clear(): void {
    this.waiting.clear();
  }
}
