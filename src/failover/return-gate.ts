/** The gate before a return: all must be known and good. Pure. */

/** A measured value, or that nobody could measure it. */
export type Known<T> = T | 'unknown';

export interface ReturnFacts {
  /** How long all checks of the master have been green without a break, milliseconds. */
  readonly greenMs: Known<number>;
  /** Age of the oldest unfinished leg on it, milliseconds; 0 when there is none. */
  readonly oldestLegMs: Known<number>;
  readonly legsInDoubt: Known<number>;
  readonly holds: Known<number>;
  readonly fileLagMs: Known<number>;
  readonly databaseLagMs: Known<number>;
  /** Whether certificates per virtual host and service are the same on both. */
  readonly certificatesEqual: Known<boolean>;
}

export interface ReturnLimits {
  readonly greenMs: number;
  readonly legMs: number;
  readonly fileLagMs: number;
  readonly databaseLagMs: number;
}

/** Half an hour of good checks; work, files and databases no more than a minute behind. */
export const defaultReturnLimits: ReturnLimits = {
  greenMs: 1_800_000,
  legMs: 60_000,
  fileLagMs: 60_000,
  databaseLagMs: 10_000,
};

export type GateKey = keyof ReturnFacts;

export interface Closed {
  readonly key: GateKey;
  readonly why: 'bad' | 'unknown';
  readonly sentence: string;
}

interface Rule {
  readonly name: string;
  isOpen(facts: ReturnFacts, limits: ReturnLimits): boolean;
  readonly bad: string;
}

const rules: Readonly<Record<GateKey, Rule>> = {
  greenMs: {
    name: 'its checks',
    isOpen: (facts, limits) => Number(facts.greenMs) >= limits.greenMs,
    bad: 'Its checks have not been green for long enough.',
  },
  oldestLegMs: {
    name: 'its backlog',
    isOpen: (facts, limits) => Number(facts.oldestLegMs) <= limits.legMs,
    bad: 'It has not caught up with the work that was done meanwhile.',
  },
  legsInDoubt: { name: 'calls in doubt', isOpen: (facts) => facts.legsInDoubt === 0, bad: 'Calls to it are in doubt.' },
  holds: { name: 'held work', isOpen: (facts) => facts.holds === 0, bad: 'Work for it is on hold and needs a person.' },
  fileLagMs: {
    name: 'file sync',
    isOpen: (facts, limits) => Number(facts.fileLagMs) <= limits.fileLagMs,
    bad: 'File sync is behind.',
  },
  databaseLagMs: {
    name: 'database replication',
    isOpen: (facts, limits) => Number(facts.databaseLagMs) <= limits.databaseLagMs,
    bad: 'Database replication is behind.',
  },
  certificatesEqual: {
    name: 'certificates',
    isOpen: (facts) => facts.certificatesEqual === true,
    bad: 'Its certificates differ.',
  },
};

const keys: readonly GateKey[] = [
  'greenMs',
  'oldestLegMs',
  'legsInDoubt',
  'holds',
  'fileLagMs',
  'databaseLagMs',
  'certificatesEqual',
];

/** Everything that keeps the gate closed; empty means open. What a person overrides by name no longer counts. */
export function closedGates(
  facts: ReturnFacts,
  limits: ReturnLimits,
  overridden: ReadonlySet<GateKey> = new Set(),
): readonly Closed[] {
  return keys.flatMap((key): readonly Closed[] => {
    if (overridden.has(key)) return [];
    const rule = rules[key];
    if (facts[key] === 'unknown') {
      return [{ key, why: 'unknown', sentence: `Nothing is known of ${rule.name}, so it counts as bad.` }];
    }
    return rule.isOpen(facts, limits) ? [] : [{ key, why: 'bad', sentence: rule.bad }];
  });
}
