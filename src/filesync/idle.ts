const lookMs = 15_000;
/** So little in a look's time is no work: both sides ask each other whether they are there. */
const nothing = 20_000;

export interface Idle {
  /** Bytes that have gone over the line so far, both ways. */
  moved(): number;
  /** Nothing is to be sent, read or looked at. */
  isIdle(): boolean;
  /** Gives memory back. */
  give(): void;
}

/**
 * Has memory given back once work is over: V8 collects when it allocates and the C library keeps what was freed, so an
 * agent that had much to do would stay large. Ends with the signal.
 */
export function whenIdle({ moved, isIdle, give }: Idle, signal: AbortSignal): void {
  let last = moved();
  let isDue = true;
  const timer = setInterval(() => {
    const now = moved();
    const isCalm = isIdle() && now - last < nothing;
    last = now;
    if (isCalm && isDue) give();
    isDue = !isCalm;
  }, lookMs);
  signal.addEventListener('abort', () => clearInterval(timer), { once: true });
}
