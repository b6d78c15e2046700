/** Faults on demand. */

/**
 * 'refuse': a refusal, nothing done. 'busy': locked, nothing done. 'denied': 403, nothing done. 'slow': waits `ms`,
 * then as usual. 'hang': never answers, nothing done. 'drop-before': the connection is cut, nothing done.
 * 'drop-after': done, then cut. 'late': cut; done `ms` later, whatever else came meanwhile. 'visible-early': a first
 * part is done and visible, the rest and the answer come `ms` later. 'partial': a first part is done, then a refusal.
 * 'http-500', 'html', 'garbage': such an answer; whether it is done says `effect`. 'down': the ports refuse
 * connections for `ms`, or until the fault is cleared.
 */
export const faultKinds = [
  'refuse',
  'busy',
  'denied',
  'slow',
  'hang',
  'drop-before',
  'drop-after',
  'late',
  'visible-early',
  'partial',
  'http-500',
  'html',
  'garbage',
  'down',
] as const;
export type FaultKind = (typeof faultKinds)[number];

export interface Fault {
  readonly id: number;
  /** 'createacct', 'Email::add_pop', or '*' for any. */
  readonly function: string;
  readonly kind: FaultKind;
  /** How many calls it still hits; null: until it is cleared. */
  readonly times: number | null;
  readonly ms: number;
  /** Only calls about this account. */
  readonly account?: string;
  /** For 'http-500', 'html' and 'garbage': whether the call is done all the same. Default: only for 'garbage'. */
  readonly effect?: boolean;
  /** The sentence of 'refuse', 'busy', 'partial'. */
  readonly reason?: string;
}

export type NewFault = Omit<Fault, 'id'>;

export interface Faults {
  add(fault: NewFault): Fault;
  list(): readonly Fault[];
  /** All, or one. */
  clear(id?: number): void;
  /** The first fault that hits such a call, counted down. */
  take(fn: string, account: string): Fault | undefined;
}

/** An empty list of faults. */
export function createFaults(): Faults {
  let list: readonly Fault[] = [];
  let last = 0;
  const hits = (fault: Fault, fn: string, account: string): boolean =>
    fault.kind !== 'down' &&
    (fault.function === '*' || fault.function === fn) &&
    (fault.account === undefined || fault.account === account);
  return {
    add(fault) {
      last += 1;
      const added: Fault = { ...fault, id: last };
      list = [...list, added];
      return added;
    },
    list: () => list,
    clear(id) {
      list = id === undefined ? [] : list.filter((f) => f.id !== id);
    },
    take(fn, account) {
      const found = list.find((f) => hits(f, fn, account));
      if (found === undefined || found.times === null) return found;
      const left = found.times - 1;
      list = list.flatMap((f) => (f.id !== found.id ? [f] : left > 0 ? [{ ...f, times: left }] : []));
      return found;
    },
  };
}
