/** The list of all calls that came in: a test tool, so nothing is hidden in it. */
import type { Args } from './params.ts';

export interface CallRecord {
  /** 1, 2, 3 … since the process started. */
  readonly n: number;
  readonly api: string;
  readonly function: string;
  /** The account of a UAPI or API 2 call. */
  readonly user: string;
  readonly caller: string;
  readonly args: Args;
  /** Milliseconds since 1970. */
  readonly receivedAt: number;
  /** null while it is being worked on. */
  readonly finishedAt: number | null;
  readonly fault: string | null;
  /** 'ok', 'refused', 'unknown', 'denied', 'cut', 'hung', 'garbled', or null while it is being worked on. */
  readonly outcome: string | null;
  readonly reason: string;
  /** The number of its effect with the referee. */
  readonly effect: number | null;
}

export interface Calls {
  begin(call: Omit<CallRecord, 'n' | 'finishedAt' | 'fault' | 'outcome' | 'reason' | 'effect'>): number;
  note(n: number, more: Partial<CallRecord>): void;
  /** Calls with a number above `after`, at most `limit`. */
  after(n: number, limit: number): readonly CallRecord[];
  readonly last: number;
}

/** Keeps the last `keep` calls in memory. */
export function createCalls(keep = 200_000): Calls {
  let list: CallRecord[] = [];
  let first = 1;
  let last = 0;
  return {
    begin(call) {
      last += 1;
      list.push({ n: last, ...call, finishedAt: null, fault: null, outcome: null, reason: '', effect: null });
      if (list.length > keep * 1.1) {
        list = list.slice(-keep);
        first = last - list.length + 1;
      }
      return last;
    },
    note(n, more) {
      const found = list[n - first];
      if (found !== undefined) list[n - first] = { ...found, ...more };
    },
    after: (n, limit) => list.slice(Math.max(0, n + 1 - first), Math.max(0, n + 1 - first) + limit),
    get last() {
      return last;
    },
  };
}
