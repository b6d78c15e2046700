import { LeaseLost } from '../errors.ts';
import type { Reserved } from '../operations/run.ts';

interface Waiter {
  readonly go: () => void;
  readonly sendAway: (error: Error) => void;
}

/** Calls flow when the last one ended no longer ago than this; milliseconds. */
const FLOW_MS = 20;
/** How much the newest counts in what is taken for usual. */
const NEWEST = 1 / 16;

/** What has lately been usual, milliseconds; the first is taken as it is. */
class Usual {
  #ms: number | undefined;

  get ms(): number {
    return this.#ms ?? 0;
  }

  met(ms: number): void {
    this.#ms = this.#ms === undefined ? ms : this.#ms + (ms - this.#ms) * NEWEST;
  }
}

/**
 * The places for calls to one master. A call that changes something is noted in the journal before it leaves. Were its
 * place taken for that time too, it would stand empty meanwhile. So while calls end one after the other, as many are noted
 * ahead as places are left in the time that a note takes: one where calls are long, as many as there are places where the
 * journal is as slow as the master.
 */
export class Line {
  readonly #room: () => number;
  readonly #now: () => number;
  /** Noted already: they come first. */
  readonly #noted: (() => void)[] = [];
  readonly #changes: Waiter[] = [];
  readonly #looks: Waiter[] = [];
  #inside = 0;
  #promised = 0;
  #closed = false;
  #lastEnd = Number.NEGATIVE_INFINITY;
  readonly #noting = new Usual();
  readonly #calling = new Usual();

  /** `room` says how many calls may be in flight at this moment; `now` is in milliseconds. */
  constructor(room: () => number, now: () => number = () => performance.now()) {
    this.#room = room;
    this.#now = now;
  }

  /** Calls in flight. */
  get inFlight(): number {
    return this.#inside;
  }

  /** Waits for a place; call what it gives when the call is over, once or more often. */
  enter(): Promise<() => void> {
    return this.#join(this.#looks, () => this.#inPlace());
  }

  /** Waits until a place is free or about to be. */
  reserve(): Promise<Reserved> {
    return this.#join(this.#changes, () => this.#reserved());
  }

  /** Lets in whoever waits and has room now. */
  admit(): void {
    const room = this.#room();
    const ahead = this.#now() - this.#lastEnd < FLOW_MS ? this.#leftWhileNoting(room) : 0;
    while (this.#noted.length > 0 && this.#inside < room) this.#noted.shift()?.();
    while (this.#changes.length > 0 && this.#promised < Math.max(ahead, room - this.#inside)) {
      this.#promised += 1;
      this.#changes.shift()?.go();
    }
    while (this.#looks.length > 0 && this.#inside < room && this.#inside + this.#promised < room + ahead) {
      this.#inside += 1;
      this.#looks.shift()?.go();
    }
  }

  /** Whoever still waits is sent away: their legs go on elsewhere. What was reserved is still let in. */
  close(): void {
    this.#closed = true;
    const waiting = [...this.#changes.splice(0), ...this.#looks.splice(0)];
    for (const waiter of waiting) waiter.sendAway(new LeaseLost('the worker is stopping'));
  }

  #leftWhileNoting(room: number): number {
    const share = this.#noting.ms / Math.max(this.#calling.ms, 1);
    return Math.min(room, Math.ceil(room * share));
  }

  /** The way out of a place that was counted already. */
  #inPlace(): () => void {
    let isInside = true;
    const began = this.#now();
    return () => {
      if (!isInside) return;
      isInside = false;
      this.#inside -= 1;
      this.#lastEnd = this.#now();
      this.#calling.met(this.#lastEnd - began);
      this.admit();
    };
  }

  #join<T>(queue: Waiter[], given: () => T): Promise<T> {
    if (this.#closed) return Promise.reject(new LeaseLost('the worker is stopping'));
    return new Promise((resolve, reject) => {
      queue.push({ go: () => resolve(given()), sendAway: reject });
      this.admit();
    });
  }

  #reserved(): Reserved {
    let isOpen = true;
    const began = this.#now();
    const end = (): void => {
      isOpen = false;
      this.#promised -= 1;
    };
    return {
      enter: (withinMs) =>
        new Promise((resolve) => {
          this.#noting.met(this.#now() - began);
          const go = (): void => {
            clearTimeout(timer);
            end();
            this.#inside += 1;
            resolve(this.#inPlace());
          };
          const timer = setTimeout(() => {
            this.#noted.splice(this.#noted.indexOf(go), 1);
            end();
            resolve(undefined);
            this.admit();
          }, withinMs);
          this.#noted.push(go);
          this.admit();
        }),
      giveUp: () => {
        if (!isOpen) return;
        end();
        this.admit();
      },
    };
  }
}
