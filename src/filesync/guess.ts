/** So many in a row were wanted: so will be the next. */
const sure = 64;
const [askEvery, askSeldom] = [16, 256];
const [firstWindow, mostWindow] = [256, 8000];

/**
 * Whether the other side lacks what is offered. Before both sides were equal once, offers go without content, since the
 * other side may well have the same; where it has nothing, each file would be offered twice. So when one offer after
 * another is answered by a wish for its content, the next ones bring it, and one of sixteen still asks, fewer the longer
 * it goes on: one that is not wanted ends it. The first offers are few, so that the answers come before all was offered.
 */
export class Guess {
  private row = 0;
  private sent = 0;
  private heard = 0;

  /** An offer without content was answered. */
  answered(isWanted: boolean): void {
    this.row = isWanted ? this.row + 1 : 0;
    this.heard += 1;
  }

  /** How many offers may be on their way. `bare`: they go without content. */
  window(bare: boolean): number {
    return !bare || this.isSure ? mostWindow : Math.min(mostWindow, firstWindow + 2 * this.heard);
  }

  get isSure(): boolean {
    return this.row >= sure;
  }

  /** Whether the next offer brings its content. */
  next(): boolean {
    if (!this.isSure) return false;
    this.sent += 1;
    return this.sent % Math.max(askEvery, Math.min(askSeldom, this.row >> 2)) !== 0;
  }
}
