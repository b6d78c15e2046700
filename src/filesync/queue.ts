import type { Store } from './store.ts';
import { mostOffers } from './wire.ts';

interface Queued {
  readonly content: boolean;
  /** Nothing is there any more. A key whose state changes is queued anew. */
  readonly hasLeft: boolean;
}

/** Keys that are to be sent, and whether with content, in the order in which they go. */
export class Queue {
  private readonly store: Pick<Store, 'kind'>;
  private readonly keys = new Map<string, Queued>();

  constructor(store: Pick<Store, 'kind'>) {
    this.store = store;
  }

  get size(): number {
    return this.keys.size;
  }

  add(key: string, content: boolean): void {
    this.keys.set(key, this.queued(key, content));
  }

  /** Many at once: what left from the bottom up, then what is, however many frames it takes. */
  addAll(keys: Iterable<string>, content: boolean): void {
    const all = [...keys].map((key): [string, Queued] => [key, this.queued(key, content)]);
    const gone = all.filter(([, { hasLeft }]) => hasLeft).sort(([a], [b]) => (a < b ? 1 : -1));
    for (const [key, queued] of [...gone, ...all.filter(([, { hasLeft }]) => !hasLeft)]) {
      this.keys.delete(key);
      this.keys.set(key, queued);
    }
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
   * As much as fits one frame of what is not on its way (`isSent`). What left comes first, deepest first, so that
   * directories are empty when they go; then what is, from the top.
   */
  batch(isSent: (key: string) => boolean): [string, boolean][] {
    const some: [string, Queued][] = [];
    for (const one of this.keys) {
      if (isSent(one[0])) continue;
      some.push(one);
      if (some.length >= mostOffers) break;
    }
    const [gone, live] = [some.filter(([, { hasLeft }]) => hasLeft), some.filter(([, { hasLeft }]) => !hasLeft)];
    gone.sort(([a], [b]) => (a < b ? 1 : -1));
    live.sort(([a], [b]) => (a < b ? -1 : 1));
    return [...gone, ...live].map(([key, { content }]) => [key, content]);
  }
}
