import type { Store } from './store.ts';
import { mostOffers } from './wire-offer.ts';

interface Queued {
  readonly content: boolean;
  /** Nothing is there any more. A key whose state changes is queued anew. */
  readonly hasLeft: boolean;
}

/** So few keys in order may be less than a frame, or not all of a directory. */
const soonOver = mostOffers / 4;

/** Keys that are to be sent, and whether with content, in the order in which they go. */
export class Queue {
  private readonly store: Pick<Store, 'kind'>;
  private readonly keys = new Map<string, Queued>();
  private inOrder: [string, Queued][] = [];

  constructor(store: Pick<Store, 'kind'>) {
    this.store = store;
  }

  get size(): number {
    return this.keys.size;
  }

  add(key: string, content: boolean): void {
    const queued = this.queued(key, content);
    this.keys.set(key, queued);
    if (queued.hasLeft) this.inOrder = [];
  }

  /** Many at once: what left from the bottom up, then what is, however many frames it takes. */
  addAll(keys: Iterable<string>, content: boolean): void {
    const all = [...keys].map((key): [string, Queued] => [key, this.queued(key, content)]);
    const gone = all.filter(([, { hasLeft }]) => hasLeft).sort(([a], [b]) => (a < b ? 1 : -1));
    for (const [key, queued] of [...gone, ...all.filter(([, { hasLeft }]) => !hasLeft)]) {
      this.keys.delete(key);
      this.keys.set(key, queued);
    }
    this.inOrder = [];
  }

  delete(key: string): void {
    this.keys.delete(key);
  }

  private queued(key: string, content: boolean): Queued {
    return {
      content: content || this.keys.get(key)?.content === true,
      hasLeft: this.store.kind(key) === 'absent',
    };
  }

  /**
   * What is not on its way (`isSent`), for one frame that takes of it what fits, and deletes it here. What left comes
   * first, deepest first, so that directories are empty when they go; then what is, from the top.
   */
  *batch(isSent: (key: string) => boolean): Generator<readonly [string, boolean]> {
    // A frame rarely takes all that was put in order, so the rest is kept for the next ones.
    if (this.inOrder.length >= soonOver && (yield* this.next(isSent))) return;
    this.inOrder = this.ordered(isSent);
    yield* this.next(isSent);
  }

  /** Answers whether there was anything. */
  private *next(isSent: (key: string) => boolean): Generator<readonly [string, boolean], boolean> {
    let isAny = false;
    for (let one = this.inOrder.at(-1); one !== undefined; one = this.inOrder.at(-1)) {
      const [key, queued] = one;
      // What was queued anew since has another place.
      if (this.keys.get(key) === queued && !isSent(key)) {
        isAny = true;
        yield [key, queued.content];
      }
      this.inOrder.pop();
    }
    return isAny;
  }

  /** What goes next, last first. */
  private ordered(isSent: (key: string) => boolean): [string, Queued][] {
    const some: [string, Queued][] = [];
    for (const one of this.keys) {
      if (isSent(one[0])) continue;
      some.push(one);
      if (some.length >= mostOffers) break;
    }
    const [gone, live] = [some.filter(([, { hasLeft }]) => hasLeft), some.filter(([, { hasLeft }]) => !hasLeft)];
    gone.sort(([a], [b]) => (a < b ? -1 : 1));
    live.sort(([a], [b]) => (a < b ? 1 : -1));
    return [...live, ...gone];
  }
}
