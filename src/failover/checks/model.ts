/** What one run of a check says. 'unknown': the check itself could not be made. */
export type Result = 'ok' | 'warning' | 'critical' | 'unknown';

/** How a check is scheduled; times in milliseconds. */
export interface CheckRule {
  /** Between runs while all is well, or known to be bad. */
  readonly everyMs: number;
  /** Between runs until a state is hard. */
  readonly retryMs: number;
  /** Bad results in a row that make a hard state. */
  readonly attempts: number;
  /** Up to this share of an interval is taken off, so that checks do not run in step. 0 to 1. */
  readonly jitter: number;
}

export interface CheckState {
  readonly result: Result;
  /** 'soft' while it is not yet believed. */
  readonly type: 'soft' | 'hard';
  /** Of bad results in a row; 1 while all is well. */
  readonly attempt: number;
  /** The last believed result. */
  readonly hard: Result;
  /** Since when `hard` is what it is. */
  readonly since: number;
  /** Whether each of the last 21 results differed from the one before, newest last. */
  readonly changes: readonly boolean[];
  readonly flapping: boolean;
  /** A person knows; no more messages until it is well again. */
  readonly acknowledged: boolean;
  readonly nextAt: number;
}

/** What stands around a check when its result comes in. */
export interface Surroundings {
  readonly now: number;
  /** A number from 0 up to 1, drawn by the caller. */
  readonly chance: number;
  /** What it depends on (a gateway, the path) is hard bad: its own failure says nothing. */
  readonly parentIsBad: boolean;
  /** The master is in planned downtime. */
  readonly planned: boolean;
}

export type CheckEvent =
  | { readonly kind: 'problem' | 'recovery'; readonly from: Result; readonly to: Result }
  | { readonly kind: 'flapping-began' | 'flapping-ended' };

export interface Advanced {
  readonly state: CheckState;
  /** Believed changes, also those that nobody is told. */
  readonly events: readonly CheckEvent[];
  /** Whether people are told: not in planned downtime, while flapping, or when acknowledged. */
  readonly tell: boolean;
}

/** A check that has never run: believed well since `now`, due at once. */
export function firstState(now: number): CheckState {
  return {
    result: 'ok',
    type: 'hard',
    attempt: 1,
    hard: 'ok',
    since: now,
    changes: [],
    flapping: false,
    acknowledged: false,
    nextAt: now,
  };
}
