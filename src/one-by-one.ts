/** Runs one piece of work after the other, in the order in which they were asked for. */
export type OneByOne = <T>(work: () => Promise<T>) => Promise<T>;

/** What fails is told to whoever asked for it; what comes after it runs all the same. */
export function oneByOne(): OneByOne {
  let last: Promise<unknown> = Promise.resolve();
  return (work) => {
    const mine = last.then(work);
    last = mine.catch(() => undefined);
    return mine;
  };
}
