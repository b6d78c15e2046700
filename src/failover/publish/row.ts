import { type OneByOne, oneByOne } from '../../one-by-one.ts';

/** Runs over the zones follow each other, and what is not urgent gives way to an order. */

/** An order came first. What was being done is found again. */
export class GaveWay extends Error {
  constructor() {
    super('an order came first');
    this.name = 'GaveWay';
  }
}

export interface Row {
  /** One after the other. */
  readonly run: OneByOne;
  /** What gives way ends; nothing that gives way begins before this is over. */
  first<T>(work: () => Promise<T>): Promise<T>;
  /** The work's signal also aborts when an order comes, and has aborted where one waits. */
  behind<T>(signal: AbortSignal, work: (signal: AbortSignal) => Promise<T>): Promise<T>;
}

export function openRow(): Row {
  const run = oneByOne();
  let waiting = 0;
  let order = new AbortController();
  return {
    run,
    async first(work) {
      waiting += 1;
      order.abort();
      try {
        return await run(work);
      } finally {
        waiting -= 1;
        if (waiting === 0) order = new AbortController();
      }
    },
    behind: (signal, work) => run(() => work(AbortSignal.any([signal, order.signal]))),
  };
}
