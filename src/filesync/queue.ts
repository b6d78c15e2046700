import type { Store } from './store.ts';
import { mostOffers } from './wire.ts';

/** Keys that are to be sent, and whether with content, in the order in which they go. */
export class Queue {
  private readonly store: Pick<Store, 'get'>;
  private readonly keys = new Map<string, boolean>();

  constructor(store: Pick<Store, 'get'>) {
    this.store = store;
  }

  get size(): number {
    return this.keys.size;
  }

  add(key: string, content: boolean): void {
    this.keys.set(key, content || this.keys.get(key) === true);
  }

  /** Many at once: what left from the bottom up, then what is, however many frames it takes. */
  addAll(keys: Iterable<string>, content: boolean): void {
    const [gone, live]: [string[], string[]] = [[], []];
    for (const key of keys) (this.hasLeft(key) ? gone : live).push(key);
    for (const key of [...gone.sort().reverse(), ...live]) {
      const wanted = content || this.keys.get(key) === true;
      this.keys.delete(key);
      this.keys.set(key, wanted);
    }
  }

  delete(key: string): void {
    this.keys.delete(key);
  }

  private hasLeft(key: string): boolean {
    return this.store.get(key)?.state.kind === 'absent';
  }

  /**
   * As much as fits one frame of what is not on its way (`isSent`). What left comes first, deepest first, so that
   * directories are empty when they go; then what is, from the top.
   */
  batch(isSent: (key: string) => boolean): [string, boolean][] {
    const some: [string, boolean, boolean][] = [];
    for (const [key, content] of this.keys) {
      if (isSent(key)) continue;
      some.push([key, content, this.hasLeft(key)]);
      if (some.length >= mostOffers) break;
    }
    const [gone, live] = [some.filter(([, , left]) => left), some.filter(([, , left]) => !left)];
    gone.sort(([a], [b]) => (a < b ? 1 : -1));
    live.sort(([a], [b]) => (a < b ? -1 : 1));
    return [...gone, ...live].map(([key, content]) => [key, content]);
  }
}
