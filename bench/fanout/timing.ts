/** Short times, as the demo has them: the servers answer in 20 ms and never late. */
export const timing = { leaseMs: 3000, sweepMs: 500, longestSeconds: 2, verifyAfterMs: 60_000 };
/** How often it is asked how far a run is. */
export const pollMs = 50;
