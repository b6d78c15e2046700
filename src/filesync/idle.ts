const lookMs = 10_000;

/**
 * Gives memory back once when there is nothing more to do: V8 collects when it allocates, and an idle agent does not. Works
 * where Node was started with --expose-gc, as the package does. Ends with the signal.
 */
export function collectWhenIdle(isIdle: () => boolean, signal: AbortSignal): void {
  const collect = globalThis.gc;
  if (collect === undefined) return;
  let wasBusy = true;
  const timer = setInterval(() => {
    if (!isIdle()) wasBusy = true;
    else if (wasBusy) {
      wasBusy = false;
      void collect();
    }
  }, lookMs);
  signal.addEventListener('abort', () => clearInterval(timer), { once: true });
}
