const lookMs = 10_000;

/**
 * Calls `give` once each time when there is nothing more to do, to give memory back: V8 collects when it allocates and the
 * C library keeps what was freed, so an agent that had much to do would stay large. Ends with the signal.
 */
export function whenIdle(isIdle: () => boolean, give: () => void, signal: AbortSignal): void {
  let wasBusy = true;
  const timer = setInterval(() => {
    if (!isIdle()) wasBusy = true;
    else if (wasBusy) {
      wasBusy = false;
      give();
    }
  }, lookMs);
  signal.addEventListener('abort', () => clearInterval(timer), { once: true });
}
