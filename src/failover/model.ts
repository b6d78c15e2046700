import type { SwitchLimits } from './safety.ts';
import type { Order, Standing } from './verdict/orders.ts';
import type { Topology } from './verdict/topology.ts';
import type { View } from './verdict/verdict.ts';

/** A person's word that nothing switches by itself. */
export interface Hold {
  readonly by: string;
  readonly reason: string;
}

/** Planned downtime of a master; times in milliseconds, `until` not included. */
export interface Maintenance {
  readonly master: string;
  readonly from: number;
  readonly until: number;
  readonly reason: string;
}

/** All that one turn of the watch role looks at. The clock is a value in it. */
export interface Situation {
  readonly topology: Topology;
  readonly view: View;
  readonly orders: readonly Order[];
  readonly standing: Standing;
  readonly hold: Hold | undefined;
  readonly maintenance: readonly Maintenance[];
  readonly limits: SwitchLimits;
  readonly now: number;
}

/** Windows of different masters that overlap: while one is down the other must not be. */
export function overlapping(windows: readonly Maintenance[]): readonly (readonly [Maintenance, Maintenance])[] {
  return windows.flatMap((a, at) =>
    windows
      .slice(at + 1)
      .filter((b) => a.master !== b.master && a.from < b.until && b.from < a.until)
      .map((b) => [a, b] as const),
  );
}
