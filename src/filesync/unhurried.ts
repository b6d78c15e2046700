const pauseMs = 200;
const much = 32 * 1024;

/**
 * Work that costs the same however much it is about: done at once after a pause and when much has come, else for all that
 * comes until a moment after the last time.
 */
export class Unhurried {
  private readonly work: () => void;
  private readonly now: () => number;
  private timer: NodeJS.Timeout | undefined;
  private weight = 0;
  private last = Number.NEGATIVE_INFINITY;

  constructor(work: () => void, now: () => number) {
    this.work = work;
    this.now = now;
  }

  /** Something came that weighs so many bytes. */
  came(bytes: number): void {
    this.weight += bytes;
    const ms = this.weight >= much ? 0 : this.last + pauseMs - this.now();
    // A clock that was set back holds up nothing.
    if (ms <= 0 || ms > pauseMs) this.begin();
    else this.timer ??= setTimeout(() => this.begin(), ms);
  }

  private begin(): void {
    this.stop();
    this.weight = 0;
    this.last = this.now();
    this.work();
  }

  /** What waits is not done any more. */
  stop(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
  }
}
