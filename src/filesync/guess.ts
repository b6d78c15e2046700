/** So many in a row were wanted: so will be the next. */
const sure = 64;
const askEvery = 16;

/**
 * Whether the other side lacks what is offered. Before both sides were equal once, offers go without content, since the
 * other side may well have the same; where it has nothing, each file would be offered twice. So when one offer after
 * another is answered by a wish for its content, the next ones bring it, and one of sixteen still asks: one that is not
 * wanted ends it.
 */
export class Guess {
  private row = 0;
  private sent = 0;

  /** An offer without content was answered. */
  answered(isWanted: boolean): void {
    this.row = isWanted ? this.row + 1 : 0;
  }

  get isSure(): boolean {
    return this.row >= sure;
  }

  /** Whether the next offer brings its content. */
  next(): boolean {
    if (!this.isSure) return false;
    this.sent += 1;
    return this.sent % askEvery !== 0;
  }
}
