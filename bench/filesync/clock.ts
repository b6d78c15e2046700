/** A figure, in the unit that its name ends with, or that it did not happen in time. Less is better, of every figure. */
export type Figure = number | 'dnf';

export const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

/** How many milliseconds it takes until something is so; looks every `stepMs`. */
export async function until(isDone: () => boolean, limitMs: number, stepMs = 2): Promise<Figure> {
  const begun = performance.now();
  while (!isDone()) {
    if (performance.now() - begun > limitMs) return 'dnf';
    await pause(stepMs);
  }
  return performance.now() - begun;
}

/** Milliseconds as seconds. */
export const seconds = (took: Figure): Figure => (took === 'dnf' ? 'dnf' : took / 1000);
