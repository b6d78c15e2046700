/** Counts wrong credentials so that guessing is slow and then useless. */
export interface Throttle {
  /** How long the answer to a further wrong try of this caller is held back, ms; 'shut' when nothing is checked any more. */
  verdict(address: string, user: string, now: number): number | 'shut';
  failed(address: string, user: string, now: number): void;
  succeeded(address: string, user: string): void;
}

interface Count {
  readonly failures: number;
  readonly since: number;
}

export interface ThrottleLimits {
  readonly windowMs: number;
  /** Wrong tries of one address, whatever the user. */
  readonly byAddress: number;
  /** Wrong tries on one user from one address: others are not locked out by a stranger's guessing. */
  readonly byUser: number;
}

/** cPHulk's documented defaults are 15 a user in 5 minutes; an address may serve many users, so it gets more. */
export const defaultLimits: ThrottleLimits = { windowMs: 300_000, byAddress: 60, byUser: 15 };

const mostEntries = 10_000;

/** In memory, per process: it slows guessing down and is nobody's only defence. */
export function throttleOf(limits: ThrottleLimits = defaultLimits): Throttle {
  const counts = new Map<string, Count>();
  const keys = (address: string, user: string): readonly [string, string] => [`a ${address}`, `u ${address} ${user}`];
  function failures(key: string, now: number): number {
    const count = counts.get(key);
    return count === undefined || now - count.since > limits.windowMs ? 0 : count.failures;
  }
  function add(key: string, now: number): void {
    const before = failures(key, now);
    const since = before === 0 ? now : (counts.get(key)?.since ?? now);
    counts.delete(key);
    counts.set(key, { failures: before + 1, since });
    const oldest = counts.keys().next().value;
    if (counts.size > mostEntries && oldest !== undefined) counts.delete(oldest);
  }
  return {
    verdict(address, user, now) {
      const [byAddress, byUser] = keys(address, user).map((key) => failures(key, now));
      if ((byAddress ?? 0) >= limits.byAddress || (byUser ?? 0) >= limits.byUser) return 'shut';
      return Math.min(2000, 50 * 2 ** Math.min(byUser ?? 0, 6));
    },
    failed(address, user, now) {
      for (const key of keys(address, user)) add(key, now);
    },
    succeeded(address, user) {
      counts.delete(keys(address, user)[1]);
    },
  };
}
