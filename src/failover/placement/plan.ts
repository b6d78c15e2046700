import type { Standing } from '../verdict/orders.ts';
import type { PlacementWish } from './model.ts';

/** Which accounts are not where they belong, and whether they may be moved now. Pure. */

export interface PlacementFacts {
  readonly standing: Standing;
  /** Ids, in the order of the configuration; the first is the pair's home. */
  readonly masters: readonly string[];
  readonly wish: PlacementWish;
  /** What the last turn said of each master. */
  readonly states: Readonly<Record<string, string>>;
  /** Why nothing may be ordered by itself now, such as a hold; undefined: nothing is against it. */
  readonly against: string | undefined;
  readonly most: number;
}

export type PlacementPlan =
  | { readonly kind: 'in-place' }
  /** Some accounts wait, and why. */
  | { readonly kind: 'wait'; readonly accounts: readonly string[]; readonly why: string }
  | {
      readonly kind: 'move';
      readonly from: string;
      readonly to: string;
      readonly accounts: readonly string[];
      /** Their names move: only through the gate. False: they are on that master already, and now belong there. */
      readonly isGated: boolean;
    };

interface Misplaced {
  readonly account: string;
  readonly from: string;
  readonly to: string;
  readonly isGated: boolean;
  /** What it belongs to is itself away from home. */
  readonly isAway: boolean;
}

/** Accounts that belong elsewhere than the orders say, in the order of their names. */
function misplaced(standing: Extract<Standing, { kind: 'agreed' }>, facts: PlacementFacts): readonly Misplaced[] {
  const { masters, wish } = facts;
  const [first = ''] = masters;
  const stays = new Set(wish.unprotected);
  return Object.entries(wish.homes)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([account, to]): readonly Misplaced[] => {
      const home = standing.homes[account] ?? first;
      if (home === to || !masters.includes(to)) return [];
      const now = stays.has(account) ? home : (standing.active[home] ?? home);
      const isGated = now !== to;
      return [{ account, from: isGated ? now : home, to, isGated, isAway: standing.active[to] !== undefined }];
    });
}

const fine = new Set(['steady', 'failed-over']);

function waiting(all: readonly Misplaced[], why: string): PlacementPlan {
  return { kind: 'wait', accounts: all.map(({ account }) => account), why };
}

/** What to do now about accounts that are not where they belong. At most one order a turn; after it all is looked at anew. */
export function planPlacement(facts: PlacementFacts): PlacementPlan {
  const { standing, states, masters, against, most } = facts;
  if (standing.kind === 'conflict') return { kind: 'in-place' };
  const all = misplaced(standing, facts);
  if (all.length === 0) return { kind: 'in-place' };
  if (against !== undefined) return waiting(all, against);
  const bad = masters.find((id) => !fine.has(states[id] ?? ''));
  if (bad !== undefined) return waiting(all, `${bad} is not seen serving for sure.`);
  const [next] = all.filter(({ isGated, isAway }) => !isGated || !isAway);
  if (next === undefined) return waiting(all, `What belongs to ${all[0]?.to ?? ''} is not back there yet.`);
  const alike = all.filter((one) => one.from === next.from && one.to === next.to && one.isGated === next.isGated);
  const accounts = alike.slice(0, most).map(({ account }) => account);
  return { kind: 'move', from: next.from, to: next.to, accounts, isGated: next.isGated };
}
