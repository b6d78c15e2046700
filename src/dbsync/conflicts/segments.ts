/** Who applies what: the server itself wherever it can, Tandem where a row of a conflict is touched. Pure. */
import type { Gtid } from '../mariadb/gtid.ts';
import type { Transaction } from './events.ts';

/** Whether it can be written again row by row; else only the server can apply it. */
export function isCarriable({ statement, unreadable, isWhole }: Transaction): boolean {
  return statement === undefined && unreadable === undefined && isWhole;
}

/** One waiting transaction. */
export interface Waiting {
  readonly gtid: Gtid;
  /** It touches a row that was decided. */
  readonly isOurs: boolean;
  /**
   * Only the server can apply it: a definition, what cannot be read, or tables without transactions, of which each
   * statement would use up a number of its own.
   */
  readonly isTheirs: boolean;
}

export type Segment =
  | { readonly kind: 'server'; readonly until: Gtid }
  | { readonly kind: 'tandem'; readonly from: bigint; readonly until: Gtid };

/** Changing hands costs a new connection between the masters: so few between or behind ours are applied with them. */
export const mostBetween = 20;

/** Which are Tandem's: those that touch a decided row, what lies between two near ones, and a short rest. */
function oursOf(waiting: readonly Waiting[]): readonly boolean[] {
  const mine = waiting.map((one) => one.isOurs);
  let last = -1;
  for (const [at, one] of waiting.entries()) {
    if (one.isTheirs) last = -1;
    if (!one.isOurs) continue;
    if (last >= 0 && at - last <= mostBetween) mine.fill(true, last, at);
    last = at;
  }
  if (last >= 0 && waiting.length - last <= mostBetween) mine.fill(true, last);
  return mine;
}

/** The parts, in order; together they are all that waits. */
export function segmentsOf(waiting: readonly Waiting[]): readonly Segment[] {
  const mine = oursOf(waiting);
  const segments: Segment[] = [];
  for (const [at, { gtid }] of waiting.entries()) {
    const isOurs = mine[at] === true;
    const before = segments.at(-1);
    if (before !== undefined && (before.kind === 'tandem') === isOurs)
      segments[segments.length - 1] = { ...before, until: gtid };
    else segments.push(isOurs ? { kind: 'tandem', from: gtid.seq, until: gtid } : { kind: 'server', until: gtid });
  }
  return segments;
}
