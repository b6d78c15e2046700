import type { Branch } from './site.ts';

const pauseMs = 300_000;

export interface UnwatchedOptions {
  scan(branch: Branch): void;
  /** Runs `work` once after so many milliseconds. */
  later(ms: number, work: () => void): void;
}

/** Directories that the kernel does not watch, by tree. Nobody tells what happens in them: every five minutes they are scanned. */
export class Unwatched {
  private readonly options: UnwatchedOptions;
  private readonly counts = new Map<Branch, number>();
  private isWaiting = false;

  constructor(options: UnwatchedOptions) {
    this.options = options;
  }

  /** So many directories of a tree are not watched now. */
  told(branch: Branch, count: number): void {
    this.counts.set(branch, count);
    if (!this.isWaiting) this.look();
  }

  private look(): void {
    const blind = [...this.counts].filter(([, count]) => count > 0);
    this.isWaiting = blind.length > 0;
    for (const [branch] of blind) this.options.scan(branch);
    if (this.isWaiting) this.options.later(pauseMs, () => this.look());
  }

  get total(): number {
    return [...this.counts.values()].reduce((sum, count) => sum + count, 0);
  }
}
